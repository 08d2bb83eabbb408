// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

// Text for people and back: sizes, durations, times. All parsers are strict: the whole text must
// fit, and an error (cause internal) says what was expected with an example.
namespace backproof::text {

// "1h30m", "45s", "7d", "250ms", "2w": whole numbers with ms, s, m, h, d, w, largest first, each
// at most once; "0" is allowed. Refuses what does not fit 292 years.
Result<Duration> parse_duration(std::string_view s);
// The shortest exact form of the same language: 5400 s is "1h30m". Below 10 s with fractions:
// "1.234s", "12ms".
std::string format_duration(Duration d);

// "512", "64KiB", "1.5GiB", "20GB": bytes with optional binary or decimal unit.
Result<std::uintmax_t> parse_size(std::string_view s);
// "1.5 GiB" (three significant digits, binary units), "512 B".
std::string format_size(std::uintmax_t bytes);
// "1,234,567".
std::string format_count(std::uint64_t n);

// "1234567": decimal digits and nothing else. Nothing when it is not that, or does not fit.
std::optional<std::uint64_t> parse_count(std::string_view s);

// "2026-11-23T14:34:54Z", with fraction only when not zero ("...54.250Z").
std::string format_time(TimePoint t);
// RFC 3339 with "Z" or an offset.
Result<TimePoint> parse_time(std::string_view s);

// `s` fit for a terminal, a log line or an error text: control characters, escape sequences and
// bytes that are not UTF-8 become \n, \t, \xNN; longer than `limit` bytes is cut with "...".
std::string printable(std::string_view s, std::size_t limit = 400);

// A name fit for SQL as an identifier: in double quotes, doubled inside.
std::string quote_identifier(std::string_view name);
// A shell word: in single quotes where needed. For hints that people copy, never for execution.
std::string quote_shell(std::string_view word);

std::string lower(std::string_view s);
std::string_view trim(std::string_view s);
std::vector<std::string_view> split(std::string_view s, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
// "1 table", "2 tables".
std::string plural(std::uint64_t n, std::string_view noun);

// The one of `known` that `word` was probably meant to be (edit distance at most 2 and under half
// of its length); empty when none is near. For "did you mean".
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace backproof::text
