// SPDX-License-Identifier: Apache-2.0
#include "support/pg_load.h"

#include <algorithm>

#include "base/inflate.h"
#include "base/read_ahead.h"
#include "base/text.h"
#include "engines/pg/archive_reader.h"
#include "engines/pg/plain_reader.h"

namespace backproof::test {

Result<PgLoaded> load_dumps(const PgTestServer& server, const std::string& database,
                            const std::vector<Path>& files) {
  const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
  PgServer found;
  found.major = pg_major();
  found.version = std::to_string(found.major);
  found.conninfo = server.conninfo("postgres");
  found.database = database;
  PgLoader loader([&](int) -> Result<PgServer> { return found; }, 3);
  for (const Path& path : files) {
    TRY_ASSIGN(const Fd file, open_readonly(path));
    TRY_ASSIGN(const auto content, Inflate::open(file.get(), {}));
    ReadAhead ahead(*content);
    if (is_custom_archive(content->head()) || is_tar_archive(content->head())) {
      TRY(read_archive(ahead, loader, quiet));
    } else {
      TRY_ASSIGN(const PlainEnd end, read_plain_dump(ahead, loader, quiet));
      if (!end.marked) return Error{Cause::truncated, "the dump is not marked", ""};
    }
  }
  return loader.finish();
}

void drop_pg_database(const PgTestServer& server, const std::string& database) {
  // A subscription's slot may be named by one database only.
  const std::string subscriptions = server.psql(
      database,
      "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid AND "
      "d.datname = current_database()");
  for (std::size_t start = 0; start < subscriptions.size();) {
    const std::size_t end = std::min(subscriptions.find('\n', start), subscriptions.size());
    const std::string name = subscriptions.substr(start, end - start);
    if (!name.empty()) {
      server.psql(database, "ALTER SUBSCRIPTION " + name + " DISABLE");
      server.psql(database, "ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)");
      server.psql(database, "DROP SUBSCRIPTION " + name);
    }
    start = end + 1;
  }
  server.psql("postgres", "DROP DATABASE " + text::quote_identifier(database) + " WITH (FORCE)");
}

}  // namespace backproof::test
