// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace backproof {

// The stages of a run in their order. The sandbox comes before the first byte of the backup is
// read, because the bytes may be hostile.
enum class Stage { select, sandbox, fetch, inspect, restore, check, teardown };
inline constexpr std::array all_stages{Stage::select,  Stage::sandbox, Stage::fetch,
                                       Stage::inspect, Stage::restore, Stage::check,
                                       Stage::teardown};

std::string_view name_of(Stage stage);
std::optional<Stage> stage_named(std::string_view name);

}  // namespace backproof
