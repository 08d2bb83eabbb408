// SPDX-License-Identifier: Apache-2.0
// Samples as lines of text, which the two formats share.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "exporter/metrics/family.h"
#include "exporter/utf8.h"

namespace backproof::metrics {
namespace {

bool is_plain(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
  });
}

void append_label(std::string_view name, std::string_view value, std::string& out) {
  (out += name) += "=\"";
  if (is_plain(value)) {
    out += value;
  } else {
    for (const char c : valid_utf8(value)) {
      if (c == '"' || c == '\\') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
  }
  out += '"';
}

void append_value(double value, std::string& out) {
  constexpr double most_exact = 9007199254740992;  // 2^53
  std::array<char, 32> text{};
  char* const end = text.data() + text.size();
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (std::abs(value) < most_exact && value == std::trunc(value)) {
    out.append(text.data(), std::to_chars(text.data(), end, static_cast<std::int64_t>(value)).ptr);
  } else {
    // The shortest that is read as the same number.
    const bool is_odd = std::abs(value) >= most_exact || std::abs(value) < 1e-6;
    const auto form = is_odd ? std::chars_format::scientific : std::chars_format::fixed;
    out.append(text.data(), std::to_chars(text.data(), end, value, form).ptr);
  }
}

}  // namespace

std::string label_text(std::string_view name, std::string_view value) {
  std::string text;
  append_label(name, value, text);
  return text;
}

void Samples::add(double value, std::initializer_list<Label> labels) {
  const std::size_t begin = text_.size();
  for (const auto& [name, text] : labels) {
    if (text_.size() > begin) text_ += ',';
    append_label(name, text, text_);
  }
  samples_.push_back({begin, text_.size(), value});
}

void Samples::write(std::string_view name, std::string_view common, std::string& page) {
  const auto labels = [this](const Sample& sample) {
    return std::string_view(text_).substr(sample.begin, sample.end - sample.begin);
  };
  if (samples_.size() > 1) std::ranges::stable_sort(samples_, {}, labels);
  for (const Sample& sample : samples_) {
    const std::string_view own = labels(sample);
    page += name;
    if (!common.empty() || !own.empty()) {
      (page += '{') += common;
      if (!common.empty() && !own.empty()) page += ',';
      (page += own) += '}';
    }
    page += ' ';
    append_value(sample.value, page);
    page += '\n';
  }
  samples_.clear();
  text_.clear();
}

}  // namespace backproof::metrics
