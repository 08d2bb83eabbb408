// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "base/clock.h"
#include "base/text.h"

namespace backproof::log {
namespace {

// The process's only global state: where and how its log goes.
std::atomic<Format> the_format{Format::logfmt};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = spdlog::stderr_logger_mt("backproof");
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Enough for both forms: printable() leaves only these two characters to escape.
std::string escaped(std::string_view raw) {
  std::string out;
  for (const char c : text::printable(raw, 4000)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string logfmt_value(std::string_view raw) {
  const std::string safe = escaped(raw);
  const bool bare = !safe.empty() && safe.find_first_of(" =\"\\") == std::string::npos;
  return bare ? safe : '"' + safe + '"';
}

void write(Level level, std::string_view message, const Fields& fields) {
  if (!logger().should_log(spdlog_level(level))) return;
  logger().log(spdlog_level(level), "{}",
               render(the_format, text::format_time(system_clock().now()), level, message, fields));
}

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

void configure(Level level, Format format) {
  logger().set_level(spdlog_level(level));
  the_format = format;
}

Result<Level> level_named(std::string_view name) {
  for (const Level level : {Level::debug, Level::info, Level::warn, Level::error})
    if (name_of(level) == name) return level;
  return Error{Cause::internal, "unknown log level " + text::quote_shell(name),
               "one of debug, info, warn, error"};
}

Result<Format> format_named(std::string_view name) {
  if (name == "logfmt") return Format::logfmt;
  if (name == "json") return Format::json;
  return Error{Cause::internal, "unknown log format " + text::quote_shell(name),
               "one of logfmt, json"};
}

std::string render(Format format, std::string_view time, Level level, std::string_view message,
                   const Fields& fields) {
  std::string line;
  if (format == Format::logfmt) {
    line = "time=" + std::string(time) + " level=" + std::string(name_of(level)) +
           " msg=" + logfmt_value(message);
    for (const Field& field : fields)
      line += ' ' + std::string(field.key) + '=' + logfmt_value(field.value);
    return line;
  }
  line = R"({"time":")" + std::string(time) + R"(","level":")" + std::string(name_of(level)) +
         R"(","msg":")" + escaped(message) + '"';
  for (const Field& field : fields)
    line += ",\"" + std::string(field.key) + "\":\"" + escaped(field.value) + '"';
  return line + '}';
}

void debug(std::string_view message, const Fields& fields) {
  write(Level::debug, message, fields);
}
void info(std::string_view message, const Fields& fields) {
  write(Level::info, message, fields);
}
void warn(std::string_view message, const Fields& fields) {
  write(Level::warn, message, fields);
}
void error(std::string_view message, const Fields& fields) {
  write(Level::error, message, fields);
}

}  // namespace backproof::log
