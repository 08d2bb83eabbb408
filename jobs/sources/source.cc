// SPDX-License-Identifier: Apache-2.0
#include "sources/source.h"

#include "base/text.h"

namespace backproof {

#define SOURCE(name) extern const SourceKind name##_source;
#include "sources/sources.def"
#undef SOURCE

Result<Fd> Source::open(const Backup& backup) const {
  return Error{Cause::internal, text::printable(backup.id) + " must be fetched", ""};
}

Result<Path> Source::fetch(const Backup& backup, const FetchOrder&) const {
  return Error{Cause::internal, text::printable(backup.id) + " must be opened where it is", ""};
}

std::vector<const SourceKind*> all_sources() {
  return {
#define SOURCE(name) &name##_source,
#include "sources/sources.def"
#undef SOURCE
  };
}

}  // namespace backproof
