// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/words.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.h"
#include "exporter/pages/html.h"

namespace backproof::pages {
namespace {

using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::seconds;

template <typename Large, typename Small>
std::string two_units(Duration d, std::string_view large, std::string_view small) {
  const auto whole = std::chrono::floor<Large>(d);
  const auto rest = std::chrono::floor<Small>(d - whole);
  std::string text = std::to_string(whole.count());
  put(text, ' ', large);
  if (rest.count() > 0) put(text, ' ', std::to_string(rest.count()), ' ', small);
  return text;
}

std::string fraction(Duration d) {
  std::array<char, 32> text{};
  const int n = std::snprintf(text.data(), text.size(), "%.2f s", seconds_of(d));
  return std::string(text.data(), n < 0 ? 0U : static_cast<std::size_t>(n));
}

std::string time_element(TimePoint t, std::string_view title, std::string_view label) {
  std::string html = "<time datetime=\"";
  put(html, text::format_time(std::chrono::floor<seconds>(t)), '"');
  if (!title.empty()) put(html, " title=\"", title, " UTC\"");
  put(html, '>', label, "</time>");
  return html;
}

}  // namespace

std::string span(Duration d) {
  d = std::max(d, Duration{});
  if (d == Duration{}) return "0 s";
  if (d < seconds(1)) {
    const auto whole = std::chrono::floor<std::chrono::milliseconds>(d).count();
    return whole == 0 ? "< 1 ms" : std::to_string(whole) + " ms";
  }
  if (d < seconds(10) && d % seconds(1) != Duration{}) return fraction(d);
  if (d < minutes(1)) return std::to_string(std::chrono::floor<seconds>(d).count()) + " s";
  if (d < hours(1)) return two_units<minutes, seconds>(d, "min", "s");
  if (d < days(1)) return two_units<hours, minutes>(d, "h", "min");
  if (d < days(100)) return two_units<days, hours>(d, "d", "h");
  return std::to_string(std::chrono::floor<days>(d).count()) + " d";
}

std::string when(TimePoint t, TimePoint now) {
  if (t == TimePoint{}) return "never";
  // Whole seconds: fractions of one tell nobody anything about an age.
  const auto apart = [](TimePoint later, TimePoint earlier) {
    return span(std::chrono::floor<seconds>(later - earlier));
  };
  const std::string label = t > now ? "in " + apart(t, now) : apart(now, t) + " ago";
  return time_element(t, clock_text(t), label);
}

std::string moment(TimePoint t) {
  return t == TimePoint{} ? "–" : time_element(t, "", clock_text(t));
}

std::string clock_text(TimePoint t) {
  const std::string text = text::format_time(std::chrono::floor<seconds>(t));
  return text.substr(0, 10) + ' ' + text.substr(11, 8);
}

std::string target_path(std::string_view name) {
  // No client sends a path that ends with one of these: it takes them for folders.
  if (name == "." || name == "..") return "/targets/?name=" + std::string(name);
  return "/targets/" + encode_segment(name);
}

std::string target_link(std::string_view name) {
  return "<a href=\"" + target_path(name) + "\">" + isolated(name) + "</a>";
}

std::string run_link(std::string_view id, std::string_view label) {
  return "<a href=\"/runs/" + encode_segment(id) + "\">" + std::string(label) + "</a>";
}

}  // namespace backproof::pages
