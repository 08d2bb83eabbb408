// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/database.h"
#include "model/manifest.h"

// What a database holds beside the rows of its tables. Asked in SQL, so that a live database and a
// restored one give the same answers.
namespace backproof {

struct Content {
  std::vector<SequenceFact> sequences;  // sorted
  std::uint64_t large_objects = 0;
  // md5 of the lines "OID CHUNK MD5\n" of all chunks of 16 MiB, in this order; empty where there
  // are none.
  std::string large_objects_digest;
};

using Asker = std::function<Result<Answer>(const Question&)>;

// Sequences with the value that each gives next (of SQLite: AUTOINCREMENT), and large objects.
Result<Content> read_content(Dialect dialect, const Asker& ask);

// The schema as sorted lines, one an object: "column public.orders.id bigint not null". Objects of
// extensions, owners and privileges are not part of it. It is the same after a dump and a restore:
// expressions stand without parentheses, casts and superfluous blanks, which PostgreSQL writes
// differently when it has read them again; bodies of functions stand as a digest.
Result<std::vector<std::string>> read_schema(Dialect dialect, const Asker& ask);

// What describes the difference of two descriptions: "- LINE" is missing, "+ LINE" was not
// expected; sorted by what follows the sign.
std::vector<std::string> schema_difference(const std::vector<std::string>& expected,
                                           const std::vector<std::string>& found);

// An expression in SQL as it stands in a description.
std::string plain_expression(std::string_view sql);

}  // namespace backproof
