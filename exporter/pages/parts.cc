// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/parts.h"

#include "exporter/pages/html.h"
#include "exporter/pages/words.h"
#include "exporter/progress.h"

namespace backproof::pages {

std::string badge(std::string_view css, std::string_view label) {
  std::string html = "<span class=\"badge ";
  put(html, css, "\">", label, "</span>");
  return html;
}

std::string badge(Status status) {
  return badge(css_of(status), name_of(status));
}

std::string badge(Verdict verdict) {
  return badge(backproof::name_of(verdict), backproof::name_of(verdict));
}

std::string badge_of(const Run& run, bool is_running) {
  if (run.finished) return badge(run.verdict);
  return is_running ? badge("running", "running") : badge("never", "unfinished");
}

std::string running_note(const TargetState& state, TimePoint now) {
  if (!state.running) return "";
  const std::string percent = std::to_string(static_cast<unsigned>(100 * run_progress(state)));
  std::string html = "<span class=\"running-note\">running: ";
  put(html, backproof::name_of(state.running->progress.stage), ", ", percent,
      " % <progress max=\"100\" value=\"", percent, "\" aria-label=\"run\">", percent,
      " %</progress> for ",
      span(std::chrono::floor<std::chrono::seconds>(now - state.running->started)), "</span>");
  return html;
}

std::string measure_text(const Measure& measure, std::string_view value, std::string_view name,
                         std::string_view unknown) {
  std::string html(measure.value ? value : unknown);
  const bool has_limit = measure.limit > Duration{};
  if (!has_limit) return html;
  const std::string limit = "<span class=\"whole\">" + span(measure.limit) + "</span>";
  put(html, measure.missed ? " <small class=\"over\">" : " <small>",
      measure.missed && measure.value ? "over the " + std::string(name) + " of "
                                      : std::string(name) + ' ',
      limit, "</small>");
  return html;
}

std::string next_run(const TargetState& state, TimePoint now) {
  if (!state.target->enabled) return "disabled";
  if (state.queued) return "waiting for a worker";
  if (state.next_due == TimePoint{}) return "only by hand";
  if (state.running) return "after this one, " + when(state.next_due, now);
  return state.next_due > now ? when(state.next_due, now) : "due " + when(state.next_due, now);
}

std::string facts(const std::vector<Fact>& list) {
  std::string html = "<dl class=\"facts\">\n";
  for (const Fact& fact : list)
    if (!fact.html.empty())
      put(html, "<div><dt>", fact.name, "</dt><dd>", fact.html, "</dd></div>\n");
  return html + "</dl>\n";
}

std::string table_head(std::string_view id, std::string_view caption,
                       const std::vector<std::string_view>& columns, std::string_view css) {
  std::string html = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"";
  put(html, id, "-caption\">\n<table id=\"", id, '"');
  if (!css.empty()) put(html, " class=\"", css, '"');
  put(html, ">\n<caption id=\"", id, "-caption\">", caption, "</caption>\n<thead><tr>");
  for (const std::string_view column : columns) {
    const bool is_number = column.starts_with('#');
    put(html, is_number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">",
        column.substr(is_number ? 1 : 0), "</th>");
  }
  return html + "</tr></thead>\n<tbody>\n";
}

std::string_view table_end() {
  return "</tbody>\n</table>\n</div>\n";
}

std::string backup_name(const Backup& backup) {
  return backup.path.empty() ? backup.id : backup.path.native();
}

std::string_view evidence_text(Evidence evidence) {
  switch (evidence) {
    case Evidence::mtime:
      return "when it was last modified";
    case Evidence::name:
      return "its name";
    case Evidence::listing:
      return "its source";
    case Evidence::manifest:
      return "its manifest";
    case Evidence::content:
      return "its content";
  }
  return "";
}

}  // namespace backproof::pages
