// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/pg_toc.h"

namespace backproof::damage {
namespace {

constexpr unsigned access_methods = 14, compression_byte = 15, relation_kinds = 16;
constexpr char place_not_set = 1, no_data = 3;

Error damaged() {
  return {Cause::damaged, "the archive's table of contents cannot be read", ""};
}

Result<void> read_head(Cursor& cursor, Toc& toc) {
  TRY_ASSIGN(const std::string_view magic, cursor.take(6));
  if (magic.substr(0, 5) != "PGDMP") return damaged();
  TRY_ASSIGN(toc.minor, cursor.byte());
  TRY(cursor.byte());
  TRY_ASSIGN(toc.int_size, cursor.byte());
  TRY_ASSIGN(toc.off_size, cursor.byte());
  if (toc.int_size == 0 || toc.int_size > 8) return damaged();
  cursor.set_int_size(toc.int_size);
  TRY(cursor.byte());  // the form
  if (toc.minor >= compression_byte) {
    TRY_ASSIGN(const unsigned code, cursor.byte());
    toc.compression = static_cast<ArchiveCompression>(code & 3U);
  } else {
    TRY_ASSIGN(const std::int64_t level, cursor.integer());
    toc.compression = level == 0 ? ArchiveCompression::none : ArchiveCompression::gzip;
  }
  for (int part = 0; part < 7; ++part) TRY(cursor.integer());
  for (int part = 0; part < 3; ++part) TRY(cursor.text());
  return {};
}

Result<void> read_entry(std::string_view archive, Cursor& cursor, Toc& toc) {
  const auto from = [&](std::size_t begin) { return archive.substr(begin, cursor.at - begin); };
  TocEntry entry;
  PgObject object;
  const std::size_t begin = cursor.at;
  TRY_ASSIGN(entry.id, cursor.integer());
  TRY_ASSIGN(const std::int64_t has_data, cursor.integer());
  entry.has_data = has_data != 0;
  for (int oid = 0; oid < 2; ++oid) TRY(cursor.text());
  TRY_ASSIGN(object.name, cursor.text());
  TRY_ASSIGN(object.type, cursor.text());
  TRY(cursor.integer());  // the section
  entry.before_definition = from(begin);
  TRY_ASSIGN(entry.definition, cursor.text());
  object.definition = entry.definition;
  const std::size_t behind = cursor.at;
  TRY(cursor.text());  // DROP
  TRY_ASSIGN(object.copy, cursor.text());
  object.inserts = object.type == "TABLE DATA" && object.copy.empty();
  TRY_ASSIGN(object.schema, cursor.text());
  TRY(cursor.text());  // tablespace
  if (toc.minor >= access_methods) TRY(cursor.text());
  if (toc.minor >= relation_kinds) TRY(cursor.integer());
  for (int part = 0; part < 2; ++part) TRY(cursor.text());  // owner, WITH OIDS
  while (true) {
    const std::size_t dependency = cursor.at;
    TRY(cursor.text());
    if (archive[dependency] == 1) break;  // a negative length: there are no more
  }
  entry.after_definition = from(behind);
  if (toc.form == ArchiveForm::tar) {
    TRY_ASSIGN(entry.member, cursor.text());
  } else {
    TRY(cursor.take(1 + toc.off_size));
  }
  toc.entries.push_back(entry);
  toc.objects.push_back(object);
  return {};
}

// One entry of the other table.
std::string other_entry(const Toc& toc, bool data) {
  const auto absent = [&] { return toc.integer(-1); };
  const std::int64_t id = data ? other_id : other_id - 1;
  std::string out = toc.integer(id) + toc.integer(data ? 1 : 0);
  out += toc.text(data ? "0" : "1259") + toc.text(data ? "0" : "1000001");
  out += toc.text("backproof_other") + toc.text(data ? "TABLE DATA" : "TABLE");
  out += toc.integer(data ? 3 : 2);
  out += toc.text(data ? "" : pg_other_table);
  out += toc.text(data ? "" : "DROP TABLE public.backproof_other;\n");
  out += data ? toc.text(pg_other_copy) : absent();
  out += toc.text("public") + absent();
  if (toc.minor >= access_methods) out += data ? absent() : toc.text("heap");
  if (toc.minor >= relation_kinds) out += toc.integer('r');
  out += toc.text("") + toc.text("false");
  if (data) out += toc.text(std::to_string(other_id - 1));
  return out + absent();
}

}  // namespace

Result<std::string_view> Cursor::take(std::size_t n) {
  if (n > bytes_.size() - at) return damaged();
  const std::string_view taken = bytes_.substr(at, n);
  at += n;
  return taken;
}

Result<unsigned> Cursor::byte() {
  TRY_ASSIGN(const std::string_view one, take(1));
  return static_cast<unsigned>(static_cast<unsigned char>(one[0]));
}

Result<std::int64_t> Cursor::integer() {
  TRY_ASSIGN(const std::string_view all, take(1 + int_size_));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < int_size_; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(all[i + 1])} << (8 * i);
  if (value > INT64_MAX) return damaged();
  return all[0] != 0 ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

Result<std::string_view> Cursor::text() {
  TRY_ASSIGN(const std::int64_t length, integer());
  return take(length < 0 ? 0 : static_cast<std::size_t>(length));
}

std::string Toc::integer(std::int64_t value) const {
  std::string out(1, value < 0 ? '\1' : '\0');
  auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  for (unsigned i = 0; i < int_size; ++i, magnitude >>= 8U)
    out += static_cast<char>(magnitude & 0xffU);
  return out;
}

std::string Toc::text(std::string_view value) const {
  return integer(static_cast<std::int64_t>(value.size())) + std::string(value);
}

std::string Toc::written(const PgChange& change, bool with_other) const {
  const auto place = [&](bool has_data, std::string_view member) {
    if (form == ArchiveForm::tar) return text(member);
    return std::string(1, has_data ? place_not_set : no_data) + std::string(off_size, '\0');
  };
  const std::size_t kept = entries.size() - change.dropped.size() + (with_other ? 2 : 0);
  std::string out = std::string(head) + integer(static_cast<std::int64_t>(kept));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (change.dropped.contains(i)) continue;
    const TocEntry& entry = entries[i];
    out += entry.before_definition;
    out += text((change.command_before == i ? std::string(pg_command) : "") +
                std::string(entry.definition));
    out += entry.after_definition;
    out += place(entry.has_data, entry.member);
  }
  if (!with_other) return out;
  out += other_entry(*this, false) + place(false, "");
  return out + other_entry(*this, true) + place(true, other_member);
}

Result<Toc> read_toc(std::string_view archive, ArchiveForm form) {
  Toc toc;
  toc.form = form;
  Cursor cursor(archive, 0, toc.int_size);
  TRY(read_head(cursor, toc));
  toc.head = archive.substr(0, cursor.at);
  TRY_ASSIGN(const std::int64_t count, cursor.integer());
  for (std::int64_t i = 0; i < count; ++i) TRY(read_entry(archive, cursor, toc));
  toc.end = cursor.at;
  return toc;
}

}  // namespace backproof::damage
