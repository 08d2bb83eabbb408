// SPDX-License-Identifier: Apache-2.0
#include "model/options.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace backproof {
namespace {

using Json = nlohmann::json;

// Deeper than anybody writes a configuration, and shallow enough for the stack.
constexpr int max_depth = 64;

std::string_view type_name(const Value& value) {
  struct Name {
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a float"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const List&) const { return "an array"; }
    std::string_view operator()(const Table&) const { return "a table"; }
  };
  return std::visit(Name{}, value.data);
}

Json json_of(const Value& value);
Json json_of(const Table& table) {
  Json json = Json::object();
  for (const auto& [key, value] : table) json[key] = json_of(value);
  return json;
}
Json json_of(const Value& value) {
  struct Make {
    Json operator()(const List& list) const {
      Json json = Json::array();
      for (const Value& item : list) json.push_back(json_of(item));
      return json;
    }
    Json operator()(const Table& table) const { return json_of(table); }
    Json operator()(const std::string& s) const { return s; }
    Json operator()(bool b) const { return b; }
    Json operator()(std::int64_t n) const { return n; }
    Json operator()(double n) const { return n; }
  };
  return std::visit(Make{}, value.data);
}

std::optional<Value> value_of(const Json& json, int depth);
std::optional<Table> table_of(const Json& json, int depth) {
  if (!json.is_object() || depth > max_depth) return std::nullopt;
  Table table;
  for (const auto& item : json.items()) {
    auto value = value_of(item.value(), depth + 1);
    if (!value) return std::nullopt;
    table.emplace(item.key(), *std::move(value));
  }
  return table;
}
std::optional<Value> value_of(const Json& json, int depth) {
  if (depth > max_depth) return std::nullopt;
  if (json.is_boolean()) return Value{json.get<bool>()};
  if (json.is_string()) return Value{json.get<std::string>()};
  if (json.is_number_float()) return Value{json.get<double>()};
  if (json.is_number_unsigned()) {
    const auto n = json.get<std::uint64_t>();
    if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return std::nullopt;
    return Value{static_cast<std::int64_t>(n)};
  }
  if (json.is_number_integer()) return Value{json.get<std::int64_t>()};
  if (json.is_object()) {
    auto table = table_of(json, depth);
    if (!table) return std::nullopt;
    return Value{*std::move(table)};
  }
  if (!json.is_array()) return std::nullopt;
  List list;
  for (const Json& item : json) {
    auto value = value_of(item, depth + 1);
    if (!value) return std::nullopt;
    list.push_back(*std::move(value));
  }
  return Value{std::move(list)};
}

const Table& no_table() {
  static const Table empty;
  return empty;
}

}  // namespace

std::string to_json(const Table& table) {
  return json_of(table).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Table> table_from_json(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  return table_of(document, 0);
}

Options::Options(const Table& table, int line, std::string where, Problems& problems)
    : table_(&table), line_(line), where_(std::move(where)), problems_(&problems) {}

const Value* Options::take(std::string_view key, std::string_view type, std::string fallback,
                           bool is_required) {
  if (std::ranges::find(known_, key, &KnownOption::key) == known_.end())
    known_.push_back({std::string(key), std::string(type), std::move(fallback), is_required});
  const auto found = table_->find(key);
  return found == table_->end() ? nullptr : &found->second;
}

bool Options::has(std::string_view key) const {
  return table_->find(key) != table_->end();
}

int Options::line_of(std::string_view key) const {
  const auto found = table_->find(key);
  return found == table_->end() || found->second.line == 0 ? line_ : found->second.line;
}

void Options::problem(std::string_view key, const std::string& text, std::string hint) {
  std::string whole = where_.empty() ? "" : where_ + ": ";
  if (!key.empty()) whole += text::printable(key, 80) + ": ";
  problems_->push_back({line_of(key), whole + text, std::move(hint)});
}

void Options::passing_problem(std::string_view key, const std::string& text, std::string hint) {
  problem(key, text, std::move(hint));
  problems_->back().passing = true;
}

namespace {

// The value as a T, or a problem that names what it is instead.
template <typename T>
const T* typed(Options& options, std::string_view key, const Value* value, std::string_view wanted,
               std::string_view example) {
  if (value == nullptr) return nullptr;
  if (const T* typed_value = std::get_if<T>(&value->data)) return typed_value;
  options.problem(key,
                  "expected " + std::string(wanted) + ", got " + std::string(type_name(*value)),
                  "write it like " + std::string(key) + " = " + std::string(example));
  return nullptr;
}

// A text read by `parse`, or its complaint as a problem.
template <typename T>
T parsed(Options& options, std::string_view key, const std::string* value, T fallback,
         Result<T> (*parse)(std::string_view)) {
  if (value == nullptr) return fallback;
  const Result<T> result = parse(*value);
  if (result) return *result;
  options.problem(key, result.error().text, result.error().hint);
  return fallback;
}

// As TOML; an empty text is none.
std::string as_toml(const std::string& fallback) {
  return fallback.empty() ? "" : '"' + fallback + '"';
}

std::vector<std::string> shown_choices(const std::vector<std::string>& allowed) {
  std::vector<std::string> shown;
  for (const std::string& choice : allowed) shown.push_back(as_toml(choice));
  return shown;
}

std::optional<PlainValue> plain_of(const Value& value) {
  using Kind = PlainValue::Kind;
  if (const auto* text = std::get_if<std::string>(&value.data)) return {{Kind::text, *text}};
  if (const auto* number = std::get_if<std::int64_t>(&value.data))
    return {{Kind::number, std::to_string(*number)}};
  if (const auto* truth = std::get_if<bool>(&value.data))
    return {{Kind::truth, *truth ? "true" : "false"}};
  return std::nullopt;
}

}  // namespace

bool Options::boolean(std::string_view key, bool fallback) {
  const bool* value = typed<bool>(*this, key, take(key, "boolean", fallback ? "true" : "false"),
                                  "a boolean", "true");
  return value == nullptr ? fallback : *value;
}

std::int64_t Options::integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                              std::int64_t max) {
  const auto* value =
      typed<std::int64_t>(*this, key, take(key, "integer", std::to_string(fallback)), "an integer",
                          std::to_string(fallback));
  if (value == nullptr) return fallback;
  if (*value >= min && *value <= max) return *value;
  problem(key, "expected an integer from " + std::to_string(min) + " to " + std::to_string(max) +
                   ", got " + std::to_string(*value));
  return fallback;
}

std::string Options::string(std::string_view key, const std::string& fallback) {
  const auto* value =
      typed<std::string>(*this, key, take(key, "string", as_toml(fallback)), "a string", "\"...\"");
  return value == nullptr ? fallback : *value;
}

std::string Options::required_string(std::string_view key) {
  const Value* value = take(key, "string", "", true);
  if (value == nullptr) {
    problem("", "missing key \"" + std::string(key) + "\"",
            "add " + std::string(key) + " = \"...\"");
    return "";
  }
  const auto* text = typed<std::string>(*this, key, value, "a string", "\"...\"");
  return text == nullptr ? "" : *text;
}

Duration Options::duration(std::string_view key, Duration fallback) {
  const auto* value = typed<std::string>(
      *this, key,
      take(key, "duration", fallback == Duration{} ? "" : as_toml(text::format_duration(fallback))),
      "a duration as a string", "\"36h\"");
  return parsed(*this, key, value, fallback, text::parse_duration);
}

std::uintmax_t Options::size(std::string_view key, std::uintmax_t fallback) {
  const Value* value = take(key, "size", fallback == 0 ? "" : as_toml(text::format_size(fallback)));
  if (value == nullptr) return fallback;
  if (const auto* number = std::get_if<std::int64_t>(&value->data)) {
    if (*number >= 0) return static_cast<std::uintmax_t>(*number);
    problem(key, "expected a size, got " + std::to_string(*number), "a size cannot be negative");
    return fallback;
  }
  const auto* text = typed<std::string>(*this, key, value, "a size as a string", "\"20GiB\"");
  return parsed(*this, key, text, fallback, text::parse_size);
}

std::string Options::choice(std::string_view key, std::string fallback,
                            const std::vector<std::string>& allowed) {
  const std::string example = '"' + (allowed.empty() ? fallback : allowed.front()) + '"';
  const auto* value = typed<std::string>(
      *this, key, take(key, text::join(shown_choices(allowed), " or "), as_toml(fallback)),
      "a string", example);
  if (value == nullptr) return fallback;
  if (std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return *value;
  const std::string near = text::nearest(*value, allowed);
  problem(key,
          "expected one of " + text::join(allowed, ", ") + ", got \"" +
              text::printable(*value, 80) + "\"",
          near.empty() ? "" : "did you mean \"" + near + "\"?");
  return fallback;
}

std::vector<std::string> Options::strings(std::string_view key) {
  std::vector<std::string> out;
  const auto* list =
      typed<List>(*this, key, take(key, "array of strings"), "an array of strings", "[\"...\"]");
  if (list == nullptr) return out;
  for (const Value& item : *list) {
    if (const auto* text = std::get_if<std::string>(&item.data)) {
      out.push_back(*text);
      continue;
    }
    problem(key, "expected an array of strings, got " + std::string(type_name(item)) + " in it");
  }
  return out;
}

std::vector<std::string> Options::required_strings(std::string_view key, const std::string& missing,
                                                   const std::string& example) {
  auto out = strings(key);
  if (out.empty()) problem(key, missing, std::string(key) + " = " + example);
  return out;
}

std::optional<PlainValue> Options::plain(std::string_view key) {
  const Value* value = take(key, "string, integer or boolean");
  if (value == nullptr) return std::nullopt;
  auto plain = plain_of(*value);
  if (!plain)
    problem(key,
            "expected a string, an integer or a boolean, got " + std::string(type_name(*value)));
  return plain;
}

std::vector<std::vector<PlainValue>> Options::rows(std::string_view key) {
  std::vector<std::vector<PlainValue>> out;
  const auto* list =
      typed<List>(*this, key, take(key, "array of rows"), "an array of rows", "[[\"eu\", 3]]");
  if (list == nullptr) return out;
  for (const Value& row : *list) {
    const auto* cells = std::get_if<List>(&row.data);
    if (cells == nullptr) {
      problem(key, "expected an array of rows, got " + std::string(type_name(row)) + " in it",
              "a row is an array, too: [[\"eu\", 3]]");
      continue;
    }
    auto& values = out.emplace_back();
    for (const Value& cell : *cells) {
      const auto plain = plain_of(cell);
      if (!plain) problem(key, "a row holds " + std::string(type_name(cell)));
      values.push_back(plain.value_or(PlainValue()));
    }
  }
  return out;
}

const Table& Options::table(std::string_view key) {
  const auto* value = typed<Table>(*this, key, take(key, "table"), "a table", "{ ... }");
  return value == nullptr ? no_table() : *value;
}

std::vector<const Table*> Options::tables(std::string_view key) {
  const Value* value = take(key, "array of tables");
  if (value == nullptr) return {};
  if (const auto* one = std::get_if<Table>(&value->data)) return {one};
  std::vector<const Table*> out;
  const auto* list = typed<List>(*this, key, value, "an array of tables", "[{ ... }]");
  if (list == nullptr) return out;
  for (const Value& item : *list) {
    if (const auto* one = std::get_if<Table>(&item.data)) {
      out.push_back(one);
      continue;
    }
    problem(key, "expected an array of tables, got " + std::string(type_name(item)) + " in it");
  }
  return out;
}

void Options::finish() {
  std::vector<std::string> names;
  for (const KnownOption& option : known_) names.push_back(option.key);
  for (const auto& [key, value] : *table_) {
    if (std::ranges::find(names, key) != names.end()) continue;
    const std::string near = text::nearest(key, names);
    const std::string hint = near.empty() ? names.empty() ? "there are no keys here"
                                                          : "known keys: " + text::join(names, ", ")
                                          : "did you mean \"" + near + "\"?";
    problem("", "unknown key \"" + text::printable(key, 80) + "\"", hint);
    problems_->back().line = line_of(key);
  }
}

}  // namespace backproof
