// SPDX-License-Identifier: Apache-2.0
#include "exporter/config_toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "base/text.h"

namespace backproof {
namespace {

// Deeper than anybody writes a configuration, and shallow enough for the stack.
constexpr int max_depth = 32;

int line_of(const toml::source_region& source) {
  return static_cast<int>(source.begin.line);
}

class Reader {
 public:
  explicit Reader(Problems& problems) : problems_(problems) {}

  Table table(const toml::table& from, int depth) {
    Table out;
    for (const auto& [key, node] : from) {
      // The key's own line: a table that is only implied by [a.b] has none.
      const int key_line = line_of(key.source());
      const int line = key_line == 0 ? line_of(node.source()) : key_line;
      out.emplace(std::string(key.str()), Value{data(node, line, depth + 1), line});
    }
    return out;
  }

 private:
  decltype(Value::data) data(const toml::node& node, int line, int depth) {
    if (depth > max_depth) return refuse(line, "is nested too deep", "");
    if (const auto* value = node.as_boolean()) return value->get();
    if (const auto* value = node.as_integer()) return std::int64_t{value->get()};
    if (const auto* value = node.as_floating_point()) return value->get();
    if (const auto* value = node.as_string()) return value->get();
    if (const auto* value = node.as_table()) return table(*value, depth);
    if (const auto* value = node.as_array()) return list(*value, line, depth);
    return refuse(line, "is a date or time, which no key takes", "put it in quotes");
  }

  List list(const toml::array& from, int line, int depth) {
    List out;
    for (const toml::node& node : from) {
      const int own = line_of(node.source());
      const int item_line = own == 0 ? line : own;
      out.push_back(Value{data(node, item_line, depth + 1), item_line});
    }
    return out;
  }

  std::string refuse(int line, std::string_view what, std::string hint) {
    problems_.push_back({line, "a value " + std::string(what), std::move(hint)});
    return "";
  }

  Problems& problems_;
};

}  // namespace

Table table_from_toml(std::string_view toml, Problems& problems) {
  const toml::parse_result parsed = toml::parse(toml);
  if (parsed) return Reader(problems).table(parsed.table(), 0);
  const toml::parse_error& error = parsed.error();
  problems.push_back({line_of(error.source()),
                      "syntax error in column " + std::to_string(error.source().begin.column) +
                          ": " + text::printable(error.description()),
                      ""});
  return {};
}

}  // namespace backproof
