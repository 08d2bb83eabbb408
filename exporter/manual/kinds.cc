// SPDX-License-Identifier: Apache-2.0
#include "exporter/manual/kinds.h"

#include "checks/check.h"
#include "engines/engine.h"
#include "sources/source.h"

namespace backproof::manual {
namespace {

// A kind says what it knows by asking for it, also of an empty table.
template <typename AnyKind>
std::vector<Kind> described(const std::vector<const AnyKind*>& all) {
  std::vector<Kind> kinds;
  for (const AnyKind* kind : all) {
    Problems missing;
    const Table nothing;
    Options options(nothing, 0, "", missing);
    (void)kind->make(options);
    kinds.push_back({kind->name, kind->summary, kind->example, options.known()});
  }
  return kinds;
}

}  // namespace

std::vector<KindGroup> kind_groups() {
  return {{"sources", "where backups appear", described(all_sources())},
          {"engines", "what can be restored, told apart by content", described(all_engines())},
          {"checks", "what a restored database is asked", described(all_checks())}};
}

std::string shown(const KnownOption& option) {
  std::string text = option.key + " (" + option.type;
  if (option.is_required) text += ", required";
  if (!option.fallback.empty()) text += ", " + option.fallback + " unless given";
  return text + ")";
}

}  // namespace backproof::manual
