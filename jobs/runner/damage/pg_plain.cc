// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/pg_plain.h"

#include "base/text.h"
#include "runner/damage/pg_view.h"

namespace backproof::damage {
namespace {

constexpr std::string_view head_line = "--\n-- ", end_mark = "-- PostgreSQL database dump complete";

// A whole dump of a database with one table, as pg_dump writes it.
constexpr std::string_view other_head = R"sql(--
-- PostgreSQL database dump
--

-- Dumped from database version 15.0
-- Dumped by pg_dump version 15.0

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Name: backproof_other; Type: TABLE; Schema: public; Owner: -
--

)sql";
constexpr std::string_view other_data = R"sql(
--
-- Data for Name: backproof_other; Type: TABLE DATA; Schema: public; Owner: -
--

)sql";
constexpr std::string_view other_end = R"sql(--
-- PostgreSQL database dump complete
--

)sql";

// One object's part of the text: its comment and what follows, up to the next.
struct Section {
  std::size_t begin = 0, end = 0;
  std::size_t rows = 0, rows_end = 0;  // of TABLE DATA
};

std::string_view field(std::string_view line, std::string_view name, std::string_view until) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + name.size());
  return line.substr(0, std::min(line.find(until), line.size()));
}

class PlainView final : public PgView {
 public:
  explicit PlainView(std::string_view dump) : dump_(dump) { read(); }

  const std::vector<PgObject>& objects() const override { return objects_; }
  Result<std::string_view> rows(std::size_t object) override {
    const Section& section = sections_[object];
    return dump_.substr(section.rows, section.rows_end - section.rows);
  }

  Edits edits(const PgChange& change) const {
    Edits edits;
    for (const std::size_t i : change.dropped)
      edits.push_back({sections_[i].begin, sections_[i].end - sections_[i].begin});
    for (const Edit& edit : change.rows)
      edits.push_back({sections_[*change.table].rows + edit.at, edit.length, edit.with});
    if (change.command_before)
      edits.push_back({sections_[*change.command_before].begin, 0, std::string(pg_command)});
    return edits;
  }

 private:
  // Line by line; the rows of a COPY are passed over, so that none is taken for a comment.
  void read() {
    for (std::size_t at = 0; at < dump_.size();) {
      const std::string_view rest = dump_.substr(at);
      if (rest.starts_with(head_line) && begin_section(at)) {
        at = next_line(dump_, at + 3);
      } else if (rest.starts_with("COPY ") && !sections_.empty() && begin_copy(at)) {
        at = sections_.back().rows_end;
      } else {
        if (rest.starts_with(end_mark)) end_section(at - std::min<std::size_t>(at, 3));
        at = next_line(dump_, at);
      }
    }
    end_section(dump_.size());
  }

  bool begin_section(std::size_t at) {
    const std::size_t line_at = at + head_line.size();
    const std::string_view line = dump_.substr(line_at, next_line(dump_, line_at) - line_at);
    const bool data = line.starts_with("Data for Name: ");
    const std::string_view type = field(line, "; Type: ", "; Schema: ");
    if ((!data && !line.starts_with("Name: ")) || type.empty()) return false;
    end_section(at);
    PgObject object;
    object.type = type;
    object.name = field(line, "Name: ", "; Type: ");
    object.schema = field(line, "; Schema: ", "; Owner");
    objects_.push_back(object);
    sections_.push_back({at, dump_.size()});
    open_ = true;
    return true;
  }

  void end_section(std::size_t at) {
    if (!open_) return;
    open_ = false;
    Section& section = sections_.back();
    PgObject& object = objects_.back();
    section.end = at;
    const std::string_view text = dump_.substr(section.begin, at - section.begin);
    if (object.type != "TABLE DATA") {
      object.definition = text;
    } else if (object.copy.empty()) {
      const std::size_t first = text.find("\nINSERT INTO ");
      object.inserts = first != std::string_view::npos;
      section.rows = section.begin + (object.inserts ? first + 1 : text.size());
      section.rows_end = at;
    }
  }

  bool begin_copy(std::size_t at) {
    const std::size_t rows = next_line(dump_, at);
    const std::string_view copy = dump_.substr(at, rows - at);
    if (copy.find(" FROM stdin;") == std::string_view::npos) return false;
    Section& section = sections_.back();
    section.rows = rows;
    const std::size_t mark =
        dump_.substr(rows).starts_with("\\.\n") ? rows : dump_.find("\n\\.\n", rows);
    section.rows_end = mark == std::string_view::npos ? dump_.size() : mark + 1;
    objects_.back().copy = copy;
    return true;
  }

  const std::string_view dump_;
  std::vector<PgObject> objects_;
  std::vector<Section> sections_;
  bool open_ = false;  // the last section goes on
};

std::string other_dump() {
  std::string dump(other_head);
  for (const std::string_view part : {pg_other_table, other_data, pg_other_copy, pg_other_rows})
    dump += part;
  return dump + std::string(other_end);
}

}  // namespace

Result<Edits> damage_pg_plain(DamageKind kind, std::string_view dump, Dice& dice) {
  if (kind == DamageKind::cut_content) {
    TRY_ASSIGN(const std::size_t cut, line_to_cut_at(dump, dice));
    return Edits{{cut, dump.size() - cut}};
  }
  if (kind == DamageKind::other_database) return Edits{{0, dump.size(), other_dump()}};
  PlainView view(dump);
  if (view.objects().empty())
    return not_applicable("the text does not name its objects as pg_dump does");
  TRY_ASSIGN(const PgChange change, plan(kind, view, dice));
  return view.edits(change);
}

}  // namespace backproof::damage
