// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace backproof::web {
namespace {

int line_of(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : mark.line + 1;
}

// "?" and "!" are the library's own for plain and quoted text.
bool has_foreign_tag(const YAML::Node& node) {
  static const std::set<std::string, std::less<>> usual{"", "?", "!", "tag:yaml.org,2002:str"};
  return !usual.contains(node.Tag());
}

}  // namespace

void YamlReader::problem(const YamlEntry& entry, const std::string& text, std::string hint) {
  const std::string where = text::printable(entry.where, 200);
  problems_.push_back({entry.line, where.empty() ? text : where + ": " + text, std::move(hint)});
}

void YamlReader::document(std::string_view text, const Setters& known) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      problems_.push_back({line_of(documents[1].Mark()), "a second YAML document",
                           "the file is one document: remove the \"---\""});
    } else if (!documents.empty() && !documents[0].IsNull()) {
      mapping({"", "", line_of(documents[0].Mark()), std::make_shared<YAML::Node>(documents[0])},
              known);
    }
  } catch (const YAML::Exception& e) {
    problems_.push_back({line_of(e.mark),
                         "syntax error in column " + std::to_string(e.mark.column + 1) + ": " +
                             text::printable(e.msg),
                         ""});
  }
}

bool YamlReader::mapping(const YamlEntry& entry, const Setters& known) {
  std::vector<std::string> names;
  for (const auto& [name, setter] : known) names.push_back(name);
  return entries(entry, [&](const YamlEntry& found) {
    const auto setter = std::ranges::find(known, found.key, &std::pair<std::string, Setter>::first);
    if (setter != known.end()) {
      setter->second(found);
      return;
    }
    const std::string near = text::nearest(found.key, names);
    problems_.push_back({found.line,
                         (entry.where.empty() ? "" : entry.where + ": ") + "unknown key \"" +
                             text::printable(found.key, 80) + "\"",
                         near.empty() ? "known keys: " + text::join(names, ", ")
                                      : "did you mean \"" + near + "\"?"});
  });
}

bool YamlReader::entries(const YamlEntry& entry, const Setter& each) {
  if (!entry.value->IsMap() || has_foreign_tag(*entry.value)) {
    problem(entry, "expected keys with values", "write \"key: value\" lines, indented");
    return false;
  }
  std::set<std::string, std::less<>> seen;
  for (const auto& pair : *entry.value) {
    const int line = line_of(pair.first.Mark());
    if (!pair.first.IsScalar() || has_foreign_tag(pair.first)) {
      problems_.push_back({line, "a key that is no text", ""});
      continue;
    }
    const std::string key = pair.first.Scalar();
    const YamlEntry found{entry.where.empty() ? key : entry.where + ": " + key, key, line,
                          std::make_shared<YAML::Node>(pair.second)};
    if (seen.insert(key).second)
      each(found);
    else
      problem(found, "occurs twice", "keep one of both");
  }
  return true;
}

std::optional<std::string> YamlReader::text(const YamlEntry& entry) {
  const YAML::Node& node = *entry.value;
  if (node.IsNull() || (node.IsScalar() && node.Scalar().empty())) {
    problem(entry, "has no value", "give it one or remove the line");
  } else if (!node.IsScalar() || has_foreign_tag(node)) {
    problem(entry, "expected one value");
  } else {
    return node.Scalar();
  }
  return std::nullopt;
}

std::optional<bool> YamlReader::boolean(const YamlEntry& entry) {
  const auto word = text(entry);
  if (!word) return std::nullopt;
  if (*word == "true") return true;
  if (*word == "false") return false;
  problem(entry, "expected true or false");
  return std::nullopt;
}

std::optional<std::vector<std::string>> YamlReader::texts(const YamlEntry& entry) {
  if (!entry.value->IsSequence()) {
    problem(entry, "expected a list", "write each on a line of its own, as \"- VALUE\"");
    return std::nullopt;
  }
  std::vector<std::string> out;
  for (const auto& item : *entry.value) {
    const auto one =
        text({entry.where, entry.key, line_of(item.Mark()), std::make_shared<YAML::Node>(item)});
    if (one) out.push_back(*one);
  }
  return out;
}

}  // namespace backproof::web
