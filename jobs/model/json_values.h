// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/text.h"

// How values of this program's own documents (runs, manifests) are written as JSON and read back.
// Readers trust nothing and throw std::exception; guarded() makes an Error of it.
namespace backproof {

// Written in the order of the code; read into the kind that finds a member without searching
// through all of them, because the writer may be hostile and its members many.
using Json = nlohmann::ordered_json;
using Read = nlohmann::json;

inline Json time_json(TimePoint t) {
  return t == TimePoint{} ? Json() : Json(text::format_time(t));
}

inline TimePoint time_at(const Read& json, const char* key) {
  const Read& value = json.at(key);
  if (value.is_null()) return {};
  const auto parsed = text::parse_time(value.get_ref<const std::string&>());
  if (!parsed) throw std::invalid_argument(parsed.error().text);
  return *parsed;
}

// Whole and within the range of its field: the library itself would convert -1, 1.5 and 1e300.
template <typename Number = std::uint64_t>
Number whole_at(const Read& json, const char* key) {
  const Read& value = json.at(key);
  if (!value.is_number_unsigned() ||
      !std::in_range<Number>(value.get_ref<const Read::number_unsigned_t&>()))
    throw std::invalid_argument(std::string(key) + " is no whole number in its range");
  return static_cast<Number>(value.get_ref<const Read::number_unsigned_t&>());
}

}  // namespace backproof
