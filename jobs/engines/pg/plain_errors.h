// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

// What may be wrong with a plain dump, in words. `where` is empty or " in TABLE public.users".
namespace backproof::plain_error {

// "line 12".
std::string at(std::uint64_t line);

// `line` has `what`.
Error hostile(std::uint64_t line, const std::string& what);
// The text ends in `line`, inside of `what`.
Error unfinished(std::uint64_t line, const std::string& what);
// The dump that begins in `line` has no end mark `before`.
Error no_end(std::uint64_t line, const std::string& before);
Error no_sql(std::uint64_t line, const std::string& where);
// `wide`: the text began as UTF-16 does.
Error nul(std::uint64_t line, const std::string& where, bool wide);
Error too_long(std::uint64_t line, const std::string& where);
Error damaged(const std::string& text);

}  // namespace backproof::plain_error
