// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/inflate.h"
#include "engines/pg/dump.h"
#include "model/event.h"

// Reads the plain dumps of pg_dump, pg_dumpall and pg_restore -f, and any other SQL text for
// PostgreSQL, without psql: what psql would do beside sending SQL (shell, files, other servers) is
// an error.
namespace backproof {

// What the end of a plain dump proved.
struct PlainEnd {
  // The text has heads of pg_dump, each with its end mark, the last end mark is the last thing in
  // it but for comments, and every COPY is as pg_dump writes it.
  bool marked = false;
  bool cluster = false;     // pg_dumpall wrote it, or a part of it
  bool returns = false;     // its first line ends with a carriage return
  std::uint64_t dumps = 0;  // of databases
  std::uint64_t statements = 0;
  std::uint64_t copies = 0;
  std::uint64_t row_bytes = 0;  // in them
  std::uint64_t lines = 0;
};

// By the head that pg_dump and pg_dumpall write, also behind the messages of a tool or a byte order
// mark, or as UTF-16: such a text is a damaged dump and no unknown text. Any bytes are fine.
bool is_plain_dump(ByteView head);

// Reads all of `content` into `sink`. An entry is given where its comment stands; one without type
// and name is an object whose comment reads in several ways. Names in entries are as in the
// comments: line breaks in them are blanks. A text without a head is no error: its first header()
// is empty but for the encoding.
//
// Errors, with a line and an object's name, never with text of a statement or a row: truncated (an
// end is missing: of the dump, a COPY block, a statement, a comment), damaged (NUL bytes, a
// program's message, text behind the end), hostile (a psql command that pg_dump does not write,
// COPY from or to a file or a program), space (a statement of more than 64 MiB); those of content
// and sink.
Result<PlainEnd> read_plain_dump(ByteSource& content, DumpSink& sink, const RunContext& context);

}  // namespace backproof
