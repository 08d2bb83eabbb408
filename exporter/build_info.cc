// SPDX-License-Identifier: Apache-2.0
#include "exporter/build_info.h"

namespace backproof {

BuildInfo build_info() {
#if defined(__clang__)
  return {BACKPROOF_VERSION, BACKPROOF_REVISION, "clang " __clang_version__, BACKPROOF_BRANCH};
#else
  return {BACKPROOF_VERSION, BACKPROOF_REVISION, "gcc " __VERSION__, BACKPROOF_BRANCH};
#endif
}

}  // namespace backproof
