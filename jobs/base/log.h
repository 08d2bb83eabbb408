// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

// One line an event on stderr: `time= level= msg= key=value ...` as logfmt or JSON. Thread-safe.
// Values of rows and secrets never get here: callers log names, numbers and reasons.
namespace backproof::log {

enum class Level { debug, info, warn, error };
enum class Format { logfmt, json };

// Sets both for the whole process; before the first thread.
void configure(Level level, Format format);
Result<Level> level_named(std::string_view name);    // debug, info, warn, error
Result<Format> format_named(std::string_view name);  // logfmt, json

// One field; numbers are given as text.
struct Field {
  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

// The line that would be written, without its end: for tests.
std::string render(Format format, std::string_view time, Level level, std::string_view message,
                   Fields fields);

}  // namespace backproof::log
