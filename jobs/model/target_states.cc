// SPDX-License-Identifier: Apache-2.0
#include "model/target_states.h"

#include "model/snapshot.h"

namespace backproof {

TargetStates::TargetStates(std::initializer_list<TargetState> states) {
  for (const TargetState& state : states) push_back(state);
}

TargetStates::TargetStates(std::vector<TargetState> states) {
  for (TargetState& state : states) push_back(std::move(state));
}

void TargetStates::resize(std::size_t size) {
  while (items_->size() < size) emplace_back();
  mine().resize(size);
}

void TargetStates::push_back(TargetState state) {
  mine().push_back(std::make_shared<TargetState>(std::move(state)));
}

TargetState& TargetStates::emplace_back() {
  push_back({});
  return *mine().back();
}

TargetStates::Items& TargetStates::mine() {
  if (items_.use_count() > 1) items_ = std::make_shared<Items>(*items_);
  return *items_;
}

TargetState& TargetStates::own(std::size_t i) {
  std::shared_ptr<TargetState>& item = mine().at(i);
  if (item.use_count() > 1) item = std::make_shared<TargetState>(*item);
  return *item;
}

}  // namespace backproof
