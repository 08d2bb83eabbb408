// SPDX-License-Identifier: Apache-2.0
#include "runner/head_time.h"

#include <array>
#include <string_view>

namespace backproof {
namespace {

using namespace std::string_view_literals;

// Source: ReadHead and ReadInt of pg_backup_archiver.c. The magic, three bytes of version, the
// width of numbers and of offsets, the form, the compression, then the members of a struct tm.
class ArchiveHead {
 public:
  explicit ArchiveHead(ByteView bytes) : left_(bytes) {}

  std::optional<TimeClaim> created() {
    constexpr std::size_t before_width = 8;  // PGDMP and the version
    constexpr unsigned byte_of_compression = 15;
    if (left_.size() < before_width + 3) return {};
    const unsigned major = left_[5], minor = left_[6];
    width_ = left_[before_width];
    left_ = left_.subspan(before_width + 3);  // with the widths and the form
    if (major != 1 || width_ < 1 || width_ > 8) return {};
    if (minor < byte_of_compression)
      integer();
    else
      left_ = left_.subspan(left_.empty() ? 0 : 1);
    std::array<std::optional<std::int64_t>, 6> tm{};
    for (auto& member : tm) member = integer();
    const auto [second, minute, hour, day, month, year] = tm;
    if (!second || !minute || !hour || !day || !month || !year) return {};
    if (*second < 0 || *second > 61 || *minute < 0 || *minute > 59 || *hour < 0 || *hour > 23 ||
        *day < 1 || *day > 31 || *month < 0 || *month > 11 || *year < 0 || *year > 1000)
      return {};
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year) + 1900},
                                           std::chrono::month{static_cast<unsigned>(*month) + 1},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return {};
    return somewhere(std::chrono::sys_days{date} + std::chrono::hours(*hour) +
                     std::chrono::minutes(*minute) + std::chrono::seconds(*second));
  }

 private:
  // A sign, then the magnitude, its least significant byte first.
  std::optional<std::int64_t> integer() {
    if (left_.size() < width_ + 1) return {};
    std::uint64_t magnitude = 0;
    for (std::size_t i = width_; i > 0; --i) magnitude = magnitude << 8U | left_[i];
    const bool negative = left_[0] != 0;
    left_ = left_.subspan(width_ + 1);
    if (magnitude > INT32_MAX) return {};
    return negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  }

  ByteView left_;
  std::size_t width_ = 0;
};

// The comments before the first statement. Nothing of the database's own stands there.
std::optional<TimeClaim> time_in_comments(std::string_view text) {
  constexpr std::string_view started = "-- Started on ";
  constexpr std::size_t longest_line = 200;
  if (!text.starts_with("--\n-- PostgreSQL database ")) return {};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end > longest_line) return {};
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(started)) return claim_of(line.substr(started.size()));
    if (!line.empty() && !line.starts_with("--") && !line.starts_with("\\restrict ")) return {};
  }
  return {};
}

}  // namespace

std::optional<TimeClaim> time_in_head(ByteView head) {
  constexpr std::string_view magic = "PGDMP";
  constexpr std::size_t tar_block = 512, tar_magic_at = 257;
  std::string_view text = as_text(head);
  // In a tar it is the first member.
  if (head.size() > tar_block && text.starts_with("toc.dat\0"sv) &&
      text.substr(tar_magic_at).starts_with("ustar"))
    text.remove_prefix(tar_block);
  if (text.starts_with(magic)) return ArchiveHead(as_bytes(text)).created();
  return time_in_comments(text);
}

}  // namespace backproof
