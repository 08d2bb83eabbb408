// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/runbook.h"

#include "base/text.h"
#include "exporter/pages/assets.h"
#include "exporter/pages/html.h"
#include "exporter/pages/markdown.h"

namespace backproof::pages {
namespace {

constexpr std::string_view folder = "runbooks/", extension = ".md";

// The first sentence of what stands below the title.
std::string lead_of(std::string_view markdown) {
  bool below_title = false;
  for (const std::string_view line : text::split(markdown, '\n')) {
    if (line.starts_with("# ")) below_title = true;
    if (!below_title || line.starts_with('#') || text::trim(line).empty()) continue;
    const std::size_t end = line.find(". ");
    return std::string(line.substr(0, end == std::string_view::npos ? end : end + 1));
  }
  return "";
}

}  // namespace

Response runbooks(const View& view) {
  std::string main =
      "<h1>Runbooks</h1>\n<p>What each alert means, and what to do about it.</p>\n"
      "<dl class=\"facts runbooks\">\n";
  for (const Asset& asset : assets()) {
    if (!asset.name.starts_with(folder)) continue;
    const std::string name(
        asset.name.substr(folder.size(), asset.name.size() - folder.size() - extension.size()));
    if (name == "README") continue;
    put(main, "<div><dt><a href=\"/runbooks/", encode_segment(name), "\">",
        escape(markdown_title(asset.content)), "</a></dt><dd>", escape(lead_of(asset.content)),
        "</dd></div>\n");
  }
  return framed(view, {"Runbooks", "/runbooks/", main + "</dl>\n", false});
}

Response runbook(const View& view, const std::string& name) {
  const auto content = find_asset(std::string(folder) + name + std::string(extension));
  if (!content)
    return missing(view, "/runbooks/", "No such runbook",
                   "There is no runbook " + isolated(text::printable(name, 128)) +
                       ". Here are <a href=\"/runbooks/\">all runbooks</a>.");
  std::string main =
      "<nav class=\"path\" aria-label=\"Where this is\"><a href=\"/runbooks/\">"
      "Runbooks</a></nav>\n<article class=\"runbook\">\n";
  put(main, markdown_html(*content), "</article>\n");
  return framed(view, {markdown_title(*content), "/runbooks/", std::move(main), false});
}

}  // namespace backproof::pages
