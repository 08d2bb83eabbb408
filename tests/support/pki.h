// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "support/support.h"

namespace backproof::test {

// A certificate authority in a folder, and what it signs, all made by the openssl program:
// FOLDER/NAME.pem and FOLDER/NAME.key. Its own certificate is under the name it was given.
class Authority {
 public:
  Authority(const Folder& folder, std::string name);
  // A certificate for 127.0.0.1 and localhost.
  void sign_server(const std::string& name) const;
  // One for clients, with the DNS name NAME.example.org.
  void sign_client(const std::string& name) const;

 private:
  void sign(const std::string& name, const std::string& extensions) const;
  const Path folder_;
  const std::string name_;
};

// The bcrypt hash (cost 4, as cheap as it gets) of "secret", and the header that shows it for the
// user "prometheus".
inline constexpr const char* hash_of_secret =
    "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
inline constexpr const char* header_of_secret = "Basic cHJvbWV0aGV1czpzZWNyZXQ=";

}  // namespace backproof::test
