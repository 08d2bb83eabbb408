// SPDX-License-Identifier: Apache-2.0
#include "base/read_ahead.h"
#include "engines/pg/plain_reader.h"
#include "engines/pg/restoring.h"
#include "engines/sql_dialect.h"

namespace backproof {
namespace {

class PgPlain : public Engine {
 public:
  explicit PgPlain(Options& options) : options_(pg_options(options)) {}

  bool recognizes(ByteView head) const override {
    const std::string_view text = as_text(head);
    const bool is_text = text.find('\0') == std::string_view::npos;
    return is_plain_dump(head) || (is_text && speaks_postgresql(text));
  }

  Result<std::unique_ptr<Database>> restore(Artefact& artefact, Sandbox&,
                                            const RunContext& context) const override {
    const PgReader read = [&](ByteSource& source, DumpSink& sink) -> Result<PgRead> {
      ReadAhead content(source);
      TRY_ASSIGN(const PlainEnd end, read_plain_dump(content, sink, context));
      const auto warn = [&](std::string text) {
        artefact.findings.push_back({Severity::warning, Cause::none, std::move(text)});
      };
      if (end.dumps > 1 && !end.cluster)
        warn("the text holds " + std::to_string(end.dumps) +
             " dumps, one behind the other, which were restored into one database");
      if (end.returns)
        warn(
            "the lines end with carriage returns: something changed them on the way, in the "
            "bodies of functions, too");
      return PgRead{end.marked};
    };
    return restore_pg(read, options_, artefact, context);
  }

 private:
  PgOptions options_;
};

}  // namespace

extern const EngineKind pg_plain_engine;
constinit const EngineKind pg_plain_engine{
    "pg_plain",
    "postgresql dump",
    "SQL text as pg_dump and pg_dumpall write it",
    true,
    "accept_unmarked = true  # SQL that pg_dump did not write may pass\n"
    "amcheck_up_to = \"1GiB\"  # amcheck databases up to this size; 0 = never",
    [](Options& options) -> std::unique_ptr<Engine> { return std::make_unique<PgPlain>(options); }};

}  // namespace backproof
