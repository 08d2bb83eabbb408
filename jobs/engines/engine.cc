// SPDX-License-Identifier: Apache-2.0
#include "engines/engine.h"

namespace backproof {

#define ENGINE(name) extern const EngineKind name##_engine;
#include "engines/engines.def"
#undef ENGINE

std::vector<const EngineKind*> all_engines() {
  return {
#define ENGINE(name) &name##_engine,
#include "engines/engines.def"
#undef ENGINE
  };
}

}  // namespace backproof
