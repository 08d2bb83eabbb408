// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/layout.h"

#include <array>

#include "exporter/pages/assets.h"
#include "exporter/pages/html.h"
#include "exporter/pages/words.h"

namespace backproof::pages {
namespace {

// Our own style sheet, script and icon, and answers of our own to the script. Nothing inline,
// nothing from elsewhere, in nobody's frame.
constexpr std::string_view policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// As long as the alert on it waits.
constexpr Duration longest_tick = std::chrono::minutes(5);

constexpr std::string_view head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"icon\" href=\"/static/icon.svg\" type=\"image/svg+xml\">\n"
    "<link rel=\"stylesheet\" href=\"/static/style.css\">\n"
    "<script src=\"/static/live.js\" defer></script>\n";

std::string navigation(std::string_view here) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> entries{
      {{"/", "Overview"}, {"/schedule", "Schedule"}, {"/runbooks/", "Runbooks"}}};
  std::string html = "<nav aria-label=\"Pages\"><ul>";
  for (const auto& [path, name] : entries)
    put(html, "<li><a href=\"", path, path == here ? "\" aria-current=\"page\">" : "\">", name,
        "</a></li>");
  return html + "</ul></nav>";
}

std::string notices(const View& view) {
  const Snapshot& snapshot = view.snapshot;
  std::string html;
  const auto notice = [&html](const std::string& text) {
    put(html, "<li><strong>Warning:</strong> ", text, "</li>\n");
  };
  if (const Duration silent = view.now - snapshot.scheduler_last_tick;
      snapshot.scheduler_last_tick != TimePoint{} && silent > longest_tick)
    notice("the scheduler has stood still for " + span(silent) +
           ". Nothing is verified, and what is shown here is old.");
  if (!snapshot.history_up)
    notice(
        "the history cannot be read or written. What is shown here may be old, and new results "
        "may be lost.");
  if (!snapshot.config.last_reload_ok)
    notice("the configuration in <code>" + escape(snapshot.config.file) +
           "</code> is bad and was not taken. The one before is in force; "
           "<code>backproof check-config</code> says what is wrong.");
  return html.empty() ? html : "<ul class=\"notices\">\n" + html + "</ul>\n";
}

std::string footer(const View& view) {
  const BuildInfo& build = view.snapshot.build;
  std::string html = "<footer>\n<p>backproof " + escape(build.version);
  if (!build.revision.empty()) put(html, ", revision ", escape(build.revision));
  put(html, ". All times are UTC.</p>\n<nav aria-label=\"For programs\"><ul>\n<li><a href=\"",
      escape(view.metrics_path),
      "\">Metrics</a></li>\n<li><a href=\"/api/v1/targets\">Targets as JSON</a></li>\n"
      "<li><a href=\"/api/v1/runs\">Runs as JSON</a></li>\n"
      "<li><a href=\"/api/v1/backup/verification\">Last verification</a></li>\n"
      "<li><a href=\"/-/healthy\">Healthy</a></li>\n<li><a href=\"/-/ready\">Ready</a></li>\n"
      "</ul></nav>\n</footer>\n");
  return html;
}

}  // namespace

Response framed(const View& view, const Page& page) {
  Response response{
      page.status,
      "text/html; charset=utf-8",
      "",
      {{"Content-Security-Policy", std::string(policy)}, {"Referrer-Policy", "no-referrer"}}};
  std::string& html = response.body;
  html.reserve(page.main.size() + 4096);
  put(html, head, "<title>", escape(page.title), " – backproof</title>\n</head>\n<body>\n",
      "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n",
      "<header>\n<a class=\"brand\" href=\"/\">backproof</a>\n", navigation(page.here),
      "\n<p id=\"live\" hidden></p>\n</header>\n<main id=\"main\" tabindex=\"-1\"",
      page.is_live ? " data-live" : "", ">\n", notices(view), page.main);
  if (page.is_live) put(html, "<p class=\"as-of\">As of ", moment(view.now), " UTC.</p>\n");
  put(html, "</main>\n", footer(view), "</body>\n</html>\n");
  return response;
}

Response missing(const View& view, std::string_view here, std::string title,
                 std::string_view text) {
  std::string main = "<h1>" + escape(title) + "</h1>\n<p>";
  put(main, text, "</p>\n<p>Back to the <a href=\"/\">overview</a>.</p>\n");
  return framed(view, {std::move(title), here, std::move(main), false, 404});
}

Response static_file(std::string_view name) {
  const auto content = find_asset("static/" + std::string(name));
  if (!content) return {404, "text/plain; charset=utf-8", "not found\n", {}};
  const std::string_view type = name.ends_with(".css")  ? "text/css; charset=utf-8"
                                : name.ends_with(".js") ? "text/javascript; charset=utf-8"
                                                        : "image/svg+xml";
  return {200, std::string(type), std::string(*content), {}};
}

}  // namespace backproof::pages
