// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/pg_view.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof::damage {
namespace {

// Tables are tried in the dice's order until one fits; reading rows may mean to unpack them.
constexpr std::size_t most_tries = 40;

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::vector<std::size_t> of_type(const PgView& view, std::string_view type) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < view.objects().size(); ++i)
    if (view.objects()[i].type == type) found.push_back(i);
  return found;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return text.substr(0, std::min(text.find(end), text.size()));
}

// "public.orders" as the dump writes it: of CREATE TABLE, of COPY.
std::string_view table_of(const PgObject& object) {
  if (!object.copy.empty()) return between(object.copy, "COPY ", " (");
  return between(object.definition, "TABLE ", " (");
}

// As a whole name: "public.orders" is not in "public.orders_old".
bool mentions(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string_view::npos;
       at += name.size()) {
    const std::size_t behind = at + name.size();
    const char next = behind < text.size() ? text[behind] : ' ';
    const char before = at > 0 ? text[at - 1] : ' ';
    const auto in_name = [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '"'; };
    if (!in_name(next) && !in_name(before)) return true;
  }
  return false;
}

// The lines of rows, without the mark of their end; of INSERTs those that begin one.
class Lines {
 public:
  Lines(std::string_view rows, bool inserts) : rows_(rows), inserts_(inserts) {}
  // The next one: where it begins and ends, the line break included.
  bool next() {
    begin = end;
    if (begin >= rows_.size() || (!inserts_ && rows_.substr(begin, 2) == "\\.")) return false;
    end = next_line(rows_, begin);
    if (!inserts_) return true;
    while (begin < rows_.size() && !is_insert(begin)) begin = next_line(rows_, begin);
    if (begin >= rows_.size()) return false;
    end = next_line(rows_, begin);
    while (end < rows_.size() && !is_insert(end) && rows_.substr(end - 3, 3) != ");\n")
      end = next_line(rows_, end);
    return true;
  }
  std::string_view line() const { return rows_.substr(begin, end - begin); }
  std::size_t begin = 0, end = 0;

 private:
  bool is_insert(std::size_t at) const { return rows_.substr(at).starts_with("INSERT INTO "); }
  std::string_view rows_;
  bool inserts_;
};

struct TableRows {
  std::size_t object = 0;
  std::string_view text;
  bool inserts = false;
  std::size_t count = 0;
};

// What `change` makes of the first table of at least so many rows that it can change.
template <typename Change>
Result<PgChange> change_some(PgView& view, Dice& dice, std::size_t least, const Change& change) {
  const auto tables = of_type(view, "TABLE DATA");
  const auto order = dice.order_of(tables.size());
  std::string why = "no table has " + text::plural(least, "row") + " that can be changed";
  for (std::size_t n = 0; n < std::min(order.size(), most_tries); ++n) {
    TableRows table{tables[order[n]], {}, view.objects()[tables[order[n]]].inserts, 0};
    const auto rows = view.rows(table.object);
    if (!rows) why = rows.error().text;
    if (!rows) continue;
    table.text = *rows;
    for (Lines lines(*rows, table.inserts); lines.next();) ++table.count;
    if (table.count < least) continue;
    Result<PgChange> changed = change(table);
    if (changed || changed.error().cause != Cause::none) return changed;
    why = changed.error().text;
  }
  return not_applicable(why);
}

Result<PgChange> flip_in(const TableRows& table, Dice& dice) {
  std::size_t end = 0;
  for (Lines lines(table.text, table.inserts); lines.next();) end = lines.end;
  const std::string_view rows = table.text.substr(0, end);
  // Of an INSERT only what stands behind its table's name; an escape is not what it looks like.
  const auto may = [&](std::size_t i) {
    if (i >= 2 && rows[i - 2] == '\\') return false;
    if (!table.inserts) return true;
    const std::size_t line = rows.rfind('\n', i);
    const std::size_t values = rows.find("VALUES", line == std::string_view::npos ? 0 : line);
    return values + 8 < i;
  };
  PgChange change;
  change.table = table.object;
  TRY_ASSIGN(Edit flip, flip_bit(rows, dice, may));
  change.rows.push_back(std::move(flip));
  return change;
}

PgChange without_rows(const TableRows& table, Dice& dice, bool only_last) {
  PgChange change;
  change.table = table.object;
  const std::size_t rest = dice.below(10);
  std::size_t n = 0;
  for (Lines lines(table.text, table.inserts); lines.next(); ++n)
    if (only_last ? n + 1 == table.count : n % 10 == rest)
      change.rows.push_back({lines.begin, lines.end - lines.begin});
  return change;
}

Result<PgChange> drop_rows(PgView& view, Dice& dice, bool only_last) {
  return change_some(view, dice, only_last ? 1 : 10, [&](const TableRows& table) {
    return Result<PgChange>(without_rows(table, dice, only_last));
  });
}

// A sequence that a table's identity column makes is gone with it, and so is its value.
void drop_values(const PgView& view, PgChange& change) {
  const auto& objects = view.objects();
  for (const std::size_t value : of_type(view, "SEQUENCE SET"))
    for (const std::size_t dropped : change.dropped)
      if (objects[dropped].type == "SEQUENCE" && objects[dropped].name == objects[value].name &&
          objects[dropped].schema == objects[value].schema) {
        change.dropped.insert(value);
        break;
      }
}

Result<PgChange> drop_table(const PgView& view, Dice& dice) {
  const auto tables = of_type(view, "TABLE");
  if (tables.empty()) return not_applicable("the dump makes no table");
  std::optional<PgChange> chosen;
  std::size_t tries = 0;
  for (const std::size_t n : dice.order_of(tables.size())) {
    if (++tries > most_tries) break;
    const PgObject& table = view.objects()[tables[n]];
    const std::string_view name = table_of(table);
    if (name.empty()) continue;
    PgChange change;
    bool needed = false;
    for (std::size_t i = 0; i < view.objects().size(); ++i) {
      const PgObject& object = view.objects()[i];
      const bool same = object.schema == table.schema && object.name == table.name;
      const bool data = object.type == "TABLE DATA" && same;
      if (i != tables[n] && !data && !mentions(object.definition, name)) continue;
      if (is_one_of(object.type, {"VIEW", "MATERIALIZED VIEW", "FUNCTION", "PROCEDURE"}) ||
          (object.type == "TABLE" && i != tables[n]))
        needed = true;
      else
        change.dropped.insert(i);
    }
    drop_values(view, change);
    if (!chosen || !needed) chosen = std::move(change);
    if (!needed) break;
  }
  if (!chosen) return not_applicable("no table is made as pg_dump does it");
  return *std::move(chosen);
}

Result<PgChange> drop_one(const PgView& view, Dice& dice, std::string_view what,
                          std::initializer_list<std::string_view> types) {
  for (const std::string_view type : types) {
    const auto found = of_type(view, type);
    if (found.empty()) continue;
    PgChange change;
    change.dropped.insert(found[dice.below(found.size())]);
    return change;
  }
  return not_applicable("the dump makes no " + std::string(what));
}

// "a, b" of a list in parentheses, which ends with the first one that closes.
std::vector<std::string_view> columns_in(std::string_view list) {
  std::vector<std::string_view> columns;
  for (const std::string_view column : text::split(list, ','))
    columns.push_back(text::trim(column));
  return columns;
}

// The fields of a line at these places, in their order; nothing where one is NULL.
std::optional<std::vector<std::string>> fields_at(std::string_view line,
                                                  const std::vector<std::size_t>& places) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto all = text::split(line, '\t');
  std::vector<std::string> fields;
  for (const std::size_t place : places) {
    if (place >= all.size() || all[place] == "\\N") return std::nullopt;
    fields.emplace_back(all[place]);
  }
  return fields;
}

struct Reference {
  std::size_t child = 0, parent = 0;  // TABLE DATA objects
  std::vector<std::size_t> from, to;  // places of the columns in their rows
};

std::optional<std::size_t> data_of(const PgView& view, std::string_view table) {
  for (const std::size_t i : of_type(view, "TABLE DATA"))
    if (!view.objects()[i].copy.empty() && table_of(view.objects()[i]) == table) return i;
  return std::nullopt;
}

bool places_of(const PgObject& data, std::string_view columns, std::vector<std::size_t>& places) {
  const auto all = columns_in(between(data.copy, " (", ") FROM"));
  for (const std::string_view column : columns_in(columns)) {
    const auto found = std::ranges::find(all, column);
    if (found == all.end()) return false;
    places.push_back(static_cast<std::size_t>(found - all.begin()));
  }
  return !places.empty();
}

std::optional<Reference> reference_of(const PgView& view, const PgObject& key) {
  const std::string_view sql = key.definition;
  std::string_view child = between(sql, "ALTER TABLE ", "\n");
  if (child.starts_with("ONLY ")) child.remove_prefix(5);
  const std::string_view target = between(sql, ") REFERENCES ", ")");
  const auto child_data = data_of(view, text::trim(child));
  const auto parent_data = data_of(view, target.substr(0, target.find('(')));
  if (!child_data || !parent_data) return std::nullopt;
  Reference found{*child_data, *parent_data, {}, {}};
  if (!places_of(view.objects()[found.child], between(sql, "FOREIGN KEY (", ")"), found.from) ||
      !places_of(view.objects()[found.parent], between(target, "(", ")"), found.to) ||
      found.from.size() != found.to.size())
    return std::nullopt;
  return found;
}

// The row that some row refers to goes, so that the latter is an orphan.
Result<PgChange> orphan_by(PgView& view, const Reference& reference, Dice& dice) {
  TRY_ASSIGN(const std::string_view children, view.rows(reference.child));
  std::vector<std::string> wanted;
  const std::size_t start = dice.below(children.size());
  for (Lines lines(children, false); lines.next();) {
    auto fields = fields_at(lines.line(), reference.from);
    const bool own =
        reference.child == reference.parent && fields == fields_at(lines.line(), reference.to);
    if (!fields || own) continue;
    wanted = *std::move(fields);
    if (lines.end > start) break;
  }
  if (wanted.empty()) return not_applicable("no row refers to another");
  TRY_ASSIGN(const std::string_view parents, view.rows(reference.parent));
  for (Lines lines(parents, false); lines.next();)
    if (fields_at(lines.line(), reference.to) == wanted) {
      PgChange change;
      change.table = reference.parent;
      change.rows.push_back({lines.begin, lines.end - lines.begin});
      return change;
    }
  return not_applicable("the row that a row refers to is not in the table's own data");
}

Result<PgChange> orphan_row(PgView& view, Dice& dice) {
  const auto keys = of_type(view, "FK CONSTRAINT");
  const auto order = dice.order_of(keys.size());
  for (std::size_t n = 0; n < std::min(order.size(), most_tries); ++n) {
    const auto reference = reference_of(view, view.objects()[keys[order[n]]]);
    if (!reference) continue;
    auto change = orphan_by(view, *reference, dice);
    if (change) return change;
  }
  const auto inserts = [](const PgObject& object) { return object.inserts; };
  return not_applicable(keys.empty() ? "the dump declares no foreign key"
                        : std::ranges::any_of(view.objects(), inserts)
                            ? "the rows are INSERTs, whose columns are not told apart"
                            : "no row refers to another by a declared foreign key");
}

// What every dump has in front and no object of the database is.
bool is_setting(const PgObject& object) {
  return is_one_of(object.type,
                   {"ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES"});
}

Result<PgChange> empty_database(const PgView& view) {
  PgChange change;
  for (std::size_t i = 0; i < view.objects().size(); ++i)
    if (!is_setting(view.objects()[i])) change.dropped.insert(i);
  if (change.dropped.empty()) return not_applicable("the dump names no object");
  return change;
}

Result<PgChange> meta_command(const PgView& view, Dice& dice) {
  const auto tables = of_type(view, "TABLE");
  if (tables.empty()) return not_applicable("the dump makes no table");
  PgChange change;
  change.command_before = tables[dice.below(tables.size())];
  return change;
}

}  // namespace

Result<PgChange> plan(DamageKind kind, PgView& view, Dice& dice) {
  switch (kind) {
    case DamageKind::flip_data:
      return change_some(view, dice, 1,
                         [&](const TableRows& table) { return flip_in(table, dice); });
    case DamageKind::flip_index:
      return not_applicable("a dump holds no index, a restore makes it");
    case DamageKind::drop_table:
      return drop_table(view, dice);
    case DamageKind::drop_tenth:
      return drop_rows(view, dice, false);
    case DamageKind::drop_last_row:
      return drop_rows(view, dice, true);
    case DamageKind::orphan_row:
      return orphan_row(view, dice);
    case DamageKind::drop_index:
      return drop_one(view, dice, "index", {"INDEX"});
    case DamageKind::drop_constraint:
      return drop_one(view, dice, "constraint",
                      {"FK CONSTRAINT", "CHECK CONSTRAINT", "CONSTRAINT"});
    case DamageKind::empty_database:
      return empty_database(view);
    case DamageKind::meta_command:
      return meta_command(view, dice);
    case DamageKind::cut_container:
    case DamageKind::cut_content:
    case DamageKind::stale_copy:
    case DamageKind::other_database:
    case DamageKind::appended_junk:
      break;
  }
  return Error{Cause::internal, "this damage is the form's own", ""};
}

}  // namespace backproof::damage
