// SPDX-License-Identifier: Apache-2.0
#include "runner/usage.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace backproof {

std::uintmax_t anonymous_bytes_of(std::string_view status) {
  static constexpr std::string_view key = "RssAnon:";
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return 0;
  std::string_view rest = status.substr(at + key.size());
  rest.remove_prefix(std::min(rest.find_first_of("0123456789"), rest.size()));
  std::uintmax_t kib = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), kib);
  return kib * 1024;
}

Result<UsageMeter> UsageMeter::open(Path sandbox) {
  TRY_ASSIGN(Fd status, open_readonly("/proc/self/status"));
  return UsageMeter(std::move(status), std::move(sandbox));
}

std::uintmax_t anonymous_bytes_of(int status_fd) {
  std::array<unsigned char, 4096> buffer{};
  const auto n = read_at(status_fd, buffer, 0);
  return n ? anonymous_bytes_of(as_text({buffer.data(), *n})) : 0;
}

void UsageMeter::sample_memory(Resources& resources) const {
  resources.max_anonymous = std::max(resources.max_anonymous, anonymous_bytes_of(status_.get()));
}

void UsageMeter::sample(Resources& resources) const {
  sample_memory(resources);
  resources.scratch = std::max(resources.scratch, bytes_below(sandbox_));
}

}  // namespace backproof
