// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace backproof {

// How fast this process reads files through read_at(), all threads together, so that a verification
// leaves shared storage to others. As fast as it goes until it is set.
void pace_reading(std::uintmax_t bytes_per_second);

// Waits until `bytes` more may have been read. Thread-safe.
void keep_pace(std::size_t bytes);

}  // namespace backproof
