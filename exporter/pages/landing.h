// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/http.h"
#include "model/snapshot.h"

namespace backproof::pages {

// The page for people at "/": every target with its last result, and where everything else is. No
// script, nothing from elsewhere, follows the reader's light or dark scheme. Pure.
Response landing(const Snapshot& snapshot, TimePoint now,
                 const std::string& metrics_path = "/metrics");

// Its style sheet, and the source expression that lets the browser use it and no other.
std::string_view style();
std::string_view style_source();

}  // namespace backproof::pages
