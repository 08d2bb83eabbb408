// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/landing.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "exporter/pages/html.h"

namespace backproof::pages {
namespace {

struct Badge {
  std::string_view css, label;
};

Badge badge_of(const TargetState& state) {
  if (!state.history.last_run) return {"none", "never ran"};
  switch (state.history.last_run->verdict) {
    case Verdict::passed:
      return {"passed", "passed"};
    case Verdict::failed:
      return {"failed", "failed"};
    case Verdict::inconclusive:
      return {"inconclusive", "inconclusive"};
  }
  return {"none", "unknown"};
}

// "3h", "2d": the largest unit is what a person compares.
std::string rough(Duration d) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;
  if (d >= days(2)) return std::to_string(std::chrono::floor<days>(d).count()) + " d";
  if (d >= hours(2)) return std::to_string(std::chrono::floor<hours>(d).count()) + " h";
  if (d >= minutes(2)) return std::to_string(std::chrono::floor<minutes>(d).count()) + " min";
  return std::to_string(std::chrono::floor<seconds>(std::max(d, Duration{})).count()) + " s";
}

std::string relative(TimePoint t, TimePoint now) {
  return t > now ? "in " + rough(t - now) : rough(now - t) + " ago";
}

// Minutes are enough for people; a program reads the attribute.
std::string time_cell(TimePoint t, TimePoint now) {
  if (t == TimePoint{}) return "<td>–</td>";
  const TimePoint whole = std::chrono::floor<std::chrono::seconds>(t);
  const std::string absolute = text::format_time(whole);
  return "<td><time datetime=\"" + absolute + "\">" + relative(t, now) + "</time><br><small>" +
         absolute.substr(0, 10) + ' ' + absolute.substr(11, 5) + "</small></td>";
}

std::string state_note(const TargetState& state) {
  if (state.running) return "running: " + std::string(name_of(state.running->progress.stage));
  if (state.queued) return "waiting for a worker";
  if (!state.target.enabled) return "disabled";
  return "";
}

std::string reason_of(const TargetState& state) {
  std::string cell;
  if (const auto& run = state.history.last_run; run && run->verdict != Verdict::passed) {
    cell =
        "<code>" + escape(name_of(run->cause)) + "</code> <bdi>" + escape(run->reason) + "</bdi>";
    if (!run->hint.empty()) cell += "<br><small>hint: <bdi>" + escape(run->hint) + "</bdi></small>";
  }
  if (!state.inventory.error.empty())
    cell += (cell.empty() ? "" : "<br>") + std::string("<small>listing backups: <bdi>") +
            escape(state.inventory.error) + "</bdi></small>";
  return cell.empty() ? "–" : cell;
}

std::string row(const TargetState& state, TimePoint now) {
  const auto [css, label] = badge_of(state);
  const std::string note = state_note(state);
  const auto end = [](const std::optional<Run>& run) {
    return run ? run->started + run->took : TimePoint{};
  };
  std::string html = "<tr><th scope=\"row\"><bdi>" + escape(state.target.name) + "</bdi></th>";
  html += "<td>" + escape(state.target.engine.kind) + "</td>";
  html += "<td><span class=\"" + std::string(css) + "\">" + std::string(label) + "</span>" +
          (note.empty() ? "" : "<br><small>" + escape(note) + "</small>") + "</td>";
  html += "<td class=\"reason\">" + reason_of(state) + "</td>";
  html += time_cell(end(state.history.last_run), now);
  html += time_cell(end(state.history.last_passed), now);
  html += time_cell(state.target.enabled ? state.next_due : TimePoint{}, now);
  return html + "</tr>\n";
}

std::string table(const Snapshot& snapshot, TimePoint now) {
  if (snapshot.targets.empty()) return "<p>No targets are configured.</p>\n";
  std::string html =
      "<table>\n<thead><tr><th scope=\"col\">Target</th><th scope=\"col\">Engine</th>"
      "<th scope=\"col\">Last result</th><th scope=\"col\">Reason</th>"
      "<th scope=\"col\">Last run</th><th scope=\"col\">Last pass</th>"
      "<th scope=\"col\">Next run</th></tr></thead>\n<tbody>\n";
  for (const auto& state : snapshot.targets) html += row(state, now);
  return html + "</tbody>\n</table>\n<p><small>Times are UTC.</small></p>\n";
}

std::string version_line(const BuildInfo& build) {
  std::string line = "Version " + build.version;
  if (!build.revision.empty()) line += ", revision " + build.revision;
  return escape(line);
}

constexpr std::string_view links =
    "<li><a href=\"/api/v1/targets\">Targets</a> and <a href=\"/api/v1/runs\">runs</a>, "
    "<a href=\"/api/v1/backup/verification\">last verification</a>: JSON</li>\n"
    "<li><a href=\"/-/healthy\">Healthy</a>, <a href=\"/-/ready\">ready</a>: for probes</li>\n"
    "</ul>\n";

}  // namespace

std::string_view style() {
  return ":root{color-scheme:light dark}"
         "body{font-family:system-ui,sans-serif;line-height:1.4;margin:0}"
         "header{background:#e6522c;color:#fff;padding:.1rem 1.5rem}"
         "h1{font-size:1.4rem;margin:.5rem 0}"
         "main{padding:1rem 1.5rem;overflow-x:auto}"
         "table{border-collapse:collapse}"
         "th,td{border-bottom:1px solid #8886;padding:.4rem .6rem;text-align:left;"
         "vertical-align:top;white-space:nowrap}"
         "tbody th,.reason{white-space:normal;overflow-wrap:anywhere;min-width:6rem}"
         ".reason{min-width:14rem;max-width:40rem}"
         "span{border-radius:.3rem;color:#fff;padding:.1rem .5rem;white-space:nowrap}"
         ".passed{background:#1a7f37}.failed{background:#c1121f}"
         ".inconclusive{background:#8a5a00}.none{background:#5f6670}";
}

std::string_view style_source() {
  return "'sha256-QDgkbKd2ISizhcD6ZYvRZJs3NbfFIHm8UX/+jtG8m0U='";
}

Response landing(const Snapshot& snapshot, TimePoint now, const std::string& metrics_path) {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {
      {"Content-Security-Policy", "default-src 'none'; style-src " + std::string(style_source()) +
                                      "; base-uri 'none'; form-action 'none'; "
                                      "frame-ancestors 'none'"},
      {"Referrer-Policy", "no-referrer"}};
  response.body =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>backproof</title>\n<style>" +
      std::string(style()) +
      "</style>\n</head>\n<body>\n<header><h1>backproof</h1></header>\n<main>\n"
      "<p>Proves that database backups restore. " +
      version_line(snapshot.build) + "</p>\n" + table(snapshot, now) + "<ul>\n<li><a href=\"" +
      escape(metrics_path) + "\">Metrics</a>: for Prometheus</li>\n" + std::string(links) +
      "</main>\n</body>\n</html>\n";
  return response;
}

}  // namespace backproof::pages
