// SPDX-License-Identifier: Apache-2.0
// A table of options as JSON, asked with every getter for every key; and the small languages of
// durations, sizes and times on any bytes.
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "model/options.h"

namespace {

using namespace backproof;

void ask(const Table& table) {
  Problems problems;
  Options options(table, 1, "fuzz", problems);
  for (const auto& [key, value] : table) {
    options.boolean(key, false);
    options.integer(key, 0, -10, 10);
    options.string(key, "");
    options.required_string(key);
    options.duration(key, {});
    options.size(key, 0);
    options.choice(key, "a", {"a", "b"});
    options.strings(key);
    options.table(key);
    for (const Table* one : options.tables(key)) ask(*one);
  }
  options.finish();
  Options(table, 1, "", problems).finish();
  for (const Problem& problem : problems)
    if (problem.text.empty()) std::abort();
}

void small_languages(std::string_view text) {
  if (const auto duration = text::parse_duration(text)) {
    const std::string shown = text::format_duration(*duration);
    // Below ten seconds it is shown with fractions, which are not read.
    if (*duration >= std::chrono::seconds(10) && *text::parse_duration(shown) != *duration)
      std::abort();
  }
  if (const auto size = text::parse_size(text); size && text::format_size(*size).empty())
    std::abort();
  if (const auto time = text::parse_time(text))
    if (*time >= *text::parse_time("0000-01-01T00:00:00Z") &&
        *time <= *text::parse_time("9999-12-31T23:59:59.999999Z") &&
        *text::parse_time(text::format_time(*time)) != *time)
      std::abort();
  const std::string shown = text::printable(text);
  if (shown.size() > 400 || text::printable(shown) != shown) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  small_languages(text);
  const auto table = table_from_json(text);
  if (!table) return 0;
  ask(*table);
  const auto again = table_from_json(to_json(*table));
  if (!again || *again != *table) std::abort();
  return 0;
}
