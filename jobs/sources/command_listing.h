// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "sources/source.h"

namespace backproof {

// What a list command may print: beyond it is a mistake, or somebody who means harm.
inline constexpr std::size_t most_listing_bytes = 16U << 20U;
inline constexpr std::size_t most_listing_lines = 100'000;

// What a list command printed: a JSON object a line, of `id` (a string, required), `bytes` (a whole
// number), `modified` and `created` (RFC 3339, or seconds since 1970) and `version` (another text
// whenever the backup may be another); null is as if it were absent. Without `created` a time in
// the id counts, then `modified`. An Error (fetch) names the line, and shows a short piece of it at
// most.
Result<Listing> read_listing(std::string_view text, TimePoint now);

}  // namespace backproof
