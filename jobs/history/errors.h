// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "base/result.h"

namespace backproof::history {

// The same error as one of the history. Its cause is space or internal: a damaged history says
// nothing about a backup, and must never be taken for a verdict on one.
Error of_history(const Error& error);

// What `fn` returns, an Error as one of the history.
template <typename Fn>
std::invoke_result_t<Fn> told(Fn&& fn) {
  auto result = std::forward<Fn>(fn)();
  if (!result) return of_history(result.error());
  return result;
}

}  // namespace backproof::history
