// SPDX-License-Identifier: Apache-2.0
// CivetWeb 1.15 opens "libssl.so", a name that only development packages bring, and asks it for
// SSL_get_peer_certificate, which OpenSSL 3 calls SSL_get1_peer_certificate. This is a library of
// that name: everything else comes from libssl.so.3, to which it is linked.
#include <openssl/ssl.h>

#undef SSL_get_peer_certificate

extern "C" __attribute__((visibility("default"))) X509* SSL_get_peer_certificate(const SSL* ssl);

X509* SSL_get_peer_certificate(const SSL* ssl) {
  return SSL_get1_peer_certificate(ssl);
}
