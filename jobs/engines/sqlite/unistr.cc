// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/unistr.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace backproof {
namespace {

constexpr int first_with_unistr = 3'050'000;

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0U | c >> 6U);
  } else {
    if (c < 0x10000) {
      put(0xe0U | c >> 12U);
    } else {
      put(0xf0U | (c >> 18U & 0x07U));
      put(0x80U | (c >> 12U & 0x3fU));
    }
    put(0x80U | (c >> 6U & 0x3fU));
  }
  put(0x80U | (c & 0x3fU));
}

struct Escape {
  std::size_t prefix, digits;
};

// What follows a backslash.
Escape escape_at(std::string_view rest) {
  switch (rest.front()) {
    case 'u':
      return {1, 4};
    case '+':
      return {1, 6};
    case 'U':
      return {1, 8};
    default:
      return {0, 4};
  }
}

void unistr(sqlite3_context* context, int, sqlite3_value** values) {
  const unsigned char* bytes = sqlite3_value_text(values[0]);
  if (bytes == nullptr) return sqlite3_result_null(context);
  const std::string_view text(reinterpret_cast<const char*>(bytes),
                              static_cast<std::size_t>(sqlite3_value_bytes(values[0])));
  const auto plain = guarded(Cause::restore_error, "unistr", [&]() -> Result<std::string> {
    auto unescaped = unescape_unicode(text);
    if (!unescaped) return Error{Cause::restore_error, "invalid Unicode escape", ""};
    return *std::move(unescaped);
  });
  if (!plain && plain.error().cause == Cause::space) return sqlite3_result_error_nomem(context);
  if (!plain) return sqlite3_result_error(context, "invalid Unicode escape", -1);
  sqlite3_result_text64(context, plain.value().data(), plain.value().size(),
                        reinterpret_cast<sqlite3_destructor_type>(-1), SQLITE_UTF8);  // copies
}

}  // namespace

std::optional<std::string> unescape_unicode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t slash = std::min(text.find('\\'), text.size());
    out += text.substr(0, slash);
    text.remove_prefix(slash);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    if (text.front() == '\\') {
      out += '\\';
      text.remove_prefix(1);
      continue;
    }
    const auto [prefix, digits] = escape_at(text);
    if (text.size() < prefix + digits) return std::nullopt;
    const char* const first = text.data() + prefix;
    std::uint32_t c = 0;
    const auto [end, error] = std::from_chars(first, first + digits, c, 16);
    if (error != std::errc() || end != first + digits) return std::nullopt;
    append_utf8(out, c);
    text.remove_prefix(prefix + digits);
  }
  return out;
}

Result<void> provide_unistr(sqlite::Connection& connection) {
  if (sqlite3_libversion_number() >= first_with_unistr) return {};
  const int code = sqlite3_create_function_v2(connection.handle(), "unistr", 1,
                                              SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                              nullptr, unistr, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return connection.error("registering unistr");
  return {};
}

}  // namespace backproof
