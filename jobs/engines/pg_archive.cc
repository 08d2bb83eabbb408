// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <set>

#include "base/read_ahead.h"
#include "base/text.h"
#include "engines/pg/archive_reader.h"
#include "engines/pg/restoring.h"

namespace backproof {
namespace {

// A file of a folder as it is.
class FileSource : public ByteSource {
 public:
  FileSource(int fd, const std::function<void(std::size_t)>& count) : fd_(fd), count_(count) {}
  Result<std::size_t> read(std::span<unsigned char> into) override {
    TRY_ASSIGN(const std::size_t n, read_at(fd_, into, offset_));
    offset_ += n;
    count_(n);
    return n;
  }

 private:
  int fd_;
  std::uintmax_t offset_ = 0;
  const std::function<void(std::size_t)>& count_;
};

class Folder : public ArchiveFolder {
 public:
  Folder(const std::vector<Member>& members, const RunContext& context) : members_(members) {
    for (const Member& member : members) total_ += member.facts.bytes;
    count_ = [this, &context](std::size_t n) { context.progress(done_ += n, total_); };
  }
  Result<std::unique_ptr<ByteSource>> open(std::string_view name) override {
    for (const Member& member : members_) {
      if (member.name != name) continue;
      used_.insert(member.name);
      return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(member.file.get(), count_));
    }
    return std::unique_ptr<ByteSource>();
  }
  // Names of files that the archive did not ask for.
  std::vector<std::string> unused() const {
    std::vector<std::string> names;
    for (const Member& member : members_)
      if (!used_.contains(member.name)) names.push_back(text::printable(member.name, 100));
    return names;
  }

 private:
  const std::vector<Member>& members_;
  std::set<std::string> used_;
  std::uintmax_t done_ = 0, total_ = 0;
  std::function<void(std::size_t)> count_;
};

class PgArchive : public Engine {
 public:
  explicit PgArchive(Options& options) : options_(pg_options(options)) {}

  bool recognizes(ByteView head) const override {
    return is_custom_archive(head) || is_tar_archive(head);
  }

  Result<std::unique_ptr<Database>> restore(Artefact& artefact, Sandbox&,
                                            const RunContext& context) const override {
    const PgReader read = [&](ByteSource& source, DumpSink& sink) -> Result<PgRead> {
      const auto warn = [&](std::string text) {
        artefact.findings.push_back({Severity::warning, Cause::none, std::move(text)});
      };
      ArchiveEnd end;
      if (!artefact.members.empty()) {
        Folder folder(artefact.members, context);
        TRY_ASSIGN(end, read_archive_folder(folder, sink, context));
        if (const auto unused = folder.unused(); !unused.empty())
          warn(text::plural(unused.size(), "file") +
               " of the folder belong to nothing in its table of contents, for instance " +
               unused.front());
      } else {
        ReadAhead content(source);
        TRY_ASSIGN(end, read_archive(content, sink, context));
      }
      if (end.trailing > 0 && !end.trailing_zeros)
        warn(text::plural(end.trailing, "byte") +
             " behind the end of the archive belong to nothing");
      if (end.database_settings)
        warn(
            "the archive holds settings of its database (ALTER DATABASE ... SET), which only "
            "pg_restore --create brings back; they were not tried");
      return PgRead{};
    };
    return restore_pg(read, options_, artefact, context);
  }

 private:
  PgOptions options_;
};

}  // namespace

extern const EngineKind pg_archive_engine;
constinit const EngineKind pg_archive_engine{
    "pg_archive",
    "postgresql archive",
    "pg_dump's custom, tar and directory formats",
    true,
    "amcheck_up_to = \"1GiB\"  # amcheck databases up to this size; 0 = never",
    [](Options& options) -> std::unique_ptr<Engine> {
      return std::make_unique<PgArchive>(options);
    }};

}  // namespace backproof
