// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

// One line an event on stderr: `time= level= msg= key=value ...` as logfmt or JSON. Thread-safe.
// Values of rows and secrets never get here: callers log names, numbers and reasons.
namespace backproof::log {

enum class Level { debug, info, warn, error };
enum class Format { logfmt, json };

// Sets both for the whole process; before the first thread.
void configure(Level level, Format format);
std::string_view name_of(Level level);
Result<Level> level_named(std::string_view name);    // debug, info, warn, error
Result<Format> format_named(std::string_view name);  // logfmt, json

// One field; numbers are given as text.
struct Field {
  std::string_view key;
  std::string value;
};
using Fields = std::vector<Field>;

void debug(std::string_view message, const Fields& fields = {});
void info(std::string_view message, const Fields& fields = {});
void warn(std::string_view message, const Fields& fields = {});
void error(std::string_view message, const Fields& fields = {});

// A line without its end. Nothing in it can move a terminal's cursor.
std::string render(Format format, std::string_view time, Level level, std::string_view message,
                   const Fields& fields);

}  // namespace backproof::log
