// SPDX-License-Identifier: Apache-2.0
#include "exporter/report.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "base/text.h"
#include "model/log_line.h"

namespace backproof {
namespace {

constexpr std::size_t most_tables = 20;

std::string safe(std::string_view s, std::size_t limit = 400) {
  return text::printable(s, limit);
}

void line(std::ostream& out, std::string_view label, const std::string& value) {
  out << "  " << std::left << std::setw(11) << label << value << '\n';
}

std::string backup_line(const Run& run) {
  std::string s = text::format_size(run.backup.bytes);
  if (run.backup.created != TimePoint{}) s += ", of " + dated(run.backup);
  if (!run.backup.sha256.empty()) s += ", sha256 " + run.backup.sha256;
  return s;
}

std::string content_line(const Run& run) {
  std::string s = run.format.name.empty() ? "unknown" : run.format.name;
  if (!run.format.containers.empty()) s += " in " + run.format.containers;
  const Format& format = run.format;
  const std::string product = format.name.starts_with("postgresql") ? "PostgreSQL " : "SQLite ";
  if (!format.server_version.empty()) s += ", written by " + product + format.server_version;
  if (!format.dump_version.empty() && format.dump_version != format.server_version)
    s += " (pg_dump " + format.dump_version + ")";
  if (!format.database.empty()) s += ", database " + safe(format.database, 63);
  if (!format.encoding.empty()) s += " in " + format.encoding;
  if (!format.written.empty()) s += ", at " + format.written;
  return s;
}

void tables(std::ostream& out, const Run& run) {
  std::vector<TableFact> facts = run.tables;
  std::stable_sort(facts.begin(), facts.end(),
                   [](const TableFact& a, const TableFact& b) { return a.rows > b.rows; });
  for (std::size_t i = 0; i < std::min(facts.size(), most_tables); ++i)
    line(out, i == 0 ? "tables" : "",
         safe(facts[i].table, 60) + ": " + text::format_count(facts[i].rows) + " rows");
  if (facts.size() > most_tables)
    line(out, "", "and " + std::to_string(facts.size() - most_tables) + " more");
}

void checks(std::ostream& out, const Run& run) {
  bool first = true;
  for (const CheckResult& check : run.checks) {
    std::string s = std::string(name_of(check.verdict)) +
                    (check.verdict == Verdict::failed && !check.enforced ? " (only warns)" : "") +
                    ": " + check.check;
    if (!check.subject.empty()) s += " of " + safe(check.subject, 60);
    if (!check.observed.empty())
      s += ": " + safe(check.observed) + ", expected " + safe(check.expected);
    line(out, first ? "checks" : "", s);
    first = false;
    if (check.detail.empty()) continue;
    for (const std::string_view detail : text::split(check.detail, '\n'))
      line(out, "", "  " + safe(detail));
  }
}

}  // namespace

std::string report(const Run& run) {
  std::ostringstream out;
  const std::string& known = run.backup.id.empty() ? run.target : run.backup.id;
  const std::string& name = run.backup.path.empty() ? known : run.backup.path.native();
  out << name_of(run.verdict)
      << (run.cause == Cause::none ? "" : " (" + std::string(name_of(run.cause)) + ")") << "  "
      << safe(name) << '\n';
  if (!run.reason.empty()) line(out, "reason", safe(run.reason));
  if (!run.hint.empty()) line(out, "hint", safe(run.hint));
  if (!run.backup.path.empty() || !run.backup.id.empty()) line(out, "backup", backup_line(run));
  if (!run.format.name.empty() || !run.format.containers.empty())
    line(out, "content", safe(content_line(run)));
  if (run.restored)
    line(out, "restored",
         text::format_size(run.restored_bytes) + " in " + text::format_duration(restore_time(run)) +
             ", " + text::plural(run.tables.size(), "table") + ", " +
             text::format_count(total_rows(run)) + " rows");
  tables(out, run);
  checks(out, run);
  for (const Finding& finding : run.findings)
    line(out, name_of(finding.severity), safe(finding.text));
  std::vector<std::string> stages;
  for (const StageResult& stage : run.stages)
    stages.push_back(std::string(name_of(stage.stage)) + " " + text::format_duration(stage.took));
  line(out, "stages", text::join(stages, ", "));
  line(out, "isolation", std::string(name_of(run.isolation)));
  line(out, "run", safe(run.id) + ", took " + text::format_duration(run.took));
  return out.str();
}

std::string report_log(const Run& run, log::Format format) {
  std::string lines;
  for (const LogLine& line : run.log) lines += rendered(line, format) + '\n';
  return lines;
}

std::string report_table(const std::vector<Run>& runs) {
  std::ostringstream out;
  out << std::left << std::setw(26) << "RUN" << std::setw(22) << "STARTED" << std::setw(20)
      << "TARGET" << std::setw(14) << "VERDICT" << std::setw(15) << "CAUSE" << std::setw(9)
      << "TOOK"
      << "REASON\n";
  for (const Run& run : runs)
    out << std::setw(26) << safe(run.id) << std::setw(22)
        << text::format_time(std::chrono::floor<std::chrono::seconds>(run.started)) << std::setw(20)
        << safe(run.target, 60) + " " << std::setw(14)
        << (run.finished ? std::string(name_of(run.verdict)) : "running") << std::setw(15)
        << (run.finished && run.cause != Cause::none ? name_of(run.cause) : "") << std::setw(9)
        << text::format_duration(run.took) << safe(run.reason, 120) << '\n';
  return out.str();
}

}  // namespace backproof
