// SPDX-License-Identifier: Apache-2.0
#include "model/memory.h"

namespace backproof {

PassedRun remembered(const Run& run) {
  return {run.backup.sha256, run.backup.created, run.restored_bytes, run.tables};
}

}  // namespace backproof
