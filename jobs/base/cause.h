// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace backproof {

// Why something did not work: the closed list of cause.def. Every Error carries one, and so does
// every run that did not pass. `none` is the cause of a pass.
enum class Cause {
  none,
#define CAUSE(name, verdict, retriable) name,
#include "base/cause.def"
#undef CAUSE
};

// The closed list without `none`, in the order of cause.def.
inline constexpr std::array all_causes{
#define CAUSE(name, verdict, retriable) Cause::name,
#include "base/cause.def"
#undef CAUSE
};

// The name as written in cause.def; "none" for none.
std::string_view name_of(Cause cause);

// The cause of that name; nothing when there is none.
std::optional<Cause> cause_named(std::string_view name);

}  // namespace backproof
