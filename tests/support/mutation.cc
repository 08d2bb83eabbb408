// SPDX-License-Identifier: Apache-2.0
#include "support/mutation.h"

#include <algorithm>
#include <cctype>

#include "support/damage.h"
#include "support/sqlite_damage.h"

namespace backproof::test {
namespace {

using Form = MutationForm;

void flip(std::string& bytes, std::size_t at, Random& random) {
  bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << random.below(8)));
}

// Small ones as often as large ones, up to a quarter of the whole.
Span range(const std::string& bytes, Random& random) {
  const std::size_t most =
      std::min<std::size_t>(std::size_t{1} << random.below(14), bytes.size() / 4);
  const std::size_t size = 1 + random.below(most);
  const std::size_t begin = random.below(bytes.size() - size + 1);
  return {begin, begin + size};
}

const Span* one_of(const std::vector<Span>& spans, Random& random) {
  return spans.empty() ? nullptr : &spans[random.below(spans.size())];
}

bool flip_in(std::string& bytes, const std::vector<Span>& spans, Random& random) {
  const Span* span = one_of(spans, random);
  if (span == nullptr) return false;
  flip(bytes, span->begin + random.below(span->size()), random);
  return true;
}

bool remove_one(std::string& bytes, const std::vector<Span>& spans, Random& random) {
  const Span* span = one_of(spans, random);
  if (span == nullptr) return false;
  bytes.erase(span->begin, span->size());
  return true;
}

bool is_text(const Form& form) {
  return form.file.ends_with(".sql");
}

bool cut(std::string& bytes, const Form&, const Folder&, Random& random) {
  bytes.resize(random.below(bytes.size()));
  return true;
}

bool cut_at_end(std::string& bytes, const Form& form, const Folder&, Random& random) {
  const Span* part = one_of(form.parts, random);
  if (part == nullptr) return false;
  bytes.resize(part->end);
  return true;
}

bool flip_anywhere(std::string& bytes, const Form&, const Folder&, Random& random) {
  flip(bytes, random.below(bytes.size()), random);
  return true;
}

bool flip_in_value(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return flip_in(bytes, form.values, random);
}

// As a hand does it, or a program that writes where it should not: still a letter, still a digit.
bool exchange(std::string& bytes, const Form& form, const Folder&, Random& random) {
  const Span* value = one_of(form.values, random);
  if (value == nullptr) return false;
  for (int tries = 0; tries < 100; ++tries) {
    char& c = bytes[value->begin + random.below(value->size())];
    const auto letter = static_cast<unsigned char>(c);
    if (std::isdigit(letter) != 0) {
      c = static_cast<char>('0' + (letter - '0' + 1 + static_cast<int>(random.below(9))) % 10);
      return true;
    }
    if (std::islower(letter) != 0) {
      c = static_cast<char>('a' + (letter - 'a' + 1 + static_cast<int>(random.below(25))) % 26);
      return true;
    }
  }
  return false;
}

bool zero(std::string& bytes, const Form&, const Folder&, Random& random) {
  const Span span = range(bytes, random);
  bytes.replace(span.begin, span.size(), span.size(), '\0');
  return true;
}

bool overwrite(std::string& bytes, const Form&, const Folder&, Random& random) {
  const Span span = range(bytes, random);
  bytes.replace(span.begin, span.size(), random.bytes(span.size()));
  return true;
}

bool remove(std::string& bytes, const Form&, const Folder&, Random& random) {
  const Span span = range(bytes, random);
  bytes.erase(span.begin, span.size());
  return true;
}

bool twice(std::string& bytes, const Form&, const Folder&, Random& random) {
  const Span span = range(bytes, random);
  bytes.insert(span.end, bytes.substr(span.begin, span.size()));
  return true;
}

bool swap(std::string& bytes, const Form&, const Folder&, Random& random) {
  const Span span = range(bytes, random);
  const std::size_t other = random.below(bytes.size() - span.size() + 1);
  if (other < span.end && span.begin < other + span.size()) return false;
  const auto at = [&](std::size_t n) { return bytes.begin() + static_cast<std::ptrdiff_t>(n); };
  std::swap_ranges(at(span.begin), at(span.end), at(other));
  return true;
}

bool append(std::string& bytes, const Form&, const Folder&, Random& random) {
  const std::size_t size = 1 + random.below(std::size_t{1} << random.below(13));
  switch (random.below(5)) {
    case 0:
      bytes += random.bytes(size);
      break;
    case 1:
      bytes.append(size, '\0');
      break;
    case 2:
      bytes.append(size, '\n');
      break;
    case 3:
      bytes += "command terminated with exit code 137\n";
      break;
    default:
      bytes += bytes.substr(0, size);
  }
  return true;
}

bool remove_line(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return is_text(form) && remove_one(bytes, form.parts, random);
}

bool line_twice(std::string& bytes, const Form& form, const Folder&, Random& random) {
  if (!is_text(form)) return false;
  const Span& line = *one_of(form.parts, random);
  bytes.insert(line.end, bytes.substr(line.begin, line.size()));
  return true;
}

bool remove_row(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return remove_one(bytes, form.rows, random);
}

bool sqlite_bytes(std::string& bytes, const Form& form, const Folder&, Random& random) {
  if (form.is_sqlite_file) damage_bytes(bytes, random);
  return form.is_sqlite_file;
}

bool sqlite_cells(std::string& bytes, const Form& form, const Folder&, Random& random) {
  if (form.is_sqlite_file) damage_cells(bytes, random);
  return form.is_sqlite_file;
}

bool sqlite_logic(std::string& bytes, const Form& form, const Folder& folder, Random& random) {
  if (!form.is_sqlite_file) return false;
  const Path file = folder.write("logic.db", bytes);
  damage_logic(file, random);
  bytes = content_of(file);
  return true;
}

bool flip_in_toc(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return flip_in(bytes, form.toc, random);
}

bool flip_in_data(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return flip_in(bytes, form.data, random);
}

bool flip_in_length(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return flip_in(bytes, form.lengths, random);
}

bool flip_in_wrapper(std::string& bytes, const Form& form, const Folder&, Random& random) {
  return flip_in(bytes, form.wrapper, random);
}

constexpr MutationKind all_kinds[]{
    {"cut anywhere", cut},
    {"cut where a line, page or block ends", cut_at_end},
    {"bit flipped anywhere", flip_anywhere},
    {"bit flipped in a value", flip_in_value},
    {"digit or letter of a value exchanged", exchange},
    {"range zeroed", zero},
    {"range overwritten", overwrite},
    {"range removed", remove},
    {"range twice", twice},
    {"two ranges swapped", swap},
    {"something appended", append},
    {"line removed", remove_line},
    {"line twice", line_twice},
    {"row removed", remove_row},
    {"page or header", sqlite_bytes},
    {"cell of a page", sqlite_cells},
    {"rows or definitions, all pages valid", sqlite_logic},
    {"bit flipped in the table of contents", flip_in_toc},
    {"bit flipped in a data block", flip_in_data},
    {"bit flipped in a length or its sum", flip_in_length},
    {"bit flipped in head or trailer of gzip", flip_in_wrapper},
};

}  // namespace

std::vector<MutationKind> mutation_kinds(const MutationForm& form) {
  const Folder folder;
  std::vector<MutationKind> kinds;
  for (const MutationKind& kind : all_kinds) {
    bool fits = false;
    for (std::uint64_t seed = 0; seed < 20 && !fits; ++seed) {
      std::string bytes = form.bytes;
      Random random(seed);
      fits = kind.apply(bytes, form, folder, random);
    }
    if (fits) kinds.push_back(kind);
  }
  return kinds;
}

std::string mutated(const MutationForm& form, const MutationKind& kind, std::uint64_t seed) {
  const Folder folder;
  Random random(seed);
  for (int tries = 0; tries < 1000; ++tries) {
    std::string bytes = form.bytes;
    if (kind.apply(bytes, form, folder, random) && bytes != form.bytes) return bytes;
  }
  FAIL("no mutation: " << kind.name << " of " << form.name);
  return {};
}

}  // namespace backproof::test
