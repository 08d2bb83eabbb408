// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/edits.h"

#include <algorithm>
#include <numeric>

namespace backproof::damage {

std::uint64_t Dice::below(std::uint64_t n) {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return n == 0 ? 0 : (z ^ (z >> 31U)) % n;
}

std::vector<std::size_t> Dice::order_of(std::size_t n) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

Result<void> apply(std::string_view content, Edits edits, ByteSink& into) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.at < b.at; });
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.at < at || edit.at > content.size()) continue;
    TRY(into.write(as_bytes(content.substr(at, edit.at - at))));
    TRY(into.write(as_bytes(edit.with)));
    at = edit.at + std::min(edit.length, content.size() - edit.at);
  }
  return into.write(as_bytes(content.substr(at)));
}

std::string applied(std::string_view content, Edits edits) {
  TextSink text;
  std::ignore = apply(content, std::move(edits), text);
  return std::move(text.text);
}

std::size_t next_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

Result<std::size_t> line_to_cut_at(std::string_view text, Dice& dice) {
  const std::size_t at = text.size() / 4 + dice.below(text.size() * 65 / 100);
  const std::size_t cut = next_line(text, at);
  if (cut < text.size()) return cut;
  return not_applicable("the text has no line that ends early enough");
}

Result<Edit> flip_bit(std::string_view text, Dice& dice) {
  return flip_bit(text, dice, [](std::size_t) { return true; });
}

}  // namespace backproof::damage
