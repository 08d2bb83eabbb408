// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/sqlite.h"
#include "model/selftest.h"

// How self-tests lie in their table, and how they come back.
namespace backproof::history {

// The last of the target that passed or failed; one that could not be done answers nothing.
Result<std::optional<Selftest>> last_selftest(sqlite::Connection& db, const std::string& target);
// The last of all, if it is one that could not be done.
Result<std::optional<Selftest>> undone_selftest(sqlite::Connection& db, const std::string& target);

}  // namespace backproof::history
