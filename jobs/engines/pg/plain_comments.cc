// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_comments.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace backproof {
namespace {

using Kind = PlainComment::Kind;
using Candidates = std::vector<DumpEntry>;

constexpr std::size_t most_candidates = 64;
constexpr std::size_t most_names = 10000;  // a bound on memory; no dump has so many

constexpr std::array<std::pair<std::string_view, Kind>, 5> marks{{
    {"--", Kind::dashes},
    {"-- PostgreSQL database dump", Kind::dump_head},
    {"-- PostgreSQL database dump complete", Kind::dump_end},
    {"-- PostgreSQL database cluster dump", Kind::cluster_head},
    {"-- PostgreSQL database cluster dump complete", Kind::cluster_end},
}};

constexpr std::array<std::pair<std::string_view, Kind>, 6> beginnings{{
    {"-- Name: ", Kind::object},
    {"-- Data for Name: ", Kind::object},
    {"-- Statistics for Name: ", Kind::object},
    {"-- Dumped from database version ", Kind::server_version},
    {"-- Dumped by pg_dump version ", Kind::dump_version},
    {"-- Started on ", Kind::created},
}};

// pg_dump's words for kinds of objects are capitals.
bool is_type(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'A' && c <= 'Z') || c == ' '; });
}

// All places of `separator` in `text`.
std::vector<std::size_t> places(std::string_view text, std::string_view separator) {
  std::vector<std::size_t> found;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator, at + 1)) {
    found.push_back(at);
    if (found.size() > most_candidates) break;
  }
  return found;
}

// Every way to read NAME; Type: TYPE; Schema: SCHEMA; Owner: OWNER[; Tablespace: TABLESPACE].
Candidates candidates_of(std::string_view line) {
  static constexpr std::string_view type_is = "; Type: ", schema_is = "; Schema: ",
                                    owner_is = "; Owner: ", tablespace_is = "; Tablespace: ";
  Candidates found;
  for (const std::size_t at : places(line, type_is)) {
    const std::string_view behind = line.substr(at + type_is.size());
    const std::size_t type_ends = behind.find(schema_is);
    if (type_ends == std::string_view::npos || !is_type(behind.substr(0, type_ends))) continue;
    const std::string_view rest = behind.substr(type_ends + schema_is.size());
    for (const std::size_t schema_ends : places(rest, owner_is)) {
      std::string_view owner = rest.substr(schema_ends + owner_is.size());
      owner = owner.substr(0, owner.rfind(tablespace_is));
      found.push_back({std::string(behind.substr(0, type_ends)),
                       std::string(rest.substr(0, schema_ends)), std::string(line.substr(0, at)),
                       std::string(owner), ""});
      if (found.size() > most_candidates) return found;
    }
  }
  return found;
}

void learn(std::set<std::string>& names, const std::string& name) {
  if (names.size() < most_names) names.insert(name);
}

void clear_dash(std::string& name) {
  if (name == "-") name.clear();
}

}  // namespace

PlainComment read_comment(std::string_view line) {
  for (const auto& [text, kind] : marks)
    if (line == text) return {kind, {}};
  for (const auto& [text, kind] : beginnings) {
    if (!line.starts_with(text)) continue;
    std::string_view value = line.substr(text.size());
    // "15.18 (Debian 15.18-0+deb12u1)"
    if (kind == Kind::server_version || kind == Kind::dump_version)
      value = value.substr(0, std::min<std::size_t>(value.find(' '), 40));
    if (kind == Kind::created) value = value.substr(0, 80);
    return {kind, value};
  }
  return {};
}

bool PlainNames::knows(const DumpEntry& entry) const {
  return schemas_.count(entry.schema) > 0 && owners_.count(entry.owner) > 0;
}

std::optional<DumpEntry> PlainNames::read(std::string_view value) {
  Candidates candidates = candidates_of(value);
  if (candidates.empty()) return std::nullopt;
  if (candidates.size() > 1)
    std::erase_if(candidates, [&](const DumpEntry& entry) { return !knows(entry); });
  if (candidates.size() != 1) return DumpEntry{};
  DumpEntry& entry = candidates.front();
  if (entry.type == "SCHEMA") learn(schemas_, entry.name);
  learn(schemas_, entry.schema);
  learn(owners_, entry.owner);
  clear_dash(entry.schema);
  clear_dash(entry.owner);
  return std::move(entry);
}

}  // namespace backproof
