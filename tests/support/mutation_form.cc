// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "support/damage.h"
#include "support/mutation.h"

namespace backproof::test {
namespace {

constexpr std::size_t gzip_head = 10, gzip_trailer = 8;
constexpr std::size_t tar_block = 512;

std::vector<Span> lines_of(const std::string& text) {
  std::vector<Span> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back({at, end});
    at = end;
  }
  return lines;
}

std::vector<Span> blocks_of(const std::string& bytes, std::size_t size) {
  std::vector<Span> blocks;
  for (std::size_t at = 0; at < bytes.size(); at += size)
    blocks.push_back({at, std::min(at + size, bytes.size())});
  return blocks;
}

// Values in the lines of COPY, and in those of INSERT.
void find_rows(MutationForm& form) {
  bool in_copy = false;
  for (const Span& line : form.parts) {
    const std::string_view text = std::string_view(form.bytes).substr(line.begin, line.size());
    if (in_copy && text == "\\.\n") in_copy = false;
    const std::size_t values = text.find(" VALUES(");
    if (in_copy) {
      form.rows.push_back(line);
      form.values.push_back({line.begin, line.end - 1});
    } else if (text.starts_with("INSERT INTO ") && values != std::string_view::npos) {
      form.rows.push_back(line);
      form.values.push_back({line.begin + values + 8, line.end - 3});
    }
    if (text.starts_with("COPY ") && text.ends_with(" FROM stdin;\n")) in_copy = true;
  }
}

// Text values of the shop wherever they stand.
void find_texts(MutationForm& form) {
  for (const std::string_view known : {"customer ", "memo of order ", "town ", "2026-11-"}) {
    std::size_t at = 0;
    while ((at = form.bytes.find(known, at)) != std::string::npos) {
      std::size_t end = at + known.size();
      while (end < form.bytes.size() && form.bytes[end] >= '0' && form.bytes[end] <= '9') ++end;
      if (end > at + known.size()) form.values.push_back({at, end});
      at = end;
    }
  }
}

// A walk over the data of a custom archive, as pg_backup_custom.c writes it.
class CustomData {
 public:
  CustomData(const std::string& bytes, std::size_t begin) : bytes_(bytes), at_(begin) {}

  // False where what stands there is no sequence of blocks to the end of the file.
  bool walk(MutationForm& form) {
    while (at_ < bytes_.size()) {
      const std::size_t begin = at_;
      const char kind = bytes_[at_++];
      if ((kind != 1 && kind != 3) || number() <= 0) return false;
      if (kind == 1 && !pieces(form)) return false;
      while (kind == 3) {
        const std::int64_t oid = number();
        if (oid < 0) return false;
        if (oid == 0) break;
        if (!pieces(form)) return false;
      }
      form.parts.push_back({begin, at_});
    }
    return at_ == bytes_.size();
  }

 private:
  // A sign and four bytes, the lowest first; -1 where there are none.
  std::int64_t number() {
    if (at_ + 5 > bytes_.size() || bytes_[at_] != 0) return -1;
    std::int64_t value = 0;
    for (std::size_t i = 4; i >= 1; --i)
      value = value * 256 + static_cast<unsigned char>(bytes_[at_ + i]);
    at_ += 5;
    return value;
  }

  bool pieces(MutationForm& form) {
    while (true) {
      const std::int64_t size = number();
      if (size < 0 || at_ + static_cast<std::size_t>(size) > bytes_.size()) return false;
      form.lengths.push_back({at_ - 5, at_});
      if (size == 0) return true;
      form.data.push_back({at_, at_ + static_cast<std::size_t>(size)});
      at_ += static_cast<std::size_t>(size);
    }
  }

  const std::string& bytes_;
  std::size_t at_;
};

void find_custom(MutationForm& form) {
  for (std::size_t begin = 11; begin < form.bytes.size(); ++begin) {
    MutationForm tried;
    if (!CustomData(form.bytes, begin).walk(tried)) continue;
    form.parts = tried.parts;
    form.parts.insert(form.parts.begin(), Span{0, begin});
    form.toc.push_back({0, begin});
    form.data = tried.data;
    form.lengths = tried.lengths;
    return;
  }
  FAIL("no data in the archive " << form.file);
}

void find_tar(MutationForm& form) {
  form.parts = blocks_of(form.bytes, tar_block);
  std::size_t at = 0;
  while (at + tar_block <= form.bytes.size() && form.bytes[at] != '\0') {
    const std::string name = form.bytes.c_str() + at;
    const std::size_t size = std::stoul(form.bytes.substr(at + 124, 12), nullptr, 8);
    form.lengths.push_back({at + 124, at + 156});  // size, time and sum of the head
    at += tar_block;
    if (name == "toc.dat") form.toc.push_back({at, at + size});
    if (name.ends_with(".dat") && name != "toc.dat" && size != 0)
      form.data.push_back({at, at + size});
    at += (size + tar_block - 1) / tar_block * tar_block;
  }
}

constexpr std::array names{
    std::pair{"shop.db", "SQLite file"},
    std::pair{"shop.sql", "SQLite .dump"},
    std::pair{"shop.db.gz", "SQLite file, gzip"},
    std::pair{"plain.sql", "pg_dump plain"},
    std::pair{"plain.sql.gz", "pg_dump plain, gzip"},
    std::pair{"custom.dump", "pg_dump custom"},
    std::pair{"custom_z0.dump", "pg_dump custom -Z0"},
    std::pair{"tar.tar", "pg_dump tar"},
};

}  // namespace

std::vector<std::string> mutation_form_names() {
  std::vector<std::string> all;
  for (const auto& [file, name] : names) all.emplace_back(name);
  return all;
}

MutationForm mutation_form(std::string_view file) {
  MutationForm form;
  form.file = file;
  const auto* const known =
      std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.first == file; });
  REQUIRE(known != names.end());
  form.name = known->second;
  form.bytes = content_of(Path(BACKPROOF_SOURCE_DIR) / "tests/faults/mutations" / file);
  form.is_sqlite_file = file.ends_with(".db");
  if (file.ends_with(".gz")) {
    form.parts = blocks_of(form.bytes, tar_block);
    form.wrapper = {{0, gzip_head}, {form.bytes.size() - gzip_trailer, form.bytes.size()}};
  } else if (file.ends_with(".sql")) {
    form.parts = lines_of(form.bytes);
    find_rows(form);
  } else if (file.ends_with(".dump")) {
    find_custom(form);
    find_texts(form);
  } else if (file.ends_with(".tar")) {
    find_tar(form);
    find_texts(form);
  } else {
    form.parts = blocks_of(form.bytes, 1024);
    find_texts(form);
  }
  return form;
}

}  // namespace backproof::test
