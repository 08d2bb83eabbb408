// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot.h"

#include <algorithm>

namespace backproof {

const TargetState* find_target(const Snapshot& snapshot, std::string_view name) {
  const auto found = std::ranges::find_if(
      snapshot.targets, [name](const TargetState& state) { return state.target->name == name; });
  return found == snapshot.targets.end() ? nullptr : &*found;
}

}  // namespace backproof
