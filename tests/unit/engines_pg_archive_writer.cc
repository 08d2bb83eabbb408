// SPDX-License-Identifier: Apache-2.0
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "engines_pg_archive_support.h"

namespace backproof::test {
namespace {

std::string zlib_packed(const std::string& content) {
  uLongf size = compressBound(content.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size,
           reinterpret_cast<const Bytef*>(content.data()), content.size());
  out.resize(size);
  return out;
}

}  // namespace

std::string packed(Packing packing, const std::string& content) {
  if (packing == Packing::zlib) return zlib_packed(content);
  if (packing == Packing::zstd) {
    std::string out(ZSTD_compressBound(content.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3));
    return out;
  }
  if (packing == Packing::lz4) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    std::string out(LZ4F_compressFrameBound(content.size(), &preferences), '\0');
    out.resize(
        LZ4F_compressFrame(out.data(), out.size(), content.data(), content.size(), &preferences));
    return out;
  }
  return content;
}

std::string tar_member(const std::string& name, const std::string& content) {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, const std::string& s) { block.replace(at, s.size(), s); };
  const auto octal = [](std::size_t value, int digits) {
    std::array<char, 32> digits_of{};
    std::snprintf(digits_of.data(), digits_of.size(), "%0*zo", digits, value);
    return std::string(digits_of.data());
  };
  put(0, name);
  put(100, "0000600");
  put(124, octal(content.size(), 11));
  put(136, octal(1700000000, 11));
  put(148, "        ");
  put(156, "0");
  put(257, std::string("ustar\00000", 8));
  std::size_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + '\0');
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512, '\0');
  return block + padded;
}

ArchiveWriter ArchiveWriter::usual(unsigned minor) {
  ArchiveWriter writer;
  writer.minor = minor;
  const auto setting = [&](int id, std::string type, std::string definition) {
    WrittenEntry entry;
    entry.id = id;
    entry.type = entry.tag = std::move(type);
    entry.definition = std::move(definition);
    writer.entries.push_back(std::move(entry));
  };
  setting(901, "ENCODING", "SET client_encoding = 'UTF8';\n");
  setting(902, "STDSTRINGS", "SET standard_conforming_strings = 'on';\n");
  setting(903, "SEARCHPATH", "SELECT pg_catalog.set_config('search_path', '', false);\n");
  return writer;
}

std::string ArchiveWriter::number(std::int64_t value) const {
  std::string out(1, value < 0 ? '\1' : '\0');
  auto magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
  for (unsigned i = 0; i < int_size; ++i, magnitude = i < 8 ? magnitude >> 8U : 0)
    out += static_cast<char>(magnitude & 0xffU);
  return out;
}

std::string ArchiveWriter::text(const std::optional<std::string>& value) const {
  return value ? number(static_cast<std::int64_t>(value->size())) + *value : number(-1);
}

std::string ArchiveWriter::header(int form) const {
  std::string out = "PGDMP";
  for (const unsigned byte : {1U, minor, 0U, int_size, off_size, static_cast<unsigned>(form)})
    out += static_cast<char>(byte);
  if (minor >= 15)
    out += static_cast<char>(packing);
  else
    out += number(packing == Packing::none ? 0 : -1);
  for (const int part : {3, 52, 20, 23, 10, 126, 0}) out += number(part);
  return out + text("shop") + text("15.18") + text("15.18");
}

std::string ArchiveWriter::toc(bool custom, const std::map<int, std::uint64_t>& places) const {
  const auto maybe = [](const std::string& s) {
    return s.empty() ? std::nullopt : std::optional<std::string>(s);
  };
  std::string out = number(static_cast<std::int64_t>(entries.size()));
  for (const WrittenEntry& entry : entries) {
    out += number(entry.id) + number(entry.has_data() ? 1 : 0) + text("1259") + text("16384");
    out += text(entry.tag) + text(entry.type) + number(entry.section);
    out += text(entry.definition) + text(entry.drop) + text(maybe(entry.copy));
    out += text(maybe(entry.schema)) + text(entry.tablespace);
    if (minor >= 14) out += text(entry.access_method);
    if (minor >= 16) out += number(entry.kind);
    out += text(entry.owner) + text("false");
    for (const int dependency : entry.dependencies) out += text(std::to_string(dependency));
    out += text(std::nullopt);
    if (!custom) {
      const std::string list =
          minor < 16 ? "blobs.toc" : "blobs_" + std::to_string(entry.id) + ".toc";
      out += text(!entry.has_data()    ? ""
                  : entry.is_objects() ? list
                                       : std::to_string(entry.id) + ".dat");
      continue;
    }
    const auto place = places.find(entry.id);
    out += static_cast<char>(!entry.has_data() ? 3 : place == places.end() ? 1 : 2);
    std::uint64_t offset = place == places.end() ? 0 : place->second;
    for (unsigned i = 0; i < off_size; ++i, offset >>= 8U) out += static_cast<char>(offset & 0xffU);
  }
  return out;
}

std::string ArchiveWriter::pieces(const std::string& content) const {
  const std::string bytes = packed(packing, content);
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::string part = bytes.substr(at, piece);
    out += number(static_cast<std::int64_t>(part.size())) + part;
  }
  return out + number(0);
}

std::string ArchiveWriter::custom() const {
  const std::string head = header(1);
  const std::size_t begin = head.size() + toc(true, {}).size();
  std::map<int, std::uint64_t> places;
  std::string data;
  for (const WrittenEntry& entry : entries) {
    if (!entry.has_data()) continue;
    if (offsets) places[entry.id] = begin + data.size();
    data += static_cast<char>(entry.is_objects() ? 3 : 1);
    data += number(entry.id);
    if (entry.data) data += pieces(*entry.data);
    for (const auto& [oid, content] : entry.objects)
      data += number(static_cast<std::int32_t>(oid)) + pieces(content);
    if (entry.is_objects()) data += number(0);
  }
  return head + toc(true, places) + data;
}

std::string ArchiveWriter::tar() const {
  std::string out = tar_member("toc.dat", header(3) + toc(false, {}));
  for (const WrittenEntry& entry : entries) {
    if (entry.data) out += tar_member(std::to_string(entry.id) + ".dat", *entry.data);
    if (!entry.is_objects()) continue;
    std::string list;
    for (const auto& [oid, content] : entry.objects) {
      const std::string name = "blob_" + std::to_string(oid) + ".dat";
      out += tar_member(name, content);
      list += std::to_string(oid) + " " + name + "\n";
    }
    out +=
        tar_member(minor < 16 ? "blobs.toc" : "blobs_" + std::to_string(entry.id) + ".toc", list);
  }
  return out + tar_member("restore.sql", "-- for people\n") + std::string(1024, '\0');
}

MemoryFolder ArchiveWriter::folder() const {
  MemoryFolder folder;
  folder.files["toc.dat"] = header(3) + toc(false, {});
  for (const WrittenEntry& entry : entries) {
    if (entry.data) folder.files[std::to_string(entry.id) + ".dat"] = *entry.data;
    if (!entry.is_objects()) continue;
    std::string& list =
        folder.files[minor < 16 ? "blobs.toc" : "blobs_" + std::to_string(entry.id) + ".toc"];
    for (const auto& [oid, content] : entry.objects) {
      const std::string name = "blob_" + std::to_string(oid) + ".dat";
      folder.files[name] = content;
      list += std::to_string(oid) + " " + name + "\n";
    }
  }
  return folder;
}

}  // namespace backproof::test
