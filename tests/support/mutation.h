// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/support.h"

// Backups in one form, and the ways in which their bytes change: what a disk, a transfer, a full
// volume, a tool or a hand does to them, at random places that a seed decides.
namespace backproof::test {

struct Span {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
};

// An undamaged backup, and where in its bytes is what.
struct MutationForm {
  std::string name;   // of the README's table: "SQLite file"
  std::string file;   // of tests/faults/mutations
  std::string bytes;  // of it
  bool is_sqlite_file = false;
  std::vector<Span> parts;    // lines of a text, pages, blocks or members: one behind the other
  std::vector<Span> values;   // bytes of values of rows, as they stand there
  std::vector<Span> rows;     // lines that are one row each
  std::vector<Span> toc;      // table of contents of an archive
  std::vector<Span> data;     // of an archive's tables, compressed or not
  std::vector<Span> lengths;  // that an archive holds of its data, and sums over them
  std::vector<Span> wrapper;  // head and trailer of gzip
};

MutationForm mutation_form(std::string_view file);
// Of all of them, in the order of the README's table.
std::vector<std::string> mutation_form_names();

// One kind. False: this form has no place for it, nothing was done. `folder` is for scratch files.
struct MutationKind {
  const char* name;
  bool (*apply)(std::string& bytes, const MutationForm& form, const Folder& folder, Random& random);
};
// Those that there is a place for in this form.
std::vector<MutationKind> mutation_kinds(const MutationForm& form);

// The bytes after one mutation, never those of the form. The same for the same seed.
std::string mutated(const MutationForm& form, const MutationKind& kind, std::uint64_t seed);

}  // namespace backproof::test
