// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace backproof {

struct TargetState;

// A list of states that are shared with other lists for as long as nobody changes them, as is a
// whole list with its copies: ten thousand targets are published every second, and none or few of
// them have changed. Reads as a vector of values; whoever asks for one to change it gets one of its
// own. Not thread-safe, as a vector; the lists that share may live in different threads.
class TargetStates {
  using Items = std::vector<std::shared_ptr<TargetState>>;

 public:
  class const_iterator {
   public:
    using value_type = TargetState;
    using difference_type = std::ptrdiff_t;
    using reference = const TargetState&;
    using pointer = const TargetState*;
    using iterator_category = std::forward_iterator_tag;
    const_iterator() = default;
    explicit const_iterator(Items::const_iterator at) : at_(at) {}
    reference operator*() const { return **at_; }
    pointer operator->() const { return at_->get(); }
    const_iterator& operator++() {
      ++at_;
      return *this;
    }
    const_iterator operator++(int) { return const_iterator(at_++); }
    bool operator==(const const_iterator&) const = default;

   private:
    Items::const_iterator at_;
  };

  TargetStates() = default;
  TargetStates(std::initializer_list<TargetState> states);
  TargetStates(std::vector<TargetState> states);

  const_iterator begin() const { return const_iterator(items_->begin()); }
  const_iterator end() const { return const_iterator(items_->end()); }
  std::size_t size() const { return items_->size(); }
  bool empty() const { return items_->empty(); }
  const TargetState& operator[](std::size_t i) const { return *(*items_)[i]; }
  const TargetState& at(std::size_t i) const { return *items_->at(i); }
  const TargetState& front() const { return *items_->front(); }
  const TargetState& back() const { return *items_->back(); }

  void reserve(std::size_t size) { mine().reserve(size); }
  void clear() { mine().clear(); }
  void resize(std::size_t size);
  void push_back(TargetState state);
  // Shared: it is not changed any more, by whoever else holds it.
  void share(std::shared_ptr<TargetState> state) { mine().push_back(std::move(state)); }
  TargetState& emplace_back();
  // The one at this place, to be changed.
  TargetState& own(std::size_t i);

 private:
  Items& mine();

  std::shared_ptr<Items> items_ = std::make_shared<Items>();
};

}  // namespace backproof
