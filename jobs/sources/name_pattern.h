// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace backproof {

// A glob for the names of backups (fnmatch(3): * ? [a-z] \x). Without a slash it is held against
// the file's name alone, with slashes against the path below the folder, part by part, where a
// part ** stands for any number of folders, also none. Bytes, not characters: names need not be
// UTF-8. Immutable; thread-safe.
class NamePattern {
 public:
  // `hidden`: it would match, were it not for a leading dot that the pattern does not spell.
  enum class Match { no, hidden, yes };

  explicit NamePattern(std::string_view pattern);
  // `path` is relative, with single slashes.
  Match match(std::string_view path) const;
  bool has_folders() const { return parts_.size() > 1; }
  // Some part begins with a dot: folders whose names do may hold matches.
  bool spells_dot() const;

 private:
  bool matches(const std::vector<std::string>& names, int flags) const;
  std::vector<std::string> parts_;
};

}  // namespace backproof
