// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_teller.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engines/pg/copy_end.h"
#include "engines/pg/sql_statements.h"

namespace backproof {
namespace {

constexpr std::size_t piece_bytes = 256U << 10U;

DumpPlace place_of(const ArchiveEntry& entry) {
  return {DumpPlace::Unit::entry, static_cast<std::uint64_t>(entry.id)};
}

Error in(const ArchiveEntry& entry, const Error& error) {
  return error.while_doing(entry.str());
}

// As pg_dump writes it, and nothing else: what comes with it is rows.
bool is_copy(std::string_view sql) {
  const auto copy = read_copy_in(sql);
  return copy && copy->as_text;
}

}  // namespace

ArchiveTeller::ArchiveTeller(const ArchiveToc& toc, ArchiveEntries& entries, ArchiveData& data,
                             DumpSink& sink, const RunContext& context)
    : toc_(toc),
      entries_(entries),
      data_(data),
      sink_(sink),
      context_(context),
      sql_(toc),
      statements_(sink),
      buffer_(std::make_unique_for_overwrite<unsigned char[]>(piece_bytes)) {
  statements_.set_strings(sql_.standard_strings(), sql_.client_encoding());
  list_objects();
}

Result<ArchiveEnd> ArchiveTeller::tell() {
  TRY(sink_.header(header_of(toc_)));
  TRY(statements_.all_of(sql_.settings(), {DumpPlace::Unit::entry, 0}));
  end_.entries = toc_.entries.size();
  end_.database_settings = std::ranges::any_of(
      toc_.entries, [](const ArchiveEntry& entry) { return entry.is("DATABASE PROPERTIES"); });
  for (const ArchiveRound round :
       {ArchiveRound::main, ArchiveRound::privileges, ArchiveRound::last}) {
    for (const ArchiveEntry& entry : toc_.entries)
      if (round_of(entry) == round) TRY(tell_entry(entry));
  }
  TRY(all_objects_there());
  TRY(data_.finish(end_));
  return end_;
}

Result<void> ArchiveTeller::tell_entry(const ArchiveEntry& entry) {
  if (!entry.has_data) return begin(entry);
  // Data stands in the order of the table of contents, as far as is known; else it is told as it
  // comes, which is after the tables were made all the same.
  while (!entries_.begun(entry)) {
    const auto next = data_.next(entry);
    if (!next) return next.error();
    TRY(tell_data(**next));
  }
  return {};
}

Result<void> ArchiveTeller::begin(const ArchiveEntry& entry) {
  const DumpPlace at = place_of(entry);
  TRY(sink_.entry({.type = entry.type,
                   .schema = entry.schema,
                   .name = entry.tag,
                   .owner = entry.owner,
                   .section = std::string(name_of(entry.section))}));
  TRY(statements_.all_of(sql_.before(entry), at));
  bool refused = false;
  const auto defined = sql_.define(entry, [&](std::string_view sql) {
    auto said = statements_.all_of(sql, at);
    refused = !said;
    return said;
  });
  if (defined) return {};
  return refused ? defined.error() : in(entry, defined.error());
}

Result<void> ArchiveTeller::tell_data(const ArchiveEntry& entry) {
  ++end_.data_entries;
  TRY(begin(entry));
  if (holds_objects(entry)) return tell_objects(entry);
  return entry.copy.empty() ? tell_sql(entry) : tell_rows(entry);
}

Result<void> ArchiveTeller::tell_objects(const ArchiveEntry& entry) {
  while (true) {
    const auto oid = data_.next_object();
    if (!oid) return in(entry, oid.error());
    if (*oid == 0) return {};
    ++end_.large_objects;
    const auto named = [&](const Error& error) {
      return in(entry, error.while_doing("large object " + std::to_string(*oid)));
    };
    if (const auto once = fills(*oid); !once) return named(once.error());
    const auto content = data_.content();
    if (!content) return named(content.error());
    TRY(sink_.large_object_begin(*oid, place_of(entry)));
    while (true) {
      const auto n = fill(**content, 0);
      if (!n) return named(n.error());
      if (*n == 0) break;
      TRY(sink_.large_object_bytes(piece(*n)));
    }
    TRY(sink_.large_object_end());
  }
}

Result<void> ArchiveTeller::tell_rows(const ArchiveEntry& entry) {
  if (!is_copy(entry.copy))
    return in(entry, {Cause::hostile, "its COPY is no statement that pg_dump writes", ""});
  const auto content = data_.content();
  if (!content) return in(entry, content.error());
  TRY(sink_.copy_begin(text::trim(entry.copy), place_of(entry)));
  PgCopyEnd end;
  bool ended = false, more = true;
  // PostgreSQL's server takes no row behind the line that ends the rows and says nothing, so only
  // the empty lines may stand there that pg_dump writes.
  for (std::size_t kept = 0; more;) {
    const auto n = fill(**content, kept);
    if (!n) return in(entry, n.error());
    more = kept + *n == piece_bytes;
    ByteView bytes = piece(kept + *n);
    kept = 0;
    if (!ended) {
      const PgCopyEnd::Found found = end.find(as_text(bytes), !more);
      if (found.rows > 0) TRY(sink_.copy_rows(bytes.first(found.rows)));
      ended = found.end;
      bytes = bytes.subspan(found.rows + found.behind);
      if (!ended) {
        kept = bytes.size();
        std::copy(bytes.begin(), bytes.end(), buffer_.get());
        continue;
      }
    }
    if (std::ranges::any_of(bytes, [](unsigned char b) { return b != '\n'; }))
      return in(entry,
                {Cause::damaged, "there are bytes behind the line \\. that ends its rows", ""});
  }
  if (!ended)
    return in(entry, {Cause::truncated, "its rows end without the line \\. behind them", ""});
  return sink_.copy_end();
}

// pg_dump --inserts writes two empty lines behind the last statement.
Result<void> ArchiveTeller::tell_sql(const ArchiveEntry& entry) {
  const DumpPlace at = place_of(entry);
  const auto content = data_.content();
  if (!content) return in(entry, content.error());
  std::array<unsigned char, 2> last{};
  while (true) {
    const auto n = fill(**content, 0);
    if (!n) return in(entry, n.error());
    if (*n == 0) break;
    const ByteView sql = piece(*n);
    last = {*n > 1 ? sql[*n - 2] : last[1], sql[*n - 1]};
    TRY(statements_.more_of(sql, false, at));
  }
  if (last[0] != '\n' || last[1] != '\n')
    return in(entry,
              {Cause::truncated, "its statements end without the empty lines behind them", ""});
  return statements_.more_of({}, true, at);
}

// The objects that the archive makes, each of which has content once.
void ArchiveTeller::list_objects() {
  const auto add = [&](std::string_view oid) {
    objects_.push_back(static_cast<std::uint32_t>(text::parse_count(oid).value_or(0)));
  };
  for (const ArchiveEntry& entry : toc_.entries) {
    if (entry.is("BLOB")) add(entry.tag);
    if (!entry.is("BLOB METADATA")) continue;
    for (const std::string_view line : text::split(entry.definition, '\n'))
      if (!line.empty()) add(line);
  }
  std::ranges::sort(objects_);
  filled_.resize(objects_.size());
}

Result<void> ArchiveTeller::fills(std::uint32_t oid) {
  if (objects_.empty()) return {};
  const auto found = std::ranges::lower_bound(objects_, oid);
  if (found == objects_.end() || *found != oid)
    return Error{Cause::damaged, "the archive has content for it and does not make it", ""};
  std::vector<bool>::reference filled = filled_[static_cast<std::size_t>(found - objects_.begin())];
  if (filled) return Error{Cause::damaged, "it has its content twice", ""};
  filled = true;
  return {};
}

// A list of large objects of a directory has no end mark of its own.
Result<void> ArchiveTeller::all_objects_there() const {
  const bool with_content = std::ranges::any_of(toc_.entries, holds_objects);
  const auto filled = std::ranges::count(filled_, true);
  if (!with_content || filled == std::ssize(filled_)) return {};
  return Error{Cause::incomplete,
               "the archive makes " + text::plural(filled_.size(), "large object") +
                   " and has content for " + std::to_string(filled),
               ""};
}

// The next piece of content, behind `at` bytes of the last: fewer than there is room for only at
// the end.
Result<std::size_t> ArchiveTeller::fill(ByteSource& content, std::size_t at) {
  std::size_t have = at;
  while (have < piece_bytes) {
    TRY_ASSIGN(const std::size_t n,
               content.read(std::span(buffer_.get() + have, piece_bytes - have)));
    if (n == 0) break;
    have += n;
  }
  told_ += have - at;
  if (have > at) context_.progress(told_, 0);
  return have - at;
}

ByteView ArchiveTeller::piece(std::size_t bytes) const {
  return {buffer_.get(), bytes};
}

}  // namespace backproof
