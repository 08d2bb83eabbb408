// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/tls.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <new>

#include "base/text.h"

namespace backproof::web {
namespace {

struct Free {
  void operator()(BIO* p) const { BIO_free_all(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// The reason of OpenSSL's last error, and none left over for the next who asks.
std::string ssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

// What OpenSSL copies into a connection before it can be switched, or knows nothing of. Lives as
// long as the context that it belongs to.
struct Policy {
  TlsSettings settings;
  std::function<TlsContext()> current;
};

void free_policy(void* /*parent*/, void* policy, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                 long /*number*/, void* /*argument*/) {
  delete static_cast<Policy*>(policy);
}

int policy_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_policy);
  return index;
}

const Policy& policy_of(const SSL_CTX* context) {
  return *static_cast<const Policy*>(SSL_CTX_get_ex_data(context, policy_index()));
}

TlsContext new_context(Policy policy) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  auto owned = std::make_unique<Policy>(std::move(policy));
  if (!context || SSL_CTX_set_ex_data(context.get(), policy_index(), owned.get()) != 1)
    throw std::bad_alloc();
  static_cast<void>(owned.release());
  // Those that Go's servers take, too. Each has a key of its own for every connection, so that a
  // stolen private key opens none that was recorded.
  if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES+SHA1") != 1)
    throw std::bad_alloc();
  // A session that is taken up again skips the client's certificate, also one that is no longer
  // trusted.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  return context;
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// As the toolkit compares them: names, mail addresses and URIs as they are, IP addresses as text.
std::string text_of(const GENERAL_NAME* name) {
  if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI)
    return text_of(name->d.ia5);
  if (name->type != GEN_IPADD) return "";
  const std::string bytes = text_of(name->d.iPAddress);
  std::array<char, INET6_ADDRSTRLEN> address{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if ((family == AF_INET6 && bytes.size() != 16) ||
      ::inet_ntop(family, bytes.data(), address.data(), address.size()) == nullptr)
    return "";
  return address.data();
}

bool has_allowed_san(const X509* certificate, const std::vector<std::string>& allowed) {
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string name = text_of(sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty() && std::ranges::find(allowed, name) != allowed.end()) return true;
  }
  return false;
}

int verify_client(X509_STORE_CTX* store, void* argument) noexcept {
  try {
    const TlsSettings& settings = static_cast<const Policy*>(argument)->settings;
    const bool verifies = settings.client_auth == ClientAuth::verify_if_given ||
                          settings.client_auth == ClientAuth::require_and_verify;
    if (verifies && X509_verify_cert(store) <= 0) return 0;
    if (settings.allowed_sans.empty() ||
        has_allowed_san(X509_STORE_CTX_get0_cert(store), settings.allowed_sans))
      return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  } catch (...) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
  }
  return 0;
}

// Fills a context from settings; the first thing that is wrong ends it.
class Filler {
 public:
  Filler(SSL_CTX* context, const TlsSettings& settings) : context_(context), settings_(settings) {}

  Result<void> certificate(const Pem& pem) {
    TRY_ASSIGN(const std::string text, read(pem));
    const auto chain = certificates(text);
    if (chain.empty()) return Error{Cause::internal, "holds no certificate", "it must be PEM"};
    if (SSL_CTX_use_certificate(context_, chain.front().get()) != 1)
      return Error{Cause::internal, "the certificate cannot be used: " + ssl_reason(), ""};
    for (std::size_t i = 1; i < chain.size(); ++i)
      if (SSL_CTX_add1_chain_cert(context_, chain[i].get()) != 1)
        return Error{Cause::internal, "the chain cannot be used: " + ssl_reason(), ""};
    return {};
  }

  Result<void> private_key(const Pem& pem) {
    TRY_ASSIGN(const std::string text, read(pem));
    const Owned<BIO> bio = bio_of(text);
    // Without a callback OpenSSL would ask the terminal.
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key)
      return Error{Cause::internal, "holds no private key that can be read: " + ssl_reason(),
                   "it must be PEM, without a passphrase"};
    if (SSL_CTX_use_PrivateKey(context_, key.get()) != 1 ||
        SSL_CTX_check_private_key(context_) != 1)
      return Error{Cause::internal, "the key is not that of the certificate: " + ssl_reason(),
                   "cert_file and key_file belong together"};
    return {};
  }

  Result<void> authorities(const Pem& pem) {
    TRY_ASSIGN(const std::string text, read(pem));
    const auto trusted = certificates(text);
    if (trusted.empty()) return Error{Cause::internal, "holds no certificate", "it must be PEM"};
    X509_STORE* store = SSL_CTX_get_cert_store(context_);
    // Whoever is in the file is trusted, also an authority below another, as with Go's servers.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    // An authority's extensions are worked out when first needed, and kept: now, by one thread.
    for (const auto& authority : trusted)
      if (X509_check_purpose(authority.get(), -1, 0) != 1 ||
          X509_STORE_add_cert(store, authority.get()) != 1 ||
          SSL_CTX_add_client_CA(context_, authority.get()) != 1)
        return Error{Cause::internal, "an authority cannot be used: " + ssl_reason(), ""};
    return {};
  }

  // IANA's names, as Go calls them, to OpenSSL's.
  Result<void> ciphers() {
    std::vector<std::string> names;
    const STACK_OF(SSL_CIPHER)* all = SSL_CTX_get_ciphers(context_);
    for (const std::string& wanted : settings_.ciphers) {
      const SSL_CIPHER* found = nullptr;
      for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
        const SSL_CIPHER* one = sk_SSL_CIPHER_value(all, i);
        const char* name = SSL_CIPHER_standard_name(one);
        if (name != nullptr && wanted == name) found = one;
      }
      if (found == nullptr || std::string_view(SSL_CIPHER_get_version(found)) == "TLSv1.3")
        return Error{
            Cause::internal,
            "\"" + text::printable(wanted, 80) + "\" is no cipher suite that can be chosen",
            "only those of TLS 1.2 can, for example TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
      names.emplace_back(SSL_CIPHER_get_name(found));
    }
    if (names.empty() || SSL_CTX_set_cipher_list(context_, text::join(names, ":").c_str()) == 1)
      return {};
    return Error{Cause::internal, "the cipher suites cannot be used: " + ssl_reason(), ""};
  }

 private:
  static Result<std::string> read(const Pem& pem) {
    if (pem.file.empty()) return pem.text;
    return read_file(pem.file, 1U << 20U);
  }

  static Owned<BIO> bio_of(const std::string& text) {
    Owned<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio) throw std::bad_alloc();
    return bio;
  }

  static std::vector<Owned<X509>> certificates(const std::string& text) {
    const Owned<BIO> bio = bio_of(text);
    std::vector<Owned<X509>> out;
    while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
      out.emplace_back(one);
    ERR_clear_error();  // the end is one
    return out;
  }

  SSL_CTX* context_;
  const TlsSettings& settings_;
};

int verify_mode(ClientAuth auth, bool demands) {
  if (auth == ClientAuth::none) return SSL_VERIFY_NONE;
  return demands ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_PEER;
}

int number_of(TlsVersion version) {
  return version == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

// Everything that a connection copied from its first context, from the one in force.
bool switch_to(SSL* ssl, SSL_CTX* context) {
  const TlsSettings& settings = policy_of(context).settings;
  if (SSL_set_SSL_CTX(ssl, context) == nullptr) return false;
  SSL_set_verify(ssl, verify_mode(settings.client_auth, settings.demands_certificate()), nullptr);
  if (settings.prefer_server_ciphers) SSL_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
  return SSL_set_min_proto_version(ssl, number_of(settings.min_version)) == 1 &&
         SSL_set_max_proto_version(ssl, number_of(settings.max_version)) == 1 &&
         (settings.curves.empty() ||
          SSL_set1_groups_list(ssl, text::join(settings.curves, ":").c_str()) == 1);
}

int greet(SSL* ssl, int* alert, void* argument) noexcept {
  try {
    const TlsContext context = static_cast<const Policy*>(argument)->current();
    if (context && switch_to(ssl, context.get())) return SSL_CLIENT_HELLO_SUCCESS;
  } catch (...) {
    // Out of memory: this connection ends.
  }
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

}  // namespace

TlsContext make_tls_context(const TlsSettings& settings, Problems& problems) {
  TlsContext context = new_context({settings, {}});
  SSL_CTX_set_cert_verify_callback(context.get(), verify_client,
                                   const_cast<Policy*>(&policy_of(context.get())));
  Filler filler(context.get(), settings);
  const auto good = [&](const std::string& key, int line, const Result<void>& result) {
    if (!result)
      problems.push_back(
          {line, "tls_server_config: " + key + ": " + result.error().text, result.error().hint});
    return result.has_value();
  };
  // A key is compared with its certificate, so it comes second, and only then.
  bool all = good(settings.cert.key, settings.cert.line, filler.certificate(settings.cert)) &&
             good(settings.key.key, settings.key.line, filler.private_key(settings.key));
  if (settings.client_ca.is_given())
    all &= good(settings.client_ca.key, settings.client_ca.line,
                filler.authorities(settings.client_ca));
  all &= good("cipher_suites", settings.line, filler.ciphers());
  return all ? context : nullptr;
}

TlsContext make_switching_context(std::function<TlsContext()> current) {
  TlsContext context = new_context({{}, std::move(current)});
  SSL_CTX_set_client_hello_cb(context.get(), greet, const_cast<Policy*>(&policy_of(context.get())));
  return context;
}

Result<void> load_tls_libraries() {
  std::error_code error;
  const Path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  // Installed beside bin/; built, or a copy, below the program's own folder.
  const std::array<Path, 2> places{folder.parent_path() / "lib/backproof",
                                   folder / "lib/backproof"};
  for (const char* name : {"libcrypto.so", "libssl.so"}) {
    if (std::ranges::none_of(places, [&](const Path& place) {
          return ::dlopen((place / name).c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
        }))
      return Error{Cause::internal,
                   "TLS needs " + std::string(name) + " of backproof, which is neither in " +
                       text::printable(places[0].native()) + " nor in " +
                       text::printable(places[1].native()),
                   "install it with the program, or leave out tls_server_config"};
  }
  return {};
}

}  // namespace backproof::web
