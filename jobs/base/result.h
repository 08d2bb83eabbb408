// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <concepts>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/cause.h"

namespace backproof {

// What went wrong, as a value. `text` is one lowercase fact without a period that names the thing
// and the number; it never holds row values or secrets. `hint` says what a person can do about
// it, empty where nothing can be done.
struct Error {
  Cause cause = Cause::internal;
  std::string text;
  std::string hint;

  // "text; hint: ..." for people.
  std::string str() const { return hint.empty() ? text : text + "; hint: " + hint; }
  // The same error seen from further out: "doing: text".
  Error while_doing(std::string_view doing) const {
    return {cause, std::string(doing) + ": " + text, hint};
  }
};

// A value or an Error, spelled like std::expected (which GCC 12 does not have in C++20).
// Asking for what is not there is a programming error and asserts.
template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  Result() requires std::is_void_v<T>
  = default;
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <typename U>
  requires(!std::is_void_v<T> && std::convertible_to<U&&, Value> &&
           !std::same_as<std::remove_cvref_t<U>, Error> &&
           !std::same_as<std::remove_cvref_t<U>, Result>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  Value& value() & { return *checked(); }
  const Value& value() const& { return *const_cast<Result*>(this)->checked(); }
  Value&& value() && { return std::move(*checked()); }
  Value& operator*() & { return *checked(); }
  const Value& operator*() const& { return *const_cast<Result*>(this)->checked(); }
  Value&& operator*() && { return std::move(*checked()); }
  Value* operator->() { return checked(); }
  const Value* operator->() const { return const_cast<Result*>(this)->checked(); }

  const Error& error() const {
    assert(!has_value());
    return std::get<1>(state_);
  }

 private:
  Value* checked() {
    assert(has_value());
    return &std::get<0>(state_);
  }
  std::variant<Value, Error> state_;
};

// Hands an Error up: TRY(f()); or TRY_ASSIGN(auto x, f()); in a function that returns a Result.
#define BACKPROOF_CAT_(a, b) a##b
#define BACKPROOF_CAT(a, b) BACKPROOF_CAT_(a, b)
#define TRY(...)                                        \
  do {                                                  \
    if (auto try_result_ = (__VA_ARGS__); !try_result_) \
      return ::backproof::Error(try_result_.error());   \
  } while (false)
#define TRY_ASSIGN(target, ...)                                       \
  auto BACKPROOF_CAT(try_, __LINE__) = (__VA_ARGS__);                 \
  if (!BACKPROOF_CAT(try_, __LINE__))                                 \
    return ::backproof::Error(BACKPROOF_CAT(try_, __LINE__).error()); \
  target = *std::move(BACKPROOF_CAT(try_, __LINE__))

// The one bridge from exceptions of third-party code to values: calls `fn`, which returns a
// Result, and turns whatever it throws into an Error "doing: what()".
template <typename Fn>
std::invoke_result_t<Fn> guarded(Cause cause, std::string_view doing, Fn&& fn) {
  try {
    return std::forward<Fn>(fn)();
  } catch (const std::bad_alloc&) {
    return Error{Cause::space, std::string(doing) + ": out of memory", ""};
  } catch (const std::exception& e) {
    return Error{cause, std::string(doing) + ": " + e.what(), ""};
  }
}

// errno as text, thread-safe: "No such file or directory".
std::string errno_text(int number);

// "doing: errno text", with errno as it is when called.
Error errno_error(Cause cause, std::string_view doing);

}  // namespace backproof
