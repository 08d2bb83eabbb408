// SPDX-License-Identifier: Apache-2.0
#include "base/proc.h"

#include "base/file.h"
#include "base/text.h"

namespace backproof {
std::optional<ProcStat> parse_proc_stat(std::string_view stat) {
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto fields = text::split(text::trim(stat.substr(name_end + 2)), ' ');
  // proc(5) counts from 1 and the first field here is its third.
  const auto field = [&fields](std::size_t n) -> std::optional<std::uint64_t> {
    return n - 3 < fields.size() ? text::parse_count(fields[n - 3]) : std::nullopt;
  };
  const auto parent = field(4), user = field(14), system = field(15), threads = field(20),
             started = field(22), bytes = field(23), pages = field(24);
  if (!parent || !user || !system || !threads || !started || !bytes || !pages) return std::nullopt;
  return ProcStat{*user, *system, *threads, *started, *bytes, *pages, *parent};
}

Result<ProcStat> read_proc_stat(const std::string& process) {
  const std::string file = "/proc/" + process + "/stat";
  TRY_ASSIGN(const std::string text, read_file(file));
  const auto stat = parse_proc_stat(text);
  if (!stat) return Error{Cause::internal, file + " is not as proc(5) says", ""};
  return *stat;
}

}  // namespace backproof
