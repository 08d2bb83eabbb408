// SPDX-License-Identifier: Apache-2.0
// Any text, in pieces of any size: the splitter must find the same statements as at once, and never
// look at a byte twice or beyond the end.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engines/sql_splitter.h"

namespace {

std::vector<std::size_t> ends(std::string_view sql, std::size_t step) {
  std::vector<std::size_t> found;
  backproof::SqlSplitter splitter;
  std::size_t begin = 0;
  for (std::size_t have = 0; have < sql.size();) {
    have = std::min(sql.size(), have + step);
    while (const auto end = splitter.end_of(sql.substr(begin, have - begin))) {
      if (*end == 0 || *end > have - begin || sql[begin + *end - 1] != ';') std::abort();
      begin += *end;
      found.push_back(begin);
      splitter.restart();
    }
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  if (ends(sql, size) != ends(sql, 1 + data[0] % 7)) std::abort();
  if (backproof::first_keyword(sql).size() > 32) std::abort();
  return 0;
}
