// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file: never a crash, and every problem is fit to be printed.
#include <cstdlib>

#include "base/text.h"
#include "exporter/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backproof;
  const auto parsed = parse_config(as_text({data, size}), "/etc/backproof/config.toml");
  int line = 0;
  for (const Problem& problem : parsed.problems) {
    const std::string text = problem_text("c.toml", problem);
    if (problem.text.empty() || problem.line < line) std::abort();
    if (text::printable(text, text.size()) != text) std::abort();
    line = problem.line;
  }
  if (!parsed.problems.empty()) return 0;
  if (parsed.config.targets.empty()) std::abort();
  for (const Target& target : parsed.config.targets)
    if (target.name.empty() || target.source.kind.empty() || target.checks.empty()) std::abort();
  return 0;
}
