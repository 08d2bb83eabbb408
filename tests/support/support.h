// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/catch.h"

#include <atomic>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"

namespace backproof::test {

// A folder of the test's own, gone when the test ends.
class Folder {
 public:
  Folder();
  const Path& path() const { return dir_.path(); }
  Path operator/(std::string_view name) const { return dir_.path() / name; }
  // Writes a file and returns its path.
  Path write(std::string_view name, std::string_view content) const;

 private:
  TempDir dir_;
};

// Time that stands still until it is told to move. Thread-safe.
class FakeClock : public Clock {
 public:
  explicit FakeClock(TimePoint start) : now_(start.time_since_epoch().count()) {}
  TimePoint now() const override { return TimePoint{Duration{now_.load()}}; }
  Duration elapsed() const override { return Duration{now_.load()}; }
  void advance(Duration d) { now_ += d.count(); }
  void set(TimePoint t) { now_ = t.time_since_epoch().count(); }

 private:
  std::atomic<Duration::rep> now_;
};

// "2026-11-23T14:34:54Z" as a time; fails the test when it is none.
TimePoint at(std::string_view rfc3339);

// A shell command of the test's own making: its stdout; fails the test when it does not exit 0.
std::string sh(const std::string& script);

// A deterministic pseudo-random sequence (splitmix64), the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  std::string bytes(std::size_t n);

 private:
  std::uint64_t state_;
};

}  // namespace backproof::test
