// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/options.h"

namespace YAML {
class Node;
}

namespace backproof::web {

// One pair of a YAML mapping.
struct YamlEntry {
  std::string where;  // keys from the top, for problems: "tls_server_config: cert_file"
  std::string key;
  int line = 0;
  std::shared_ptr<const YAML::Node> value;
};

// Strict reading of YAML, with every fault as a problem with its line: syntax, keys that are
// unknown or occur twice, values that are missing or of another kind, tags, a second document. The
// only place that knows the YAML library. Lives shorter than `problems`.
class YamlReader {
 public:
  using Setter = std::function<void(const YamlEntry&)>;
  using Setters = std::vector<std::pair<std::string, Setter>>;

  explicit YamlReader(Problems& problems) : problems_(problems) {}

  // The text as one mapping with these keys; nothing is fine, too.
  void document(std::string_view text, const Setters& known);
  // The value as a mapping with these keys; each that is there is set, in the order of the file.
  // False when it is none.
  bool mapping(const YamlEntry& entry, const Setters& known);
  // The value as a mapping with keys of the user's own.
  bool entries(const YamlEntry& entry, const Setter& each);
  // A scalar that is not empty. Numbers are text, too.
  std::optional<std::string> text(const YamlEntry& entry);
  std::optional<bool> boolean(const YamlEntry& entry);
  std::optional<std::vector<std::string>> texts(const YamlEntry& entry);

  void problem(const YamlEntry& entry, const std::string& text, std::string hint = "");

 private:
  Problems& problems_;
};

}  // namespace backproof::web
