// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/http.h"
#include "model/snapshot.h"

// The documents that exporter/api.h serves, as text.
namespace backproof::api {

std::string targets_json(const Snapshot& snapshot);
// Of the last finished run; null means that none ever finished.
std::string verification_json(const Run* last);
std::string error_json(const Error& error);

// `document` with a newline behind it, so that it ends well in a terminal.
Response json(int status, std::string document);

}  // namespace backproof::api
