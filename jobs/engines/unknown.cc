// SPDX-License-Identifier: Apache-2.0
#include "engines/unknown.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace backproof {
namespace {

struct Known {
  std::size_t offset;
  std::string_view magic;
  std::string_view what;
  bool encrypted;
};

using namespace std::string_view_literals;

constexpr std::array known{
    Known{0, "age-encryption.org/v1"sv, "a file encrypted with age", true},
    Known{0, "-----BEGIN AGE ENCRYPTED FILE-----"sv, "a file encrypted with age", true},
    Known{0, "-----BEGIN PGP MESSAGE-----"sv, "a file encrypted with OpenPGP", true},
    Known{0, "\x85\x01"sv, "a file encrypted with OpenPGP", true},
    Known{0, "\x85\x02"sv, "a file encrypted with OpenPGP", true},
    Known{0, "\x8c\x0d"sv, "a file encrypted with OpenPGP", true},
    Known{0, "Salted__"sv, "a file encrypted with openssl enc", true},
    Known{0, "PGDMP"sv, "a PostgreSQL archive", false},
    Known{0, "--\n-- PostgreSQL database"sv, "a PostgreSQL dump", false},
    Known{0, "-- MySQL dump"sv, "a MySQL dump", false},
    Known{0, "-- MariaDB dump"sv, "a MariaDB dump", false},
    Known{0, "/*M!999999\\- enable the sandbox mode */"sv, "a MariaDB dump", false},
    Known{257, "ustar"sv, "a tar archive", false},
    Known{0, "PK\x03\x04"sv, "a zip archive", false},
    Known{0, "\x02\x21\x4c\x18"sv, "an lz4 stream of the legacy format (lz4 -l)", false},
    Known{0, "\x5d\x00\x00"sv, "an lzma stream (.lzma)", false},
    Known{0, "\x1f\x9d"sv, "a compress stream (.Z)", false},
    Known{0, "LZIP"sv, "an lzip stream (.lz)", false},
    Known{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive", false},
};

// Bits per byte; encrypted or random content comes near 8, no database format does at its start.
double entropy_of(ByteView bytes) {
  std::array<double, 256> counts{};
  for (const unsigned char byte : bytes) counts[byte] += 1;
  double bits = 0;
  for (const double count : counts)
    if (count > 0) bits -= count / double(bytes.size()) * std::log2(count / double(bytes.size()));
  return bits;
}

// A byte order mark, and then letters of ASCII, of whose two bytes one is zero.
bool is_utf16(ByteView head) {
  if (head.size() < 4) return false;
  return (head[0] == 0xff && head[1] == 0xfe && head[2] != 0 && head[3] == 0) ||
         (head[0] == 0xfe && head[1] == 0xff && head[2] == 0 && head[3] != 0);
}

}  // namespace

Error unknown_content(ByteView head) {
  const std::string_view text = as_text(head);
  for (const Known& k : known) {
    if (text.size() < k.offset || !text.substr(k.offset).starts_with(k.magic)) continue;
    return {Cause::missing_tool, "the content is " + std::string(k.what),
            k.encrypted ? "the target's decrypt names the command that decrypts it: without the "
                          "key nothing can be said of it"
                        : "no engine here reads it; see backproof kinds"};
  }
  if (is_utf16(head))
    return {Cause::missing_tool, "the content is UTF-16 text, as PowerShell's > writes it",
            "write the dump as UTF-8: let sqlite3 write the file with .output, or use cmd's >"};
  if (head.size() >= 4096 && entropy_of(head) > 7.9)
    return {
        Cause::wrong_format,
        "the content is no known format and looks random: encrypted (SQLCipher?) or overwritten",
        "compare with an earlier backup of the same database"};
  if (std::all_of(head.begin(), head.end(), [](unsigned char c) { return c == 0; }))
    return {Cause::wrong_format, "the content begins with nothing but zero bytes", ""};
  return {Cause::wrong_format, "the content is no known database or dump format",
          "see backproof kinds for what is read"};
}

}  // namespace backproof
