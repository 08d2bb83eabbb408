// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "base/result.h"

namespace backproof::history {

// What a person does with a damaged history.
inline constexpr std::string_view repair_hint =
    "stop backproof; backproof history repair --config.file FILE sets the file aside and recovers "
    "what can be read";

// The same error as one of the history. Its cause is space or internal: a damaged history says
// nothing about a backup, and must never be taken for a verdict on one.
Error of_history(const Error& error);

// A document of the history, read again; one that cannot be was damaged since it was written.
template <typename T>
Result<T> understood(Result<T> record) {
  if (record) return record;
  return Error{Cause::damaged, "a record cannot be understood", ""};
}

// What `fn` returns, an Error as one of the history.
template <typename Fn>
std::invoke_result_t<Fn> told(Fn&& fn) {
  auto result = std::forward<Fn>(fn)();
  if (!result) return of_history(result.error());
  return result;
}

}  // namespace backproof::history
