// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/snapshot.h"

namespace backproof {

// How long a target waits after this attempt: RetrySpec::delay, doubled with each further one up to
// max_delay, and up to a half more that follows from the run's id, so that what failed for one
// reason does not come back at one moment.
Duration retry_delay(const RetrySpec& retry, const Run& run);

// Whether another attempt has nothing to do with this run's backup: the target's newest is verified
// then, whichever it is. Not of what was verified because it arrived.
bool is_chosen_anew(const Target& target, const Run& run);

// When what this run could not tell is tried again; 1970 = not: it told, its cause does not pass
// by itself, it was the last attempt, or nothing of the target runs by schedule. What was cut off
// is tried again at once: nothing was found wrong. A pure function of what is recorded, so that a
// restart of the program changes nothing.
TimePoint retry_at(const Target& target, const Run& run);

}  // namespace backproof
