// SPDX-License-Identifier: Apache-2.0
#include "runner/survey.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "runner/manifest_beside.h"

namespace backproof {
namespace {

constexpr int most_failures = 3;
// The rest is looked at the next time: who takes longer is taken for one that hangs.
constexpr std::chrono::seconds longest_looks{20};

// What heads say, from the history and by looking.
class Heads {
 public:
  Heads(const Target& target, HistoryStore& history, const Looker& looker, std::size_t& looks)
      : target_(target), history_(history), looker_(looker), looks_(looks) {
    auto known = history.looks_of(target.name);
    if (!known)
      log::warn("what heads of backups say cannot be read",
                {{"target", target.name}, {"error", known.error().text}});
    if (known)
      for (Look& look : *known) known_.emplace(look.id, std::move(look));
  }

  // Null where it was not looked at.
  const Look* of(const Backup& backup) {
    const auto known = known_.find(backup.id);
    if (known != known_.end() && known->second.version == backup.version) return &known->second;
    if (!looker_ || backup.version.empty()) return nullptr;
    if (failures_ >= most_failures) return untold(backup);
    if (looks_ == 0 || watch_.took() > longest_looks) {
      complete_ = false;
      return nullptr;
    }
    --looks_;
    auto look = looker_(target_, backup);
    failures_ = look ? 0 : failures_ + 1;
    if (!look) {
      why_ = look.error().text;
      return untold(backup);
    }
    changed_ = true;
    return &(known_[backup.id] = *std::move(look));
  }

  // Of backups that are there still.
  void keep(const std::vector<Backup>& backups, TimePoint now) {
    if (!changed_) return;
    std::vector<Look> looks;
    for (const Backup& backup : backups)
      if (const auto found = known_.find(backup.id); found != known_.end())
        looks.push_back(found->second);
    if (const auto kept = history_.keep_looks(target_.name, looks, now); !kept)
      log::warn("what heads of backups say cannot be kept",
                {{"target", target_.name}, {"error", kept.error().text}});
  }
  bool complete() const { return complete_; }

 private:
  // Not kept: it may be possible the next time.
  const Look* untold(const Backup& backup) {
    untold_ = {backup.id, backup.version, {}, {}, "it could not be looked at: " + why_};
    return &untold_;
  }

  const Target& target_;
  HistoryStore& history_;
  const Looker& looker_;
  std::size_t& looks_;
  std::map<std::string, Look> known_;
  Look untold_;
  std::string why_;
  const Stopwatch watch_;
  int failures_ = 0;
  bool changed_ = false, complete_ = true;
};

// A manifest under a name of the target's own looks like a backup to the source. One that is there
// belongs to what is known by a backup's version: it may come later.
void tell_manifests(std::vector<Backup>& backups, const std::string& pattern) {
  std::set<Path> manifests;
  for (Backup& backup : backups) {
    if (backup.path.empty()) continue;
    const Path path = manifest_path(backup.path, pattern);
    struct stat st {};
    if (stat(path.c_str(), &st) != 0) continue;
    manifests.insert(path);
    for (const std::int64_t part :
         {static_cast<std::int64_t>(st.st_ino), std::int64_t{st.st_size}, st.st_mtim.tv_sec,
          st.st_mtim.tv_nsec, st.st_ctim.tv_sec, st.st_ctim.tv_nsec})
      backup.version += ' ' + std::to_string(part);
  }
  std::erase_if(backups, [&](const Backup& backup) {
    return !backup.path.empty() && manifests.contains(backup.path);
  });
}

void date(Backup& backup, const Look& look, TimePoint now, std::vector<std::string>& notes) {
  const std::string name = text::printable(backup.id);
  const std::pair<Evidence, const std::optional<TimeClaim>&> claims[] = {
      {Evidence::content, look.content}, {Evidence::manifest, look.manifest}};
  if (!look.trouble.empty()) notes.push_back(name + ": " + look.trouble);
  for (const auto& [evidence, claim] : claims) {
    if (!claim) continue;
    if (!is_believable(*claim, now)) {
      notes.push_back(name + ": its " + std::string(name_of(evidence)) + " says " +
                      text::format_time(claim->at) + ", which is not believed");
      continue;
    }
    backup.created = resolved(*claim, backup.modified, now);
    backup.evidence = evidence;
    return;
  }
}

}  // namespace

Result<Survey> survey(const Plan& plan, HistoryStore& history, const Looker& looker, TimePoint now,
                      std::size_t& looks, const std::stop_token& stop) {
  TRY_ASSIGN(Listing listing, plan.source->list(now, stop));
  Survey found{std::move(listing.backups), std::move(listing.skipped), true, listing.again};
  tell_manifests(found.backups, plan.target.manifest);
  const Looker nobody;
  Heads heads(plan.target, history, plan.source->fetches() ? nobody : looker, looks);
  for (Backup& backup : found.backups)
    if (const Look* look = heads.of(backup)) date(backup, *look, now, found.notes);
  heads.keep(found.backups, now);
  found.complete = heads.complete();
  std::ranges::sort(found.backups, [](const Backup& a, const Backup& b) {
    return std::tie(a.created, a.modified, a.id) > std::tie(b.created, b.modified, b.id);
  });
  for (Backup& backup : found.backups) backup.newest = &backup == &found.backups.front();
  return found;
}

}  // namespace backproof
