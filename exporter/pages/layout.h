// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/http.h"
#include "model/snapshot.h"

namespace backproof::pages {

// What every page is made from. Lives longer than the making of a page.
struct View {
  const Snapshot& snapshot;
  TimePoint now;
  const std::string& metrics_path;
};

struct Page {
  std::string title;      // text
  std::string_view here;  // the entry of the navigation it is: "/", "/schedule", "/runbooks/" or ""
  std::string main;       // HTML, begins with <h1>
  bool is_live = true;    // changes by itself: the script keeps it fresh
  int status = 200;
};

// The frame around a page, the headers that confine it, and above its content what makes all that
// is shown doubtful: a dead scheduler, a history that cannot be read.
Response framed(const View& view, const Page& page);

// A page for what is not there; `text` is HTML.
Response missing(const View& view, std::string_view here, std::string title, std::string_view text);

// A file of the program's own that pages refer to: "style.css"; 404 for others.
Response static_file(std::string_view name);

}  // namespace backproof::pages
