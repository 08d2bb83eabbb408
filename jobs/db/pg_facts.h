// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "db/database.h"
#include "db/pg_connection.h"

// Exact facts of tables: rows, newest times, digests (db/row_text.h).
namespace backproof::pg {

struct Table {
  std::string oid, schema, name;
  std::uint64_t bytes = 0;   // pg_table_size()
  std::uint64_t blocks = 0;  // of its rows, where a range of them can be asked for; else 0
  // Its rows are in a dump of pg_dump and in this table when that is restored. Not so: materialized
  // views, which are computed anew; tables of extensions, which bring their own rows, but those
  // that are dumped whole; partitions into which rows go by the hash of an enum, which is another
  // in each database.
  bool in_dumps = true;
  // Unlogged, on a standby: it cannot be read there, and pg_dump leaves its rows out.
  bool left_empty = false;
  // What read_tables() finds.
  std::uint64_t rows = 0;
  TimePoint newest{};
  std::string digest{};
};

// Tables and materialized views of the user, partitions but not their parents, largest first.
// Server versions: 12 and newer.
Result<std::vector<Table>> user_tables(Connection& connection);

// Reads all tables with sessions that `open` gives, each in a thread of its own; all of them must
// see the same rows. Large tables are divided among them where digests are wanted. `progress` is
// called from these threads, one at a time. Errors name the table; of damage that the server met
// they have cause damaged, else causes that say nothing of the rows (unproven). After one no table
// is changed.
Result<void> read_tables(const std::function<Result<Connection>()>& open, std::size_t sessions,
                         const FactsWanted& wanted, std::vector<Table>& tables,
                         const std::function<void(std::uintmax_t, std::uintmax_t)>& progress);

}  // namespace backproof::pg
