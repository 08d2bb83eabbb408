// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "support/pg.h"

// What is in a backup, asked of the databases' own programs and of nothing that is under test: two
// backups with the same text hold the same.
namespace backproof::test {

// Of a database file or the text of .dump, bare or in gzip: the schema, the two numbers of the
// header that belong to applications, and every value of every row, as bytes. "unreadable: ..."
// where SQLite cannot read it.
std::string sqlite_content(const Folder& folder, const Path& backup);

// Of a dump in any form in one file: as psql and pg_restore restore it. Owners and privileges are
// not in it.
std::string pg_content(const PgTestServer& server, const Path& backup);
// True where the script of two dumps is the same but for comments: cheaper than restoring them.
bool same_script(const PgTestServer& server, const Path& a, const Path& b);

}  // namespace backproof::test
