// SPDX-License-Identifier: Apache-2.0
#include "support/support.h"

#include <fstream>

#include "base/process.h"
#include "base/text.h"

namespace backproof::test {

Folder::Folder()
    : dir_(TempDir::create(std::filesystem::temp_directory_path(), "backproof-test-").value()) {
  // Started by root, a worker gives up its rights and must still be able to pass through.
  std::filesystem::permissions(dir_.path(), std::filesystem::perms(0711));
}

Path Folder::write(std::string_view name, std::string_view content) const {
  const Path file = dir_.path() / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
  return file;
}

TimePoint at(std::string_view rfc3339) {
  const auto time = text::parse_time(rfc3339);
  REQUIRE(time);
  return *time;
}

std::string sh(const std::string& script) {
  const auto output = run({{"/bin/bash", "-euo", "pipefail", "-c", script}, {}, ""},
                          std::chrono::minutes(5), 64U << 20U);
  REQUIRE(output);
  INFO(script << "\n" << output->err);
  REQUIRE(output->ended.ok());
  return output->out;
}

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

std::string Random::bytes(std::size_t n) {
  std::string s(n, '\0');
  for (char& c : s) c = static_cast<char>(next());
  return s;
}

}  // namespace backproof::test
