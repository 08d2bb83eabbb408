// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_scan.h"

#include <algorithm>
#include <array>

#include "db/sqlite_page_facts.h"

namespace backproof {
namespace {

using Kind = SqliteValue::Kind;

std::optional<Collation> collation_named(std::string_view name) {
  if (name == "binary") return Collation::binary;
  if (name == "nocase") return Collation::nocase;
  if (name == "rtrim") return Collation::rtrim;
  return std::nullopt;
}

// Looks at the entries of one index as they come. Two places for entries take turns, so that each
// can be compared with the one before it.
class IndexReader {
 public:
  IndexReader(const Pages& pages, const SqliteTable& table, const SqliteIndex& index)
      : columns_(index.columns),
        is_storage_(&index == table.storage()),
        is_unique_(index.is_unique || is_storage_),
        places_{Place(pages), Place(pages)} {
    for (const SqliteIndexColumn& column : columns_) {
      collations_.push_back(collation_named(column.collation).value_or(Collation::binary));
      keys_ += column.is_key ? 1 : 0;
    }
    // The rows of a WITHOUT ROWID table may be shorter than the table is wide today.
    width_ = is_storage_ ? keys_ : columns_.size();
    for (Place& place : places_) place.values.resize(width_);
  }

  // False for an entry that is not as it must be.
  bool take(const Cell& cell) {
    const Place& previous = places_[side.found.rows % 2];
    Place& current = places_[(side.found.rows + 1) % 2];
    if (!read(cell, current)) return false;
    if (side.found.rows != 0 && !is_before(previous, current)) return false;
    row_.clear();
    for (const SqliteValue& value : current.values) row_.add(value);
    side.found.add(row_);
    return true;
  }

  IndexSide side;

 private:
  struct Place {
    explicit Place(const Pages& pages) : record(pages) {}
    SqliteRecord record;
    std::vector<SqliteValue> values;
  };

  bool read(const Cell& cell, Place& place) {
    if (!place.record.parse(cell.payload) || place.record.fields() < width_) return false;
    if (!is_storage_ && place.record.fields() > width_) {
      side.has_extra_fields = true;
      return false;
    }
    for (std::size_t i = 0; i < width_; ++i)
      if (!place.record.value(i, place.values[i])) return false;
    return columns_[width_ - 1].column != SqliteIndexColumn::rowid ||
           place.values[width_ - 1].kind == Kind::integer;
  }

  bool is_before(const Place& a, const Place& b) const {
    bool has_null = false;
    for (std::size_t i = 0; i < width_; ++i) {
      const int order = compare(a.values[i], b.values[i], collations_[i]);
      if (order != 0) {
        // Different only in what is behind the key: the same key twice.
        const bool twice = i >= keys_ && is_unique_ && !has_null;
        return (order < 0) != columns_[i].descending && !twice;
      }
      has_null = has_null || (i < keys_ && a.values[i].kind == Kind::null);
    }
    return false;
  }

  const std::vector<SqliteIndexColumn>& columns_;
  bool is_storage_, is_unique_;
  std::size_t keys_ = 0, width_ = 0;
  std::vector<Collation> collations_;
  std::array<Place, 2> places_;
  CanonicalRow row_;
};

// Makes of each row of a table the entries that its indexes must have.
class TableReader {
 public:
  explicit TableReader(const SqliteTable& table) {
    side.expected.resize(table.indexes.size());
    for (std::size_t i = 0; i < table.indexes.size(); ++i) {
      if (&table.indexes[i] == table.storage()) continue;
      understood_ = understood_ && !table.indexes[i].is_partial;
      Wanted wanted{i, {}};
      for (const SqliteIndexColumn& column : table.indexes[i].columns)
        wanted.values.push_back(place_of(table, column.column));
      wanted_.push_back(std::move(wanted));
    }
    values_.resize(fields_.size() + 1);
  }

  bool is_understood() const { return understood_; }

  // False for a row that is not as it must be; one that lacks a field ends the proof.
  bool take(SqliteRecord& record, std::int64_t rowid) {
    ++side.rows;
    if (!understood_) return true;
    values_[0].kind = Kind::integer;
    values_[0].integer = rowid;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      understood_ = understood_ && fields_[i] < record.fields();
      if (!understood_) return true;
      if (!record.value(fields_[i], values_[i + 1])) return false;
    }
    for (const Wanted& wanted : wanted_) {
      row_.clear();
      for (const std::size_t value : wanted.values) row_.add(values_[value]);
      side.expected[wanted.index].add(row_);
    }
    return true;
  }

  TableSide side;

 private:
  struct Wanted {
    std::size_t index;
    std::vector<std::size_t> values;  // places in values_
  };

  // Where a column's value will be: 0 is the rowid, then the fields that some index needs.
  std::size_t place_of(const SqliteTable& table, int column) {
    if (column == SqliteIndexColumn::rowid || (column >= 0 && column == table.rowid_column))
      return 0;
    const auto field = table.field_of(column);
    understood_ = understood_ && field.has_value();
    const auto known = std::ranges::find(fields_, field.value_or(0));
    const auto place = static_cast<std::size_t>(known - fields_.begin());
    if (known == fields_.end()) fields_.push_back(field.value_or(0));
    return place + 1;
  }

  bool understood_ = true;
  std::vector<std::size_t> fields_;
  std::vector<Wanted> wanted_;
  std::vector<SqliteValue> values_;
  CanonicalRow row_;
};

}  // namespace

bool is_scannable(const SqliteCatalog& catalog, const SqliteIndex& index) {
  return std::ranges::all_of(index.columns, [&](const SqliteIndexColumn& column) {
    const auto collation = collation_named(column.collation);
    // The other two are defined on UTF-8; SQLite converts for them.
    return collation && (!catalog.is_utf16() || *collation == Collation::binary);
  });
}

IndexSide scan_index(const Pages& pages, const SqliteTable& table, const SqliteIndex& index,
                     PageMeter& meter) {
  if (index.columns.empty()) return {};
  IndexReader reader(pages, table, index);
  const Walked walk = walk_index(
      pages, index.root, [&](const Cell& cell) { return reader.take(cell); }, meter);
  reader.side.outcome = walk.how == Walk::whole ? ScanOutcome::proven : ScanOutcome::suspicious;
  return reader.side;
}

TableSide scan_table(const Pages& pages, const SqliteTable& table, TextEncoding encoding,
                     const FactsWanted& wanted, PageMeter& meter) {
  TableReader reader(table);
  PageFacts facts(table, encoding, wanted);
  SqliteRecord record(pages);
  bool has_facts = wants_facts(wanted);
  const auto walk = table.without_rowid ? walk_index : walk_table;
  const Walked done = walk(
      pages, table.root,
      [&](const Cell& cell) {
        if (!record.parse(cell.payload) || !reader.take(record, cell.rowid)) return false;
        has_facts = has_facts && facts.take(record, cell.rowid);
        return reader.is_understood() || has_facts;
      },
      meter);
  TableSide& side = reader.side;
  if (done.how == Walk::whole) {
    if (has_facts) side.facts = facts.facts();
    side.facts.bytes = done.pages * pages.page_size();
  }
  if (reader.is_understood())
    side.outcome = done.how == Walk::whole ? ScanOutcome::proven : ScanOutcome::suspicious;
  return side;
}

}  // namespace backproof
