// SPDX-License-Identifier: Apache-2.0
#include "db/database.h"

#include "base/text.h"

namespace backproof {

Error too_many_rows(const Question& question) {
  return {Cause::internal, "the query gives more than " + text::plural(question.max_rows, "row"),
          "ask for fewer, or for a count of them"};
}

}  // namespace backproof
