// SPDX-License-Identifier: Apache-2.0
#include "sources/name_pattern.h"

#include <fnmatch.h>

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : text::split(path, '/')) parts.emplace_back(part);
  return parts;
}

}  // namespace

NamePattern::NamePattern(std::string_view pattern) : parts_(parts_of(pattern)) {
  // "a/**" is everything below a.
  if (has_folders() && parts_.back() == "**") parts_.emplace_back("*");
}

bool NamePattern::spells_dot() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const std::string& part) { return part.starts_with('.'); });
}

// Where a part does not fit, the last ** takes one folder more and everything after it is tried
// again; earlier ones need no second try, so the work is at most parts times names.
bool NamePattern::matches(const std::vector<std::string>& names, int flags) const {
  std::size_t part = 0, name = 0;
  std::size_t retry_part = parts_.size(), retry_name = 0;
  while (name < names.size()) {
    // ** stands for folders: the file's own name is for the part after it.
    if (part + 1 < parts_.size() && parts_[part] == "**") {
      retry_part = ++part;
      retry_name = name;
    } else if (part < parts_.size() &&
               fnmatch(parts_[part].c_str(), names[name].c_str(), flags) == 0) {
      ++part;
      ++name;
    } else if (retry_part < parts_.size()) {
      part = retry_part;
      name = ++retry_name;
    } else {
      return false;
    }
  }
  return part == parts_.size();
}

NamePattern::Match NamePattern::match(std::string_view path) const {
  std::vector<std::string> names;
  if (has_folders())
    names = parts_of(path);
  else
    names.emplace_back(path.substr(path.rfind('/') + 1));
  if (matches(names, FNM_PERIOD)) return Match::yes;
  return matches(names, 0) ? Match::hidden : Match::no;
}

}  // namespace backproof
