// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "runner/damage/pg_archive.h"
#include "runner/damage/pg_plain.h"
#include "runner/damage/pg_view.h"
#include "unit/engines_pg_archive_support.h"

using namespace backproof;
using namespace backproof::test;
using namespace backproof::damage;

namespace {

constexpr DamageKind of_content[] = {
    DamageKind::flip_data,  DamageKind::drop_table,     DamageKind::drop_last_row,
    DamageKind::drop_index, DamageKind::orphan_row,     DamageKind::drop_constraint,
    DamageKind::drop_tenth, DamageKind::empty_database, DamageKind::meta_command};

// A shop of 30 customers and their orders, in every form of archive.
ArchiveWriter shop(unsigned minor = 14) {
  ArchiveWriter writer = ArchiveWriter::usual(minor);
  std::string customers, orders;
  for (int i = 1; i <= 30; ++i) {
    customers += std::to_string(i) + "\tcustomer number " + std::to_string(i) + "\n";
    orders += std::to_string(i) + "\t" + std::to_string(31 - i) + "\n";
  }
  const auto add = [&](int id, std::string type, std::string tag, int section,
                       std::string definition) -> WrittenEntry& {
    WrittenEntry entry;
    entry.id = id;
    entry.type = std::move(type);
    entry.tag = std::move(tag);
    entry.section = section;
    entry.definition = std::move(definition);
    entry.schema = "public";
    writer.entries.push_back(std::move(entry));
    return writer.entries.back();
  };
  add(1, "TABLE", "customer", 2,
      "CREATE TABLE public.customer (\n    id integer,\n    name text\n);\n");
  add(2, "TABLE", "orders", 2,
      "CREATE TABLE public.orders (\n    id integer,\n    customer_id integer\n);\n");
  WrittenEntry& customer = add(3, "TABLE DATA", "customer", 3, "");
  customer.copy = "COPY public.customer (id, name) FROM stdin;\n";
  customer.data = customers + "\\.\n\n\n";
  WrittenEntry& order = add(4, "TABLE DATA", "orders", 3, "");
  order.copy = "COPY public.orders (id, customer_id) FROM stdin;\n";
  order.data = orders + "\\.\n\n\n";
  add(5, "INDEX", "orders_customer", 4,
      "CREATE INDEX orders_customer ON public.orders USING btree (customer_id);\n");
  add(6, "FK CONSTRAINT", "orders orders_fk", 4,
      "ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT orders_fk FOREIGN KEY (customer_id) "
      "REFERENCES public.customer(id);\n");
  return writer;
}

using Script = std::vector<std::string>;

Script script_in(const std::string& archive) {
  RecordingSink sink;
  const auto end = read_text(archive, sink);
  INFO((end ? "" : end.error().str()));
  REQUIRE(end);
  CHECK(end->trailing == 0);
  return sink.script;
}

std::string damaged(DamageKind kind, const std::string& archive, std::uint64_t seed = 1) {
  Dice dice(seed, kind);
  TextSink out;
  const auto done = damage_pg_archive(kind, archive, dice, out);
  INFO(info_of(kind).name << (done ? "" : done.error().text));
  REQUIRE(done);
  return out.text;
}

std::size_t holding(const Script& script, std::string_view part) {
  return static_cast<std::size_t>(std::ranges::count_if(
      script, [&](const std::string& line) { return line.find(part) != std::string::npos; }));
}

std::size_t rows_in(const Script& script) {
  std::size_t rows = 0;
  for (const std::string& line : script)
    if (line.starts_with("rows ")) rows += static_cast<std::size_t>(std::ranges::count(line, '\n'));
  return rows;
}

void check_damages(const std::string& archive) {
  const Script whole = script_in(archive);
  CHECK(rows_in(whole) == 60);
  CHECK(rows_in(script_in(damaged(DamageKind::drop_last_row, archive))) == 59);
  CHECK(rows_in(script_in(damaged(DamageKind::drop_tenth, archive))) == 57);
  CHECK(rows_in(script_in(damaged(DamageKind::orphan_row, archive))) == 59);
  CHECK(rows_in(script_in(damaged(DamageKind::drop_table, archive))) == 30);
  const Script flipped = script_in(damaged(DamageKind::flip_data, archive));
  REQUIRE(flipped.size() == whole.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (std::size_t n = 0; n < whole[i].size(); ++n)
      bytes += whole[i][n] != flipped[i][n] ? 1U : 0U;
  CHECK(bytes == 1);
  CHECK(holding(script_in(damaged(DamageKind::drop_index, archive)), "CREATE INDEX") == 0);
  CHECK(holding(script_in(damaged(DamageKind::drop_constraint, archive)), "FOREIGN KEY") == 0);
  CHECK(holding(script_in(damaged(DamageKind::meta_command, archive)), "\\!") == 1);
  CHECK(holding(script_in(damaged(DamageKind::empty_database, archive)), "public.") == 0);
  const Script other = script_in(damaged(DamageKind::other_database, archive));
  CHECK(holding(other, "CREATE TABLE public.backproof_other") == 1);
  CHECK(holding(other, "customer") == 0);
  CHECK(rows_in(other) == 3);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    RecordingSink sink;
    const auto cut = read_text(damaged(DamageKind::cut_content, archive, seed), sink);
    REQUIRE_FALSE(cut);
    CHECK(verdict_of(cut.error().cause) == Verdict::failed);
  }
}

}  // namespace

TEST_CASE("damages of archives, in every form, version and compression") {
  for (const unsigned minor : {12U, 14U, 15U, 16U}) {
    ArchiveWriter writer = shop(minor);
    for (const Packing packing : {Packing::none, Packing::zlib, Packing::lz4, Packing::zstd}) {
      if (minor < 15 && packing > Packing::zlib) continue;
      INFO("1." << minor << ", compression " << static_cast<int>(packing));
      writer.packing = packing;
      check_damages(writer.custom());
    }
    writer.packing = Packing::none;
    INFO("1." << minor << " as tar");
    check_damages(writer.tar());
  }
}

TEST_CASE("damages of a directory archive") {
  const MemoryFolder folder = shop().folder();
  std::vector<FolderFile> files;
  for (const auto& [name, content] : folder.files) files.push_back({name, content});
  for (const DamageKind kind : of_content) {
    INFO(info_of(kind).name);
    MemoryFolder copy;
    Dice dice(1, kind);
    REQUIRE(
        damage_pg_folder(kind, files, dice, [&](const std::string& name, std::string_view content) {
          copy.files[name] = content;
          return Result<void>();
        }));
    RecordingSink sink;
    REQUIRE(read_folder(copy, sink));
    CHECK(copy.files != folder.files);
  }
}

TEST_CASE("the same seed damages an archive in the same way, another in another") {
  const std::string archive = shop().custom();
  for (const DamageKind kind :
       {DamageKind::flip_data, DamageKind::drop_tenth, DamageKind::orphan_row}) {
    CHECK(damaged(kind, archive, 7) == damaged(kind, archive, 7));
    CHECK(damaged(kind, archive, 7) != damaged(kind, archive, 8));
  }
}

TEST_CASE("rows that an archive keeps as INSERTs") {
  ArchiveWriter writer = shop();
  for (WrittenEntry& entry : writer.entries) {
    if (entry.type != "TABLE DATA") continue;
    entry.copy.clear();
    std::string rows;
    for (int i = 1; i <= 30; ++i)
      rows += "INSERT INTO public." + entry.tag + " VALUES (" + std::to_string(i) +
              ", 'several words\nin lines');\n";
    entry.data = rows + "\n\n";
  }
  for (const std::string& archive : {writer.custom(), writer.tar()}) {
    const std::string insert = "INSERT INTO", last = damaged(DamageKind::drop_last_row, archive),
                      tenth = damaged(DamageKind::drop_tenth, archive);
    CHECK(holding(script_in(archive), insert) == 60);
    CHECK(holding(script_in(last), insert) == 59);
    CHECK(holding(script_in(tenth), insert) == 57);
    CHECK(holding(script_in(damaged(DamageKind::flip_data, archive)), "several words\nin lines") ==
          59);
    Dice dice(1, DamageKind::orphan_row);
    TextSink out;
    const auto orphan = damage_pg_archive(DamageKind::orphan_row, archive, dice, out);
    REQUIRE_FALSE(orphan);
    CHECK(orphan.error().cause == Cause::none);
  }
}

TEST_CASE("an orphan is a row whose parent is gone") {
  const Script script = script_in(damaged(DamageKind::orphan_row, shop().custom(), 3));
  const auto rows =
      std::ranges::find_if(script, [](const auto& line) { return line.starts_with("rows "); });
  REQUIRE(rows != script.end());
  CHECK(std::ranges::count(*rows, '\n') == 29);  // of customers, who come first
}

TEST_CASE("any bytes in place of an archive are an error at worst") {
  const std::string archive = shop().custom(), tar = shop().tar();
  Random random(5);
  for (const std::string& whole : {archive, tar})
    for (std::uint64_t n = 0; n < 300; ++n) {
      std::string bytes = whole;
      for (std::uint64_t i = 0; i <= random.below(4); ++i)
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
      bytes.resize(bytes.size() - random.below(bytes.size() / 2));
      const DamageKind kind = of_content[random.below(std::size(of_content))];
      Dice dice(n, kind);
      TextSink out;
      const auto done = damage_pg_archive(kind, bytes, dice, out);
      CHECK((done || !done.error().text.empty()));
    }
}

TEST_CASE("damages of a plain dump are edits at the bounds of its objects and rows") {
  const std::string dump = test_data("pg_few.sql");
  for (const DamageKind kind : of_content) {
    Dice dice(1, kind);
    const auto edits = damage_pg_plain(kind, dump, dice);
    INFO(info_of(kind).name);
    if (!edits) {
      CHECK(edits.error().cause == Cause::none);
      continue;
    }
    CHECK_FALSE(edits->empty());
    const std::string text = applied(dump, *edits);
    CHECK(text != dump);
    CHECK(text.find("PostgreSQL database dump complete") != std::string::npos);
    Dice again(1, kind);
    CHECK(*damage_pg_plain(kind, dump, again) == *edits);
  }
}

TEST_CASE("rows that look like an object's comment are rows") {
  const std::string dump =
      "--\n-- PostgreSQL database dump\n--\n\n"
      "--\n-- Name: t; Type: TABLE; Schema: public; Owner: o\n--\n\nCREATE TABLE public.t (\n    a "
      "text\n);\n\n"
      "--\n-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: o\n--\n\n"
      "COPY public.t (a) FROM stdin;\n--\n-- Name: x; Type: TABLE; Schema: public; Owner: "
      "o\n--\nlast\n\\.\n\n\n"
      "--\n-- PostgreSQL database dump complete\n--\n\n";
  Dice dice(1, DamageKind::drop_last_row);
  const auto edits = damage_pg_plain(DamageKind::drop_last_row, dump, dice);
  REQUIRE(edits);
  CHECK(*edits == Edits{{dump.find("last\n"), 5}});
  Dice other(1, DamageKind::drop_table);
  const std::string without = applied(dump, *damage_pg_plain(DamageKind::drop_table, dump, other));
  CHECK(without ==
        "--\n-- PostgreSQL database dump\n--\n\n--\n-- PostgreSQL database dump complete\n--\n\n");
}

TEST_CASE("a text without pg_dump's comments cannot be damaged in its objects, and says so") {
  Dice dice(1, DamageKind::drop_table);
  const auto edits = damage_pg_plain(DamageKind::drop_table, "CREATE TABLE t (a int);\n", dice);
  REQUIRE_FALSE(edits);
  CHECK(edits.error().cause == Cause::none);
}

TEST_CASE("edits are applied in their order, and none outside of the content") {
  CHECK(applied("abcdef", {{4, 1, "X"}, {0, 2}}) == "cdXf");
  CHECK(applied("abc", {{3, 0, "d"}}) == "abcd");
  CHECK(applied("abc", {{9, 1, "d"}, {2, 9, "z"}}) == "abz");
  CHECK(applied("abcdef", {{0, 4, "x"}, {2, 1, "y"}}) == "xef");
}
