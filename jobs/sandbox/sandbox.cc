// SPDX-License-Identifier: Apache-2.0
#include "sandbox/sandbox.h"

#include <algorithm>
#include <system_error>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::uintmax_t least_reserve = 64U << 20U;

std::uintmax_t less(std::uintmax_t a, std::uintmax_t b) {
  return a > b ? a - b : 0;
}

std::string bytes(std::uintmax_t n) {
  return text::format_count(n) + " bytes (" + text::format_size(n) + ")";
}

std::uintmax_t reserve_of(const Space& space) {
  return std::max(least_reserve, space.size / 100);
}

}  // namespace

std::uintmax_t usable(const Space& space) {
  return less(space.available, reserve_of(space));
}

Result<Sandbox> Sandbox::open(const Path& folder, std::uintmax_t budget) {
  std::error_code error;
  const bool empty = std::filesystem::is_empty(folder, error);
  if (error || !std::filesystem::is_directory(folder, error))
    return Error{Cause::internal,
                 "cannot open the sandbox " + text::printable(folder.string()) + ": " +
                     (error ? error.message() : "it is no folder"),
                 ""};
  if (!empty)
    return Error{Cause::internal,
                 "the sandbox " + text::printable(folder.string()) + " is not empty", ""};
  TRY_ASSIGN(const Space space, space_of(folder));
  if (budget == 0) {
    budget = usable(space);
    if (budget == 0)
      return Error{Cause::space,
                   "only " + bytes(space.available) + " are free below " +
                       text::printable(folder.parent_path().string()) + ", of which " +
                       bytes(reserve_of(space)) + " are kept in reserve",
                   "make room or put the sandboxes on a larger file system"};
  }
  return Sandbox(folder, budget);
}

Result<void> Sandbox::reserve(std::uintmax_t needed) const {
  TRY_ASSIGN(const Space space, space_of(folder_));
  const std::uintmax_t left = less(budget_, bytes_used());
  const std::uintmax_t available = std::min(left, space.available);
  if (needed <= available) return {};
  const bool by_budget = left <= space.available;
  return Error{Cause::space,
               "the sandbox needs " + bytes(needed) + " and " + bytes(available) + " are " +
                   (by_budget ? "left of its budget" : "free on its file system"),
               by_budget ? "raise the target's scratch limit, or make room where sandboxes are kept"
                         : "make room or put the sandboxes on a larger file system"};
}

Result<void> Sandbox::clear() {
  std::error_code error;
  std::vector<Path> children;
  for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end;
       it.increment(error))
    children.push_back(it->path());
  if (error) return Error{Cause::internal, "cannot list the sandbox: " + error.message(), ""};
  for (const Path& child : children) TRY(remove_tree(child));
  return {};
}

}  // namespace backproof
