// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "engines/pg/binary_value.h"

// COPY's two formats, as PostgreSQL documents them with the command COPY.
namespace backproof::pg_rows {

// What a COPY in binary format begins and ends with.
ByteView header();
ByteView trailer();

// Whether what stands at `at`, or would stand there, is behind an odd number of backslashes.
bool is_escaped(ByteView rows, std::size_t at);

// A newline behind a backslash does not end its row: behind the last newline that does; 0 where
// none does. `rows` does not begin behind a backslash.
std::size_t end_of_last(ByteView rows);

// Appends rows of the text format to `out` as rows of the binary format. `types` has one for each
// column. Gives how many bytes of `rows` it took, all of them whole rows: it stops at the first row
// that is not whole, or that it cannot be sure to read as the server would.
std::size_t encode(const std::vector<PgBinaryType>& types, ByteView rows,
                   std::vector<unsigned char>& out);

}  // namespace backproof::pg_rows
