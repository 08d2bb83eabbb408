// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/run.h"

#include <algorithm>

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/parts.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

std::string_view sentence_of(const Run& run, bool is_running) {
  if (!run.finished) return is_running ? "The run goes on." : "The run has no result yet.";
  switch (run.verdict) {
    case Verdict::passed:
      return "The backup restores, and every check passed.";
    case Verdict::failed:
      return "The backup is bad.";
    case Verdict::inconclusive:
      return "Whether the backup restores could not be told.";
  }
  return "";
}

std::string verdict(const Run& run, bool is_running) {
  std::string html = "<p class=\"verdict ";
  put(html,
      run.finished ? backproof::name_of(run.verdict)
      : is_running ? "running"
                   : "never",
      "\" role=\"status\">", badge_of(run, is_running));
  if (run.finished && run.cause != Cause::none)
    put(html, " <code>", backproof::name_of(run.cause), "</code>");
  put(html, ' ', sentence_of(run, is_running), "</p>\n");
  if (!run.finished) return html;
  if (!run.reason.empty())
    put(html, "<p class=\"reason\"><b>Reason:</b> ", isolated(run.reason), "</p>\n");
  if (!run.hint.empty()) put(html, "<p class=\"hint\"><b>Hint:</b> ", isolated(run.hint), "</p>\n");
  return html;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "<code>" + escape(text) + "</code>";
}

std::string delay(Duration late) {
  return late < std::chrono::seconds(1) ? "on time" : span(late) + " later";
}

std::string about(const Run& run, TimePoint now) {
  return facts(
      {{"Started", moment(run.started) + " UTC, " + when(run.started, now)},
       {"Due", run.scheduled == TimePoint{}
                   ? ""
                   : moment(run.scheduled) + " UTC, began " + delay(run.started - run.scheduled)},
       {"Trigger",
        escape(run.trigger) + (run.attempt > 1 ? ", attempt " + std::to_string(run.attempt) : "")},
       {"Took", run.finished ? span(run.took) : ""},
       {"Restored", run.restored
                        ? text::format_size(run.restored_bytes) + " in " + span(restore_time(run)) +
                              ", " + text::plural(run.tables.size(), "table") + ", " +
                              text::format_count(total_rows(run)) + " rows"
                        : ""}});
}

std::string backup(const Run& run) {
  const Backup& backup = run.backup;
  const Format& format = run.format;
  if (backup.id.empty() && backup.path.empty()) return "<p>No backup was chosen.</p>\n";
  std::string age;
  if (backup.created != TimePoint{})
    age =
        moment(backup.created) + " UTC, " + span(run.started - backup.created) + " before the run";
  std::string modified;
  if (backup.modified != TimePoint{}) modified = moment(backup.modified) + " UTC";
  return facts(
      {{"File", code(backup_name(backup))},
       {"Made", age},
       {"As says", age.empty() ? "" : std::string(evidence_text(backup.evidence))},
       {"Last modified", modified},
       {"Size",
        text::format_size(backup.bytes) + " (" + text::format_count(backup.bytes) + " bytes)"},
       {"SHA-256", code(backup.sha256)},
       {"Content", escape(format.name)},
       {"Compression", escape(format.containers)},
       {"Written by version", escape(format.server_version)},
       {"Dumped by version", escape(format.dump_version)},
       {"Database", isolated(format.database) == "<bdi></bdi>" ? "" : isolated(format.database)},
       {"Encoding", escape(format.encoding)},
       {"Written", escape(format.written)}});
}

std::string resources(const Run& run) {
  const Resources& used = run.resources;
  const auto size = [](std::uintmax_t bytes) { return bytes == 0 ? "" : text::format_size(bytes); };
  return facts({{"Isolation", std::string(backproof::name_of(run.isolation))},
                {"Processor time", span(used.user) + " user, " + span(used.system) + " system"},
                {"Memory at most", size(used.max_anonymous)},
                {"Memory with file pages", size(used.max_rss)},
                {"Sandbox at most", size(used.scratch)}});
}

std::string findings(const Run& run) {
  if (run.findings.empty()) return "";
  std::string html = "<h2>Findings</h2>\n<ul class=\"findings\">\n";
  for (const Finding& finding : run.findings) {
    const bool fails = finding.severity == Severity::failure;
    put(html, "<li>",
        badge(fails ? "failed" : "inconclusive", backproof::name_of(finding.severity)));
    if (finding.cause != Cause::none)
      put(html, " <code>", backproof::name_of(finding.cause), "</code>");
    put(html, ' ', isolated(finding.text), "</li>\n");
  }
  return html + "</ul>\n";
}

std::string section(std::string_view title, const std::string& content) {
  return content.empty() ? "" : "<h2>" + std::string(title) + "</h2>\n" + content;
}

std::string path_to(const Run& run, bool is_configured) {
  std::string html =
      "<nav class=\"path\" aria-label=\"Where this is\"><a href=\"/\">Overview</a> / ";
  return html + (is_configured ? target_link(run.target) : isolated(run.target)) + "</nav>\n";
}

}  // namespace

Response run(const View& view, const Run& run) {
  const TargetState* state = find_target(view.snapshot, run.target);
  const bool is_running =
      !run.finished && state && state->running && state->running->run_id == run.id;
  std::string main = path_to(run, state != nullptr);
  put(main, "<h1>Run of ", isolated(run.target), ", ", moment(run.started), "</h1>\n",
      verdict(run, is_running));
  if (is_running)
    put(main, "<h2>Stages</h2>\n<p>", running_note(*state, view.now), "</p>\n",
        running_table(*state->running));
  put(main, section("About", about(run, view.now)));
  if (run.finished)
    put(main, section("Stages", stages_table(run)), section("Checks", checks_table(run)),
        findings(run), section("Backup", backup(run)),
        section("Isolation and resources", resources(run)), section("Tables", tables_table(run)),
        section("Log", log_table(run)));
  put(main, "<p>The same <a href=\"/api/v1/runs/", encode_segment(run.id),
      "\">as JSON</a>, and in a terminal by <code>backproof show ", escape(run.id),
      "</code>.</p>\n");
  return framed(view, {"Run of " + run.target, "", std::move(main), !run.finished});
}

}  // namespace backproof::pages
