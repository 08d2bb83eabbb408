// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_head.h"

namespace backproof {
namespace {

// pg_dump's settings before the first object are a tenth of this.
constexpr std::size_t most_waiting = 64U << 10U;

}  // namespace

Result<void> PlainHead::begin() {
  TRY(close());
  DumpHeader next;
  next.database = header_.database;
  header_ = std::move(next);
  open_ = begun_ = true;
  return {};
}

void PlainHead::fact(const PlainComment& comment) {
  if (!open_) return;
  const std::string value(comment.value);
  if (comment.kind == PlainComment::Kind::server_version) header_.server_version = value;
  if (comment.kind == PlainComment::Kind::dump_version) header_.dump_version = value;
  if (comment.kind == PlainComment::Kind::created) header_.created = value;
}

Result<void> PlainHead::close() {
  if (!open_ || !begun_) return {};
  open_ = false;
  TRY(sink_.header(header_));
  for (const auto& waiting : waiting_) {
    if (const auto* entry = std::get_if<DumpEntry>(&waiting)) TRY(sink_.entry(*entry));
    if (const auto* statement = std::get_if<Statement>(&waiting))
      TRY(sink_.statement(statement->sql, statement->at));
  }
  waiting_.clear();
  waiting_bytes_ = 0;
  return {};
}

Result<void> PlainHead::entry(const DumpEntry& entry) {
  begun_ = true;
  waiting_bytes_ += sizeof(DumpEntry) + entry.name.size() + entry.owner.size();
  if (open_ && entry.type == "DATABASE" && waiting_bytes_ <= most_waiting) {
    waiting_.emplace_back(entry);
    return {};
  }
  TRY(close());
  return sink_.entry(entry);
}

Result<void> PlainHead::statement(std::string_view sql, StatementKind kind, const DumpPlace& at) {
  begun_ = true;
  if (open_) {
    const SqlSetting setting = kind == StatementKind::setting ? read_setting(sql) : SqlSetting{};
    if (setting.name == "client_encoding") header_.encoding = setting.value;
    if (kind == StatementKind::create_database) {
      CreatedDatabase created = created_database(sql);
      header_.database = std::move(created.name);
      header_.locale = std::move(created.locale);
      header_.locale_options = std::move(created.locale_options);
    }
    const bool waits = kind == StatementKind::setting || kind == StatementKind::before_database;
    waiting_bytes_ += sizeof(Statement) + sql.size();
    if (waits && waiting_bytes_ <= most_waiting) {
      waiting_.emplace_back(Statement{std::string(sql), at});
      return {};
    }
  }
  TRY(close());
  return sink_.statement(sql, at);
}

Result<void> PlainHead::connect(const std::string& database, const DumpPlace& at) {
  begun_ = true;
  TRY(close());
  header_.database = database;
  return sink_.connect(database, at);
}

}  // namespace backproof
