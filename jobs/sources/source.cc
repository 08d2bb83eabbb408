// SPDX-License-Identifier: Apache-2.0
#include "sources/source.h"

namespace backproof {

#define SOURCE(name) extern const SourceKind name##_source;
#include "sources/sources.def"
#undef SOURCE

std::vector<const SourceKind*> all_sources() {
  return {
#define SOURCE(name) &name##_source,
#include "sources/sources.def"
#undef SOURCE
  };
}

}  // namespace backproof
