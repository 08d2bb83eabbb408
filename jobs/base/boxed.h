// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace backproof {

// An optional whose value lies elsewhere, for what is large and often not there: of ten thousand
// targets each knows three runs, mostly the same one. Copies share the value until one of them is
// changed, which takes access that is not const. As thread-safe as an optional.
template <typename T>
class Boxed {
 public:
  Boxed() = default;
  Boxed(std::nullopt_t) {}
  Boxed(T value) : value_(std::make_shared<T>(std::move(value))) {}
  // What others have already, and do not change.
  explicit Boxed(std::shared_ptr<const T> value) : value_(std::const_pointer_cast<T>(value)) {}
  Boxed(std::optional<T> value) {
    if (value) value_ = std::make_shared<T>(*std::move(value));
  }

  bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  T& operator*() { return own(); }
  T* operator->() { return &own(); }
  T& emplace() {
    value_ = std::make_shared<T>();
    return *value_;
  }
  void reset() { value_.reset(); }
  bool operator==(const Boxed& other) const {
    return value_ == other.value_ || (value_ && other.value_ && *value_ == *other.value_);
  }

 private:
  T& own() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }
  std::shared_ptr<T> value_;
};

}  // namespace backproof
