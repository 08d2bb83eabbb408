// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace backproof {

std::string errno_text(int number) {
  return std::generic_category().message(number);
}

Error errno_error(Cause cause, std::string_view doing) {
  const int number = errno;
  return {cause, std::string(doing) + ": " + errno_text(number), ""};
}

}  // namespace backproof
