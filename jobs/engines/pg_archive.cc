// SPDX-License-Identifier: Apache-2.0
#include "base/read_ahead.h"
#include "base/text.h"
#include "engines/pg_archive_reader.h"
#include "engines/pg_restoring.h"

namespace backproof {
namespace {

class PgArchive : public Engine {
 public:
  explicit PgArchive(Options& options) : options_(pg_options(options)) {}

  bool recognizes(ByteView head) const override {
    return is_custom_archive(head) || is_tar_archive(head);
  }

  Result<std::unique_ptr<Database>> restore(Artefact& artefact, Sandbox&,
                                            const RunContext& context) const override {
    const PgReader read = [&](DumpSink& sink) -> Result<PgRead> {
      ReadAhead content(artefact.content);
      TRY_ASSIGN(const ArchiveEnd end, read_archive(content, sink, context));
      if (end.trailing > 0 && !end.trailing_zeros)
        artefact.findings.push_back({Severity::warning, Cause::none,
                                     text::plural(end.trailing, "byte") +
                                         " behind the end of the archive belong to nothing"});
      return PgRead{};
    };
    return restore_pg(read, options_, artefact);
  }

 private:
  PgOptions options_;
};

}  // namespace

extern const EngineKind pg_archive_engine;
constinit const EngineKind pg_archive_engine{
    "pg_archive", "postgresql archive", "pg_dump's custom, tar and directory formats", true,
    "amcheck_up_to = \"1GiB\"  # amcheck databases up to this size; 0 = never",
    [](Options& options) -> std::unique_ptr<Engine> {
      return std::make_unique<PgArchive>(options);
    }};

}  // namespace backproof
