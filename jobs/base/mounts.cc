// SPDX-License-Identifier: Apache-2.0
#include "base/mounts.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"

namespace backproof {
namespace {

// "\040" is a space, and so on.
std::string unescaped(std::string_view text) {
  constexpr std::size_t digits = 3;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view octal = text.substr(i).substr(0, digits + 1);
    if (octal.size() == digits + 1 && octal[0] == '\\' &&
        std::ranges::all_of(octal.substr(1), [](char c) { return c >= '0' && c <= '7'; })) {
      out += static_cast<char>(((octal[1] - '0') * 8 + (octal[2] - '0')) * 8 + (octal[3] - '0'));
      i += digits;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Others than disks wait for another host, or for a program.
bool is_share(std::string_view type) {
  constexpr std::array<std::string_view, 9> begin{"nfs", "cifs", "smb",    "fuse",    "ceph",
                                                  "9p",  "afs",  "lustre", "virtiofs"};
  return std::ranges::any_of(begin, [&](std::string_view b) { return type.starts_with(b); });
}

}  // namespace

Path share_of(const Path& folder, std::string_view mountinfo) {
  constexpr std::size_t place = 4;
  const std::string below = folder.lexically_normal().native() + '/';
  std::string best;
  bool shared = false;
  for (const std::string_view line : text::split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = text::split(line, ' ');
    const auto dash = std::ranges::find(fields, "-");
    if (fields.size() <= place || dash == fields.end() || dash + 1 == fields.end()) continue;
    const std::string mount = unescaped(fields[place]);
    const bool holds = mount == "/" || below.starts_with(mount + '/');
    // Of two at one place the later one is on top.
    if (!holds || mount.size() < best.size()) continue;
    best = mount;
    shared = is_share(dash[1]);
  }
  return shared ? Path(best) : Path();
}

}  // namespace backproof
