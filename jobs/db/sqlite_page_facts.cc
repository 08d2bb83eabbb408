// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_page_facts.h"

#include <algorithm>

namespace backproof {

PageFacts::PageFacts(const SqliteTable& table, TextEncoding encoding, const FactsWanted& wanted)
    : encoding_(encoding), sum_(table.columns, wanted) {
  for (const int place : sum_.columns()) {
    const SqliteColumn& column = table.columns[static_cast<std::size_t>(place)];
    const auto field = table.field_of(place);
    Source source;
    source.is_rowid = place == table.rowid_column;
    source.is_real = column.affinity == Affinity::real;
    source.has_default = column.has_default;
    source.field = field.value_or(0);
    is_understood_ = is_understood_ && (source.is_rowid || field);
    sources_.push_back(source);
  }
}

bool PageFacts::take(SqliteRecord& record, std::int64_t rowid) {
  if (!is_understood_) return false;
  sum_.begin_row();
  for (const Source& source : sources_) {
    if (source.is_rowid) {
      sum_.add({SqliteValue::Kind::integer, rowid, 0, {}});
    } else if (!add(record, source)) {
      is_understood_ = false;
      return false;
    }
  }
  sum_.end_row();
  return true;
}

bool PageFacts::add(SqliteRecord& record, const Source& source) {
  SqliteValue value;
  if (source.field >= record.fields()) {
    sum_.add(value);  // a column that was added later
    return !source.has_default;
  }
  const bool is_converted = encoding_ != TextEncoding::utf8 && record.is_text(source.field);
  if (record.is_spilled(source.field) && !is_converted) return add_pieces(record, source.field);
  if (!record.value(source.field, value)) return false;
  if (source.is_real && value.kind == SqliteValue::Kind::integer) {
    value.kind = SqliteValue::Kind::real;
    value.real = static_cast<double>(value.integer);
  }
  if (is_converted) {
    if (!utf8_of_utf16(value.bytes, encoding_, utf8_)) return false;
    value.bytes = as_bytes(utf8_);
  }
  sum_.add(value);
  return true;
}

bool PageFacts::add_pieces(SqliteRecord& record, std::size_t field) {
  RowText* const text = sum_.add_pieces();
  if (text == nullptr) return true;
  if (!record.is_text(field)) {
    text->begin_blob();
    return record.pieces(field, [text](ByteView piece) { text->more_blob(piece); });
  }
  text->begin_text();
  return record.pieces(field, [text](ByteView piece) {
    text->more_text({reinterpret_cast<const char*>(piece.data()), piece.size()});
  });
}

RowFacts PageFacts::facts() const {
  RowFacts facts = sum_.facts();
  facts.is_known = is_understood_;
  return facts;
}

}  // namespace backproof
