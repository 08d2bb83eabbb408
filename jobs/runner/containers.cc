// SPDX-License-Identifier: Apache-2.0
#include "runner/containers.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof {
namespace {

struct Suffix {
  std::string_view suffix, says;
};
constexpr std::array compressions{Suffix{".gz", "gzip"},   Suffix{".zst", "zstd"},
                                  Suffix{".zstd", "zstd"}, Suffix{".xz", "xz"},
                                  Suffix{".bz2", "bzip2"}, Suffix{".lz4", "lz4"}};
constexpr std::array formats{Suffix{".db", "sqlite database"}, Suffix{".sqlite", "sqlite database"},
                             Suffix{".sqlite3", "sqlite database"},
                             Suffix{".db3", "sqlite database"}, Suffix{".sql", "dump"}};

template <typename Suffixes>
const Suffix* suffix_of(std::string_view name, const Suffixes& all) {
  for (const Suffix& s : all)
    if (name.ends_with(s.suffix)) return &s;
  return nullptr;
}

}  // namespace

std::string names_of(const std::vector<Layer>& layers) {
  std::vector<std::string> names;
  for (const Layer& layer : layers) names.emplace_back(name_of(layer.compression));
  return text::join(names, "+");
}

void report_layers(const std::vector<Layer>& layers, std::vector<Finding>& findings) {
  for (const Layer& layer : layers) {
    const std::string name(name_of(layer.compression));
    if (layer.trailer)
      findings.push_back({Severity::failure, layer.trailer->cause, layer.trailer->text});
    if (layer.trailing > 0)
      findings.push_back(
          {Severity::warning, Cause::none,
           text::plural(layer.trailing, layer.trailing_zeros ? "zero byte" : "byte") +
               (layer.trailing_zeros ? " of padding" : " of something else") +
               " after the end of the " + name + " data"});
    if (layer.whole && !layer.checksummed)
      findings.push_back({Severity::warning, Cause::none,
                          "the " + name + " data carries no checksum of its content"});
  }
}

Result<void> drain(ByteSource& content) {
  std::vector<unsigned char> buffer(1U << 20U);
  while (true) {
    TRY_ASSIGN(const std::size_t n, content.read(buffer));
    if (n == 0) return {};
  }
}

Result<void> proven_whole(const std::vector<Layer>& layers) {
  for (const Layer& layer : layers)
    if (!layer.whole && !layer.trailer)
      return Error{
          Cause::damaged,
          "the end of the " + std::string(name_of(layer.compression)) + " data is not proven", ""};
  return {};
}

std::string name_disagreement(const Path& path, const Format& format) {
  std::string name = text::lower(path.filename().native());
  std::string promised;
  // The name tells the outermost container last.
  while (const Suffix* s = suffix_of(name, compressions)) {
    promised += (promised.empty() ? "" : "+") + std::string(s->says);
    name.erase(name.size() - s->suffix.size());
  }
  if (promised != format.containers)
    return "the name says " + (promised.empty() ? "uncompressed" : promised) +
           " but the content is " +
           (format.containers.empty() ? "uncompressed" : format.containers);
  const Suffix* s = suffix_of(name, formats);
  if (s != nullptr && !format.name.ends_with(s->says))
    return "the name ends in " + std::string(s->suffix) + " but the content is a " + format.name;
  return "";
}

void explain_whole_content(Run& run) {
  if (run.cause != Cause::damaged || !run.restored || run.checks.empty()) return;
  const bool answers = std::all_of(run.checks.begin(), run.checks.end(), [](const CheckResult& c) {
    return c.verdict == Verdict::passed;
  });
  const auto failure = std::find_if(run.findings.begin(), run.findings.end(), [](const Finding& f) {
    return f.severity == Severity::failure;
  });
  if (answers && failure != run.findings.end() && run.reason == failure->text)
    run.hint = "the content came out and passed every check, only its container is damaged";
}

}  // namespace backproof
