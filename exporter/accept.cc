// SPDX-License-Identifier: Apache-2.0
#include "exporter/accept.h"

#include <charconv>

#include "base/text.h"

namespace backproof {
namespace {

double weight_of(std::string_view text) {
  double weight = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), weight, std::chars_format::fixed);
  const bool valid = error == std::errc() && end == text.data() + text.size();
  return valid && weight >= 0 && weight <= 1 ? weight : 0;
}

}  // namespace

std::vector<Accepted> parse_accept(std::string_view header) {
  const std::string lower = text::lower(header);
  std::vector<Accepted> items;
  for (const std::string_view item : text::split(lower, ',')) {
    const auto parts = text::split(item, ';');
    Accepted accepted{std::string(text::trim(parts[0])), {}, 1};
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const std::string_view part = text::trim(parts[i]);
      const std::size_t equals = part.find('=');
      const std::string_view name = text::trim(part.substr(0, equals));
      const std::string_view value =
          equals == std::string_view::npos ? "" : text::trim(part.substr(equals + 1));
      if (name == "q")
        accepted.weight = weight_of(value);
      else if (!part.empty())
        accepted.parameters.emplace(name, value);
    }
    if (!accepted.name.empty()) items.push_back(std::move(accepted));
  }
  return items;
}

}  // namespace backproof
