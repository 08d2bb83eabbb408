// SPDX-License-Identifier: Apache-2.0
#include "history/errors.h"

namespace backproof::history {

Error of_history(const Error& error) {
  if (error.cause == Cause::space)
    return {Cause::space, "history cannot be written: " + error.text,
            "make room where the history lies"};
  if (error.cause == Cause::damaged || error.cause == Cause::wrong_format)
    return {Cause::internal, "history is damaged: " + error.text, std::string(repair_hint)};
  return {Cause::internal, "history: " + error.text, error.hint};
}

}  // namespace backproof::history
