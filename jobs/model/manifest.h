// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/run.h"

namespace backproof {

// The next value that a sequence would give, as text.
struct SequenceFact {
  std::string schema, name, next;

  bool operator==(const SequenceFact&) const = default;
};

// What a database held when a backup of it was taken: exact truth, of the same snapshot as the
// backup. Plain value. As JSON it lies beside the backup (README, "Manifest").
struct Manifest {
  static constexpr int current_version = 1;

  std::string engine;  // "postgresql", "sqlite"
  // Which database: PostgreSQL's system identifier, its name (SQLite: the file's), and SQLite's two
  // numbers that belong to applications. Empty and 0 where they are not known.
  std::string system_identifier, database;
  std::int64_t application_id = 0, user_version = 0;
  std::string server_version;  // of PostgreSQL, or of the SQLite library that read it
  TimePoint taken;             // when the snapshot was

  // The artefact; empty and 0 when another tool makes it from the same snapshot.
  std::string artefact, sha256;
  std::uintmax_t bytes = 0;

  std::vector<TableFact> tables;  // with digests
  std::vector<SequenceFact> sequences;
  std::uint64_t large_objects = 0;
  std::string large_objects_digest;  // like a table's of (oid, content); empty where there are none
  std::vector<std::string> schema;   // its description, a line an object, sorted (db/content.h)

  bool operator==(const Manifest&) const = default;
};

// Of a table or sequence, as it stands in a manifest: a name can hold bytes that no JSON can.
std::string written_name(std::string_view name);

// Indented, keys in a fixed order, with a newline at its end. Strings must be UTF-8.
std::string to_json(const Manifest& manifest);
// Strict: an unknown version or a missing or ill-typed member is an Error (cause unproven), as are
// more than a million tables. Safe on anything; takes memory in proportion to the text.
Result<Manifest> manifest_from_json(std::string_view json);

// Where the manifest of a backup lies: `pattern` with {} replaced by the backup's file name,
// "{}.manifest.json", in the backup's folder.
inline constexpr std::string_view manifest_pattern = "{}.manifest.json";

}  // namespace backproof
