// SPDX-License-Identifier: Apache-2.0
#include "db/pg_facts.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/digest.h"
#include "base/text.h"
#include "db/pg_questions.h"
#include "db/row_text.h"
#include "db/times.h"

namespace backproof::pg {
namespace {

// What one query reads of a table at most: enough that its beginning costs nothing, and little
// enough that all sessions end at about the same time.
constexpr std::uint64_t part_bytes = 32U << 20U;

// Scans of ranges of blocks came with version 14. An extension names what of its tables it wants to
// be dumped: all (no condition), or some beside what it brings.
constexpr const char* tables_query =
    "SELECT c.oid, n.nspname, c.relname, pg_table_size(c.oid), "
    "CASE WHEN current_setting('server_version_num')::int >= 140000 AND EXISTS "
    "(SELECT FROM pg_am m WHERE m.oid = c.relam AND m.amname = 'heap') "
    "THEN pg_relation_size(c.oid) / current_setting('block_size')::int ELSE 0 END, "
    "c.relkind = 'r' "
    "AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid "
    "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e' "
    "AND d.refclassid = 'pg_extension'::regclass AND NOT EXISTS "
    "(SELECT FROM unnest(e.extconfig, e.extcondition) AS k(config, condition) "
    "WHERE k.config = c.oid AND k.condition = '')) "
    "AND NOT (c.relispartition AND EXISTS (SELECT FROM pg_partition_ancestors(c.oid) AS "
    "a(ancestor) "
    "JOIN pg_partitioned_table p ON p.partrelid = a.ancestor AND p.partstrat = 'h' "
    "JOIN pg_opclass o ON o.oid = ANY (p.partclass) AND o.opcname = 'enum_ops')), "
    "c.relpersistence = 'u' AND pg_is_in_recovery() "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'm') AND c.relispopulated "
    "AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' "
    "ORDER BY c.relpages DESC, 4 DESC, 1";

constexpr const char* columns_query =
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
    "WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped";

std::string at(const Row& row, std::size_t column) {
  return row[column].value_or("");
}
std::uint64_t count_at(const Row& row, std::size_t column) {
  return text::parse_count(at(row, column)).value_or(0);
}

struct Column {
  std::string name, type;
  auto operator<=>(const Column&) const = default;
};

// In the order of their names' bytes in UTF-8, whatever the database's encoding is.
Result<std::vector<Column>> columns_of(Connection& connection, const Table& table) {
  TRY_ASSIGN(const Rows rows, connection.query(columns_query, {table.oid}));
  std::vector<Column> columns;
  for (const Row& row : rows) columns.push_back({at(row, 0), at(row, 1)});
  std::sort(columns.begin(), columns.end());
  return columns;
}

// Blocks of a table from `first` to before `end`; 0 = to its end, wherever that is by then.
struct Part {
  std::size_t table = 0;
  std::uint64_t first = 0, end = 0;
};

std::vector<Part> parts_of(const std::vector<Table>& tables, bool divide) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const Table& table = tables[i];
    if (table.left_empty) continue;
    // What lies beside the blocks of rows, long values, is read with them.
    const std::uint64_t n =
        divide ? std::max<std::uint64_t>(1, std::min(table.blocks, table.bytes / part_bytes)) : 1;
    const std::uint64_t step = table.blocks / n + 1;
    for (std::uint64_t first = 0; first == 0 || first < table.blocks; first += step)
      parts.push_back({i, first, first + step < table.blocks ? first + step : 0});
  }
  return parts;
}

std::string from(const Table& table, const Part& part) {
  std::string sql = " FROM ONLY " + text::quote_identifier(table.schema) + "." +
                    text::quote_identifier(table.name);
  const auto tid = [](std::uint64_t block) { return "'(" + std::to_string(block) + ",0)'::tid"; };
  if (part.first > 0 || part.end > 0) sql += " WHERE ctid >= " + tid(part.first);
  if (part.end > 0) sql += " AND ctid < " + tid(part.end);
  return sql;
}

struct Found {
  std::uint64_t rows = 0;
  TimePoint newest{};
  Hash128 digest;
};

// The newest time of each column that may hold times, each behind a comma.
std::string newest_of(const std::vector<Column>& columns, TimePoint before) {
  if (before == TimePoint{}) return "";
  const std::string limit =
      "to_timestamp(" + std::to_string(before.time_since_epoch().count()) + " / 1e6)";
  std::string sql;
  for (const Column& column : columns) {
    if (!is_time_column(Dialect::postgresql, column.name, column.type)) continue;
    const std::string name = text::quote_identifier(column.name);
    sql += ", " + epoch_sql(Dialect::postgresql,
                            "max(" + name + ") FILTER (WHERE " + name + " <= " + limit + ")");
  }
  return sql;
}

// The first value counts the rows, where it is asked for; the others are times.
Result<void> aggregate(Connection& connection, const std::string& sql, Found& found) {
  TRY_ASSIGN(const Rows rows, connection.query(sql));
  if (rows.size() != 1) return Error{Cause::internal, "an aggregate gave no row", ""};
  found.rows = count_at(rows[0], 0);
  for (std::size_t i = 1; i < rows[0].size(); ++i)
    found.newest = std::max(found.newest, time_of_epoch(rows[0][i]).value_or(TimePoint{}));
  return {};
}

// Counts are of the same reading as the digest.
Result<void> digest(Connection& connection, const std::vector<Column>& columns,
                    const std::string& from, Found& found) {
  std::string select = "SELECT";
  for (const Column& column : columns)
    select += (select == "SELECT" ? " " : ", ") + text::quote_identifier(column.name);
  found.rows = 0;
  return connection.copy_out("COPY (" + select + from + ") TO STDOUT",
                             [&found](ByteView row) -> Result<void> {
                               ++found.rows;
                               found.digest += hash128(row);
                               return {};
                             });
}

Result<Found> read_part(Connection& connection, const FactsWanted& wanted, const Table& table,
                        const Part& part) {
  Found found;
  std::vector<Column> columns;
  if (wanted.digests || wanted.newest_before != TimePoint{}) {
    TRY_ASSIGN(columns, columns_of(connection, table));
  }
  const std::string times = newest_of(columns, wanted.newest_before), rows = from(table, part);
  if (!wanted.digests || !times.empty())
    TRY(aggregate(connection,
                  "SELECT " + std::string(wanted.digests ? "0" : "count(*)") + times + rows,
                  found));
  if (wanted.digests) TRY(digest(connection, columns, rows, found));
  return found;
}

// What threads that read the parts of tables share.
class Reading {
 public:
  Reading(const FactsWanted& wanted, const std::vector<Table>& tables,
          const std::function<void(std::uintmax_t, std::uintmax_t)>& progress)
      : wanted_(wanted),
        tables_(tables),
        parts_(parts_of(tables, wanted.digests)),
        progress_(progress),
        found_(tables.size()) {}

  std::size_t parts() const { return parts_.size(); }

  // Takes part after part, until there is none or one has failed.
  void work(const std::function<Result<Connection>()>& open) {
    const auto all = [&]() -> Result<void> {
      TRY_ASSIGN(Connection connection, open());
      // The parts are divided among the sessions; no plan has to be.
      if (wanted_.digests) TRY(connection.run("SET max_parallel_workers_per_gather = 0"));
      for (std::size_t i = next_++; i < parts_.size(); i = next_++) {
        const Table& table = tables_[parts_[i].table];
        const auto found = read_part(connection, wanted_, table, parts_[i]);
        if (!found)
          return reading_error(connection, found.error(), Cause::unproven)
              .while_doing("table " + text::printable(table.schema + "." + table.name));
        add(*found, found_[parts_[i].table]);
      }
      return {};
    };
    const Result<void> done = all();
    if (done) return;
    next_ = parts_.size();
    const std::lock_guard lock(mutex_);
    if (!failed_) failed_ = done.error();
  }

  // When all threads have ended.
  const std::optional<Error>& failed() const { return failed_; }
  const Found& found(std::size_t table) const { return found_[table]; }

 private:
  void add(const Found& part, Found& whole) {
    const std::lock_guard lock(mutex_);
    whole.rows += part.rows;
    whole.newest = std::max(whole.newest, part.newest);
    whole.digest += part.digest;
    progress_(++done_, parts_.size());
  }

  const FactsWanted& wanted_;
  const std::vector<Table>& tables_;
  const std::vector<Part> parts_;
  const std::function<void(std::uintmax_t, std::uintmax_t)>& progress_;
  std::atomic<std::size_t> next_{0};  // of parts_
  std::mutex mutex_;
  std::vector<Found> found_;     // a table each; guarded by mutex_
  std::uintmax_t done_ = 0;      // parts; guarded by mutex_
  std::optional<Error> failed_;  // guarded by mutex_
};

}  // namespace

Result<std::vector<Table>> user_tables(Connection& connection) {
  TRY_ASSIGN(const Rows rows, connection.query(tables_query));
  std::vector<Table> tables;
  for (const Row& row : rows) {
    Table table{at(row, 0), at(row, 1), at(row, 2), count_at(row, 3), count_at(row, 4)};
    table.in_dumps = at(row, 5) == "t";
    table.left_empty = at(row, 6) == "t";
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<void> read_tables(const std::function<Result<Connection>()>& open, std::size_t sessions,
                         const FactsWanted& wanted, std::vector<Table>& tables,
                         const std::function<void(std::uintmax_t, std::uintmax_t)>& progress) {
  Reading reading(wanted, tables, progress);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < std::min(sessions, reading.parts()); ++i)
    threads.emplace_back([&] { reading.work(open); });
  for (std::thread& thread : threads) thread.join();
  if (reading.failed()) return *reading.failed();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    tables[i].rows = reading.found(i).rows;
    tables[i].newest = reading.found(i).newest;
    if (wanted.digests) tables[i].digest = digest_text(reading.found(i).digest);
  }
  return {};
}

}  // namespace backproof::pg
