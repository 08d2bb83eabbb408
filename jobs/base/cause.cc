// SPDX-License-Identifier: Apache-2.0
#include "base/cause.h"

namespace backproof {

std::string_view name_of(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "none";
#define CAUSE(name, verdict, retriable) \
  case Cause::name:                     \
    return #name;
#include "base/cause.def"
#undef CAUSE
  }
  return "none";
}

std::optional<Cause> cause_named(std::string_view name) {
  if (name == "none") return Cause::none;
  for (const Cause cause : all_causes)
    if (name_of(cause) == name) return cause;
  return std::nullopt;
}

}  // namespace backproof
