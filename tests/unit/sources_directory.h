// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "sources/source.h"
#include "support/support.h"

// A directory source over a folder of the test's own, and what it says.
namespace backproof::test {

struct Made {
  std::unique_ptr<Source> source;
  Problems problems;
};

inline Made make(const Table& table) {
  Made made;
  Options options(table, 3, "target \"crm\"", made.problems);
  made.source = all_sources().front()->make(options);
  options.finish();
  return made;
}

// Without settling unless asked for: the tests' files are all young.
inline std::unique_ptr<Source> directory(const Path& path, Table more = {}) {
  more.insert({"path", {path.native(), 4}});
  more.insert({"settle", {std::string("0s"), 5}});
  Made made = make(more);
  for (const Problem& problem : made.problems) FAIL(problem.text);
  return std::move(made.source);
}

inline TimePoint now() {
  return system_clock().now();
}

inline Listing listing_of(const Source& source) {
  auto listing = source.list(now());
  INFO((listing ? "" : listing.error().str()));
  REQUIRE(listing);
  return *std::move(listing);
}

inline std::vector<std::string> ids(const Listing& listing) {
  std::vector<std::string> all;
  for (const Backup& backup : listing.backups) all.push_back(backup.id);
  return all;
}

using Names = std::vector<std::string>;

inline bool notes(const Listing& listing, std::string_view note) {
  const bool found = std::any_of(listing.skipped.begin(), listing.skipped.end(),
                                 [&](const std::string& line) { return line.starts_with(note); });
  for (const std::string& line : listing.skipped) UNSCOPED_INFO(line);
  CHECK(found);
  return found;
}

inline void set_mtime(const Path& file, TimePoint time) {
  const auto micros = time.time_since_epoch().count();
  const timespec t{micros / 1'000'000, (micros % 1'000'000) * 1000};
  const timespec both[2] = {t, t};
  REQUIRE(utimensat(AT_FDCWD, file.c_str(), both, 0) == 0);
}

inline std::string content_of(const Fd& fd) {
  std::string content(1000, '\0');
  const ssize_t n = read(fd.get(), content.data(), content.size());
  REQUIRE(n >= 0);
  content.resize(static_cast<std::size_t>(n));
  return content;
}

}  // namespace backproof::test
