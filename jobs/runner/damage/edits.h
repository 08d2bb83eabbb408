// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/pack.h"
#include "model/selftest.h"

// What the damages of all forms share. Everything here is deterministic: the same bytes and the
// same seed give the same damage.
namespace backproof::damage {

// Chance that can be repeated (splitmix64). Each kind of damage has a sequence of its own, so that
// it does not depend on which others are made.
class Dice {
 public:
  Dice(std::uint64_t seed, DamageKind kind)
      : state_(seed ^ (static_cast<std::uint64_t>(kind) + 1) * 0x9e3779b97f4a7c15U) {}
  // 0 to n - 1; 0 for n = 0.
  std::uint64_t below(std::uint64_t n);
  // The numbers 0 to n - 1 in any order.
  std::vector<std::size_t> order_of(std::size_t n);

 private:
  std::uint64_t state_;
};

// Says that a backup cannot have a damage: an Error of cause none, whose text is the reason.
inline Error not_applicable(std::string why) {
  return {Cause::none, std::move(why), ""};
}

// `length` bytes at `at` become `with`.
struct Edit {
  std::size_t at = 0, length = 0;
  std::string with = {};

  bool operator==(const Edit&) const = default;
};
using Edits = std::vector<Edit>;

// `content` with the edits into `into`, in pieces. Of two that overlap the first counts; what lies
// outside of the content is left out.
Result<void> apply(std::string_view content, Edits edits, ByteSink& into);
std::string applied(std::string_view content, Edits edits);

// Where the next line begins; the size of the text where this is the last.
std::size_t next_line(std::string_view text, std::size_t at);
// The beginning of the line after a place between a quarter and nine tenths of the text.
Result<std::size_t> line_to_cut_at(std::string_view text, Dice& dice);
// One bit of a letter among letters, else of a digit among digits, differs: a value that is still
// text, or still a number. Only what `may` allows at its place.
template <typename May>
Result<Edit> flip_bit(std::string_view text, Dice& dice, const May& may);
Result<Edit> flip_bit(std::string_view text, Dice& dice);

}  // namespace backproof::damage

namespace backproof::damage {

inline bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <typename May>
Result<Edit> flip_bit(std::string_view text, Dice& dice, const May& may) {
  const auto fits = [&](std::size_t i, bool (*kind)(char)) {
    return i > 0 && i + 1 < text.size() && kind(text[i - 1]) && kind(text[i]) &&
           kind(text[i + 1]) && may(i);
  };
  const std::size_t start = dice.below(text.size());
  for (const auto kind : {is_letter, is_digit})
    for (std::size_t n = 0; n < text.size(); ++n) {
      const std::size_t i = (start + n) % text.size();
      if (fits(i, kind)) return Edit{i, 1, std::string(1, static_cast<char>(text[i] ^ 1))};
    }
  return not_applicable("no value is long enough");
}

}  // namespace backproof::damage
