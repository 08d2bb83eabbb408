// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace backproof {

// The types whose values can be handed to PostgreSQL in its binary form, which spares it more than
// half of what COPY costs. Source: the ..._recv functions of src/backend/utils/adt.
enum class PgBinaryType : std::uint8_t {
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  date,
  timestamp,
  timestamptz,
  uuid,
  bytea,
  jsonb,
  text,  // and all that have its binary form: varchar, char(n), json, enums
};

// `type` is an oid of pg_type, `kind` its typtype. Nothing for a type that only the server can
// read.
std::optional<PgBinaryType> binary_type_of(std::uint32_t type, char kind);

// Appends a value in binary form, without its length. False, with nothing of use appended, when
// `text` is not written in the way in which the server itself writes such a value: that does not
// make it wrong, the server may be able to read it.
bool append_binary(PgBinaryType type, std::string_view text, std::vector<unsigned char>& out);

}  // namespace backproof
