// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/markdown.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "exporter/pages/html.h"

namespace backproof::pages {
namespace {

bool is_safe_link(std::string_view to) {
  return to.starts_with("https://") || to.starts_with("http://") || to.starts_with('#') ||
         (to.starts_with('/') && !to.starts_with("//"));
}

// Where a link leads, or empty. `to` is escaped already.
std::string link_target(std::string_view to) {
  if (is_safe_link(to)) return std::string(to);
  const std::string_view stem = to.substr(0, to.rfind('.'));
  const bool is_name = !stem.empty() && std::ranges::all_of(stem, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  return is_name && to.ends_with(".md") ? "/runbooks/" + std::string(stem) : "";
}

// Text behind `mark` up to the next `mark`; npos when there is none.
std::size_t closing(std::string_view text, std::size_t from, std::string_view mark) {
  const std::size_t end = text.find(mark, from);
  return end == from ? std::string_view::npos : end;
}

// One "[label](to)" at `at`, appended; where it ends, or `at` when it is none.
std::size_t put_link(std::string& html, std::string_view text, std::size_t at);

// `text` is escaped: nothing in it can be an element but what is put here.
std::string inline_html(std::string_view text) {
  std::string html;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '`') {
      if (const auto end = closing(text, i + 1, "`"); end != std::string_view::npos) {
        put(html, "<code>", text.substr(i + 1, end - i - 1), "</code>");
        i = end + 1;
        continue;
      }
    }
    if (text.substr(i).starts_with("**")) {
      if (const auto end = closing(text, i + 2, "**"); end != std::string_view::npos) {
        put(html, "<strong>", inline_html(text.substr(i + 2, end - i - 2)), "</strong>");
        i = end + 2;
        continue;
      }
    }
    if (text[i] == '[') {
      if (const std::size_t end = put_link(html, text, i); end != i) {
        i = end;
        continue;
      }
    }
    html += text[i++];
  }
  return html;
}

std::size_t put_link(std::string& html, std::string_view text, std::size_t at) {
  const std::size_t middle = text.find("](", at);
  const std::size_t end = middle == std::string_view::npos ? middle : text.find(')', middle);
  if (end == std::string_view::npos) return at;
  const std::string to = link_target(text.substr(middle + 2, end - middle - 2));
  if (to.empty()) return at;
  put(html, "<a href=\"", to, "\">", inline_html(text.substr(at + 1, middle - at - 1)), "</a>");
  return end + 1;
}

std::string rendered(std::string_view text) {
  return inline_html(escape(text::trim(text)));
}

// The marks of a heading: 1 to 6; 0 = none.
std::size_t heading_level(std::string_view line) {
  const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
  return marks >= 1 && marks <= 6 && line.substr(marks).starts_with(' ') ? marks : 0;
}

// How long the mark of a list item is, with its blank: "- " or "12. "; 0 = none.
std::size_t item_mark(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("* ")) return 2;
  const std::size_t digits = line.find_first_not_of("0123456789");
  return digits != 0 && digits != std::string_view::npos && line.substr(digits).starts_with(". ")
             ? digits + 2
             : 0;
}

class Renderer {
 public:
  explicit Renderer(std::string_view markdown) : lines_(text::split(markdown, '\n')) {}

  std::string html() {
    while (at_ < lines_.size()) {
      const std::string_view line = lines_[at_];
      if (text::trim(line).empty() || line.starts_with("<!--"))
        ++at_;
      else if (line.starts_with("```"))
        code();
      else if (heading_level(line) > 0)
        heading();
      else if (item_mark(line) > 0)
        list();
      else if (line.starts_with('|'))
        table();
      else
        paragraph();
    }
    return std::move(html_);
  }

 private:
  void code() {
    html_ += "<pre><code>";
    for (++at_; at_ < lines_.size() && !lines_[at_].starts_with("```"); ++at_)
      put(html_, escape(lines_[at_]), '\n');
    ++at_;
    html_ += "</code></pre>\n";
  }

  void heading() {
    const std::size_t level = heading_level(lines_[at_]);
    const std::string tag = "h" + std::to_string(level) + ">";
    put(html_, '<', tag, rendered(lines_[at_++].substr(level)), "</", tag, '\n');
  }

  // An item goes on in the lines below that are indented.
  void list() {
    const bool numbered = lines_[at_].front() >= '0' && lines_[at_].front() <= '9';
    html_ += numbered ? "<ol>\n" : "<ul>\n";
    while (at_ < lines_.size()) {
      const std::size_t mark = item_mark(lines_[at_]);
      if (mark == 0) break;
      std::string inner(lines_[at_++].substr(mark));
      // Blank lines belong to the item when what follows them does.
      while (at_ < lines_.size() && belongs(at_)) put(inner, '\n', outdented(lines_[at_++], mark));
      put(html_, "<li>", item_html(inner), "</li>\n");
      if (at_ + 1 < lines_.size() && text::trim(lines_[at_]).empty() &&
          item_mark(lines_[at_ + 1]) > 0)
        ++at_;
    }
    html_ += numbered ? "</ol>\n" : "</ul>\n";
  }

  bool belongs(std::size_t line) const {
    while (line < lines_.size() && text::trim(lines_[line]).empty()) ++line;
    return line < lines_.size() && lines_[line].starts_with(' ');
  }

  static std::string_view outdented(std::string_view line, std::size_t columns) {
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(std::min(blanks, columns));
  }

  // One paragraph stands without its element, as in a tight list.
  static std::string item_html(std::string_view inner) {
    std::string html = Renderer(inner).html();
    const bool one = html.starts_with("<p>") && html.find("<", 3) == html.find("</p>\n") &&
                     html.ends_with("</p>\n");
    const bool first = html.starts_with("<p>") && html.find("<p>", 3) == std::string::npos;
    if (!one && !first) return html;
    const std::size_t end = html.find("</p>\n");
    return html.substr(3, end - 3) + html.substr(end + 5);
  }

  void table() {
    html_ +=
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table\">\n<table>\n";
    bool is_head = true;
    for (; at_ < lines_.size() && lines_[at_].starts_with('|'); ++at_) {
      if (lines_[at_].find_first_not_of("|-: \r") == std::string_view::npos) continue;
      html_ += "<tr>";
      auto cells = text::split(text::trim(lines_[at_]), '|');
      for (std::size_t i = 1; i + 1 < cells.size(); ++i)
        put(html_, is_head ? "<th scope=\"col\">" : "<td>", rendered(cells[i]),
            is_head ? "</th>" : "</td>");
      html_ += "</tr>\n";
      is_head = false;
    }
    html_ += "</table>\n</div>\n";
  }

  void paragraph() {
    std::string text;
    while (at_ < lines_.size() && !text::trim(lines_[at_]).empty() && !begins_block(lines_[at_]))
      put(text, text.empty() ? "" : "\n", lines_[at_++]);
    if (text.empty()) text = lines_[at_++];
    put(html_, "<p>", rendered(text), "</p>\n");
  }

  static bool begins_block(std::string_view line) {
    return line.starts_with("```") || line.starts_with('|') || heading_level(line) > 0 ||
           item_mark(line) > 0;
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::string html_;
};

}  // namespace

std::string markdown_html(std::string_view markdown) {
  return Renderer(markdown).html();
}

std::string markdown_title(std::string_view markdown) {
  for (const std::string_view line : text::split(markdown, '\n'))
    if (const std::size_t level = heading_level(line); level > 0)
      return std::string(text::trim(line.substr(level)));
  return "";
}

}  // namespace backproof::pages
