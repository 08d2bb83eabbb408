// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engines/pg/dump.h"

namespace backproof {

// What a comment line of a plain dump says.
struct PlainComment {
  enum class Kind {
    other,
    dashes,  // "--": the frame around headings and marks
    dump_head,
    dump_end,
    cluster_head,
    cluster_end,
    server_version,
    dump_version,
    created,
    object,  // "-- Name: x; Type: TABLE; Schema: public; Owner: joe", also "-- Data for Name: ..."
  };
  Kind kind = Kind::other;
  std::string_view value;  // of a version ("15.18") or a time; of an object: from its name on
};
// `line` begins with "--" and has no line break.
PlainComment read_comment(std::string_view line);

// Reads the line of an object. pg_dump writes names as they are, but for line breaks, which become
// blanks: a name that has "; Type: " in it can make a line that reads in several ways. Then the one
// is meant whose schema and owner were read before.
class PlainNames {
 public:
  // `value` of a PlainComment. Nothing when it is no such line; an entry without type and name when
  // it stays ambiguous.
  std::optional<DumpEntry> read(std::string_view value);

 private:
  bool knows(const DumpEntry& entry) const;

  std::set<std::string> schemas_{"-", "public"}, owners_{"-"};
};

}  // namespace backproof
