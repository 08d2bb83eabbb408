// SPDX-License-Identifier: Apache-2.0
#include "support/pki.h"

#include "base/text.h"

namespace backproof::test {
namespace {

constexpr const char* new_key = " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ";

}  // namespace

Authority::Authority(const Folder& folder, std::string name)
    : folder_(folder.path()), name_(std::move(name)) {
  sh("cd " + text::quote_shell(folder_.native()) + " && openssl req -x509 -days 2 -subj /CN=" +
     name_ + new_key + name_ + ".key -out " + name_ + ".pem 2>/dev/null");
}

void Authority::sign(const std::string& name, const std::string& extensions) const {
  sh("cd " + text::quote_shell(folder_.native()) + " && openssl req -subj /CN=" + name + new_key +
     name + ".key -out " + name + ".csr 2>/dev/null && printf '" + extensions + "' > " + name +
     ".ext && openssl x509 -req -days 2 -in " + name + ".csr -CA " + name_ + ".pem -CAkey " +
     name_ + ".key -set_serial 0x$(openssl rand -hex 8) -extfile " + name + ".ext -out " + name +
     ".pem 2>/dev/null");
}

void Authority::sign_server(const std::string& name) const {
  sign(name, "subjectAltName=DNS:localhost,IP:127.0.0.1\\nextendedKeyUsage=serverAuth\\n");
}

void Authority::sign_client(const std::string& name) const {
  sign(name, "subjectAltName=DNS:" + name + ".example.org\\nextendedKeyUsage=clientAuth\\n");
}

}  // namespace backproof::test
