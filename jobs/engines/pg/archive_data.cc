// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_data.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {

ArchiveEntries::ArchiveEntries(const ArchiveToc& toc) : toc_(toc), begun_(toc.entries.size()) {
  for (std::size_t i = 0; i < toc.entries.size(); ++i) {
    if (!toc.entries[i].has_data) continue;
    ids_.emplace(toc.entries[i].id, i);
    members_.emplace(toc.entries[i].member, i);
  }
}

Result<const ArchiveEntry*> ArchiveEntries::begin_at(std::size_t index) {
  const ArchiveEntry& entry = toc_.entries[index];
  if (begun_[index]) return Error{Cause::damaged, entry.str() + " has its data twice", ""};
  begun_[index] = true;
  return &entry;
}

Result<const ArchiveEntry*> ArchiveEntries::begin(std::int64_t id) {
  const auto found = ids_.find(id);
  if (found == ids_.end())
    return Error{Cause::damaged,
                 "there is data for entry " + std::to_string(id) +
                     ", for which the table of contents promises none",
                 ""};
  return begin_at(found->second);
}

Result<const ArchiveEntry*> ArchiveEntries::begin(std::string_view member) {
  const auto found = members_.find(member);
  if (found == members_.end())
    return Error{Cause::damaged,
                 "there is a member \"" + text::printable(member, 100) +
                     "\", which the table of contents does not know",
                 ""};
  return begin_at(found->second);
}

bool ArchiveEntries::begun(const ArchiveEntry& entry) const {
  return begun_[static_cast<std::size_t>(&entry - toc_.entries.data())];
}

const ArchiveEntry* ArchiveEntries::next_objects() const {
  for (std::size_t i = 0; i < begun_.size(); ++i)
    if (toc_.entries[i].has_data && holds_objects(toc_.entries[i]) && !begun_[i])
      return &toc_.entries[i];
  return nullptr;
}

Result<void> read_trailing(ArchiveInput& input, ArchiveEnd& end) {
  std::vector<unsigned char> dropped(64U << 10U);
  end.trailing_zeros = true;
  while (true) {
    TRY_ASSIGN(const std::size_t n, input.read(dropped));
    if (n == 0) break;
    end.trailing += n;
    end.trailing_zeros =
        end.trailing_zeros &&
        std::all_of(dropped.begin(), dropped.begin() + static_cast<std::ptrdiff_t>(n),
                    [](unsigned char b) { return b == 0; });
  }
  end.trailing_zeros = end.trailing_zeros && end.trailing > 0;
  return {};
}

}  // namespace backproof
