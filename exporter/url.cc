// SPDX-License-Identifier: Apache-2.0
#include "exporter/url.h"

#include "base/text.h"
#include "exporter/utf8.h"

namespace backproof {
namespace {

constexpr std::size_t max_parameters = 16;
constexpr std::size_t max_value = 1024;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Error bad(std::string text) {
  return {Cause::internal, std::move(text), ""};
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' && plus == Plus::is_space ? ' ' : text[i];
    }
  }
  return out;
}

Result<Query> parse_query(std::string_view query) {
  Query parameters;
  for (const std::string_view part : text::split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const auto name = decode_percent(part.substr(0, equals), Plus::is_space);
    const auto value = decode_percent(
        equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1),
        Plus::is_space);
    if (!name || !value) return bad("the query is not valid percent-encoding");
    if (name->size() > max_value || value->size() > max_value)
      return bad("a query parameter is longer than " + std::to_string(max_value) + " bytes");
    if (!is_utf8(*name) || !is_utf8(*value)) return bad("the query is not valid UTF-8");
    if (name->find('\0') != std::string::npos || value->find('\0') != std::string::npos)
      return bad("the query holds a NUL");
    if (!parameters.emplace(*name, *value).second)
      return bad("query parameter \"" + text::printable(*name, 40) + "\" is given twice");
    if (parameters.size() > max_parameters) return bad("the query has too many parameters");
  }
  return parameters;
}

}  // namespace backproof
