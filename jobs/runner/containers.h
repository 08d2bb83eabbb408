// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/inflate.h"
#include "model/run.h"

namespace backproof {

// "gzip+zstd", outermost first; empty for none.
std::string names_of(const std::vector<Layer>& layers);

// What the layers showed, as findings: a checksum that disagrees (failure: damaged), bytes behind
// the end, missing checksums.
void report_layers(const std::vector<Layer>& layers, std::vector<Finding>& findings);

// Reads and drops what is left, to know whether the container is whole.
Result<void> drain(ByteSource& content);

// Damaged when some layer was not read to its proven end, though nothing complained.
Result<void> proven_whole(const std::vector<Layer>& layers);

// A finding's text where the name promises something else than the content is; empty where they
// agree or the name says nothing.
std::string name_disagreement(const Path& path, const Format& format);

// Says so in the hint when a damaged container is all that speaks against a backup.
void explain_whole_content(Run& run);

}  // namespace backproof
