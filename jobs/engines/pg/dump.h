// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

// What a dump of PostgreSQL says, as a sequence of events: the readers of its forms (plain text,
// archives) tell it, the loader makes a database of it.
namespace backproof {

// One object as the header comment of a plain dump or the table of contents of an archive names
// it.
struct DumpEntry {
  std::string type;    // pg_dump's word: "TABLE", "FK CONSTRAINT", "TABLE DATA", "SEQUENCE SET"
  std::string schema;  // empty: in no schema
  std::string name;    // pg_dump's tag: "users", "users users_pkey", "f(integer)"
  std::string owner;   // empty: not said
  // Only archives know: the section "pre-data", "data", "post-data"; empty otherwise.
  std::string section;
};

// Where something stands in the dump, for people: "line 4711", "entry 3201".
struct DumpPlace {
  enum class Unit { line, entry };
  Unit unit = Unit::line;
  std::uint64_t number = 0;
  std::string str() const {
    return (unit == Unit::line ? "line " : "entry ") + std::to_string(number);
  }
};

// Facts from the head of a dump; empty where it does not say.
struct DumpHeader {
  std::string server_version;  // "15.18"
  std::string dump_version;    // of pg_dump: "15.18"
  std::string database;        // its name
  std::string encoding;        // "UTF8"
  std::string locale;          // of the database, where an archive or --create says
  std::string locale_options;  // the same as options of CREATE DATABASE: provider, ctype, ...
  std::string created;         // as written: "2026-11-23 20:52:03 UTC"
};

// Receives a dump in its order. An Error from any call ends the reading, and is the reader's
// result. Views are valid during the call only. One thread.
class DumpSink {
 public:
  virtual ~DumpSink() = default;
  // The head of the dump was read; before anything else, and again at the head of every database
  // inside of a pg_dumpall.
  virtual Result<void> header(const DumpHeader& header) = 0;
  // An object begins: what follows belongs to it, until the next.
  virtual Result<void> entry(const DumpEntry& entry) = 0;
  // One SQL statement, comments before it left out, with or without its final semicolon.
  virtual Result<void> statement(std::string_view sql, const DumpPlace& at) = 0;
  // `sql` is COPY ... FROM stdin; then its rows in COPY's text format, cut anywhere, without the
  // final \. line; then copy_end, which comes only when the data was whole.
  virtual Result<void> copy_begin(std::string_view sql, const DumpPlace& at) = 0;
  virtual Result<void> copy_rows(ByteView rows) = 0;
  virtual Result<void> copy_end() = 0;
  // The content of a large object of an archive (a plain dump has statements for it): made before
  // by a statement, written from its start.
  virtual Result<void> large_object_begin(std::uint32_t oid, const DumpPlace& at) = 0;
  virtual Result<void> large_object_bytes(ByteView bytes) = 0;
  virtual Result<void> large_object_end() = 0;
  // \connect: what follows goes into that database.
  virtual Result<void> connect(std::string_view database, const DumpPlace& at) = 0;
};

}  // namespace backproof
