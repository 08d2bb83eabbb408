// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/text_order.h"

#include "base/text.h"

namespace backproof {
namespace {

// Keys in the order of the database, on the way from the table up; lists and hashes have none.
constexpr const char* ordered_keys =
    "SELECT pg_catalog.count(*) FROM pg_catalog.pg_partition_ancestors("
    "pg_catalog.to_regclass($1)) a JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = a.relid "
    "WHERE p.partstrat = 'r' AND 100 = ANY (p.partcollation)";

}  // namespace

Error in_some_order(pg::Connection& connection, const Error& error) {
  const pg::ErrorFields failed = connection.failed();
  // A violated partition has no constraint's name.
  if (failed.sqlstate != "23514" || !failed.constraint.empty() || failed.table.empty())
    return error;
  const auto keys = connection.scalar(ordered_keys, {text::quote_identifier(failed.schema) + "." +
                                                     text::quote_identifier(failed.table)});
  if (!keys || *keys == "0") return error;
  return {Cause::unproven,
          error.text +
              ": its partitions follow the order of text, and the dump does not say its "
              "locale, or this server does not have it",
          "take the backup as an archive or with --create, so that it says its locale, and have "
          "that locale here"};
}

}  // namespace backproof
