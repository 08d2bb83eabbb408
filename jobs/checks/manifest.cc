// SPDX-License-Identifier: Apache-2.0
#include "model/manifest.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "checks/asking.h"
#include "db/content.h"

namespace backproof {
namespace {

// What differs, one result a thing; beyond some they are only counted.
class Differences {
 public:
  void add(const std::string& subject, std::string observed, std::string expected,
           Cause cause = Cause::check_failed) {
    constexpr std::size_t most = 50;
    if (results_.size() == most) {
      ++more_;
      return;
    }
    CheckResult result = answered(false, std::move(observed), std::move(expected));
    result.cause = cause;
    result.subject = text::printable(subject, 200);
    results_.push_back(std::move(result));
  }

  // What could not be compared: no pass, and no proof against the backup.
  void add_unknown(const std::string& subject, const Error& error) {
    results_.push_back(could_not(error));
    results_.back().subject = text::printable(subject, 200);
  }

  std::vector<CheckResult> results(const Manifest& manifest) && {
    if (results_.empty()) {
      CheckResult whole =
          answered(true, text::plural(manifest.tables.size(), "table") + " as in the manifest",
                   "what was there when the backup was taken");
      whole.detail = "manifest of " + text::format_time(manifest.taken);
      return {whole};
    }
    if (more_ != 0) results_.back().detail = "and " + text::plural(more_, "difference") + " more";
    return std::move(results_);
  }

 private:
  std::vector<CheckResult> results_;
  std::uint64_t more_ = 0;
};

// As a manifest writes names: what no JSON can hold is escaped.
std::string name_of(const TableFact& fact) {
  return written_name(full_name(fact));
}

std::string rows_text(const TableFact& fact) {
  return text::plural(fact.rows, "row");
}

void compare_artefact(const Manifest& manifest, const Run& run, Differences& differences) {
  if (manifest.sha256.empty() || manifest.sha256 == run.backup.sha256) return;
  if (manifest.bytes != run.backup.bytes)
    differences.add("artefact", text::format_count(run.backup.bytes) + " bytes",
                    text::format_count(manifest.bytes) + " bytes");
  else
    differences.add("artefact", "sha256 " + run.backup.sha256, "sha256 " + manifest.sha256);
}

// By the name that is in the bytes of a dump, or the numbers that are in SQLite's header.
Result<void> compare_identity(const Manifest& manifest, const CheckInput& input,
                              const RunContext& context, Differences& differences) {
  if (manifest.engine == "postgresql") {
    const std::string found = text::printable(input.run.format.database, 128);
    if (!found.empty() && !manifest.database.empty() && found != manifest.database)
      differences.add("database", found, text::printable(manifest.database, 128));
    return {};
  }
  for (const auto& [name, number] : {std::pair{"application_id", manifest.application_id},
                                     std::pair{"user_version", manifest.user_version}}) {
    Question question;
    question.sql = std::string("SELECT ") + name + " FROM pragma_" + name;
    TRY_ASSIGN(const Answer answer, input.database.ask(question, context));
    const std::string expected = std::to_string(number);
    const std::string found = answer.empty() ? "" : answer.front().front().value_or("");
    // A dump as SQL does not hold them.
    if (found != expected && !(found == "0" && input.run.format.name == "sqlite dump"))
      differences.add(name, found, expected);
  }
  return {};
}

// A table that a manifest should name and does not: the manifest is not whole, or the table is one
// too many, which the schema tells.
void demand_named(const std::map<std::string, const TableFact*>& tables,
                  const std::vector<TableFact>& expected, Differences& differences) {
  std::set<std::string> named;
  for (const TableFact& fact : expected) named.insert(name_of(fact));
  std::size_t missing = 0;
  std::string first;
  for (const auto& [name, fact] : tables)
    if (fact->in_manifests && !named.contains(name) && missing++ == 0) first = name;
  if (missing == 0) return;
  differences.add_unknown(
      first, {Cause::unproven,
              "the manifest says nothing of " + text::plural(missing, "restored table"), ""});
}

// A table whose digest is not known on one side cannot be compared.
void compare_tables(const Manifest& manifest, const std::vector<TableFact>& found,
                    Differences& differences) {
  std::map<std::string, const TableFact*> tables;
  for (const TableFact& fact : found) tables[name_of(fact)] = &fact;
  for (const TableFact& expected : manifest.tables) {
    const std::string name = name_of(expected);
    const auto there = tables.find(name);
    if (there == tables.end()) {
      differences.add(name, "not there", rows_text(expected), Cause::incomplete);
      continue;
    }
    const TableFact& fact = *there->second;
    if (fact.rows != expected.rows)
      differences.add(name, rows_text(fact), rows_text(expected),
                      fact.rows < expected.rows ? Cause::incomplete : Cause::check_failed);
    else if (fact.digest.empty() || expected.digest.empty())
      differences.add_unknown(name, {Cause::unproven, "its rows could not be compared", ""});
    else if (fact.digest != expected.digest)
      differences.add(name, "other values", "digest " + expected.digest);
  }
  demand_named(tables, manifest.tables, differences);
}

void compare_sequences(const Manifest& manifest, const Content& content, Differences& differences) {
  for (const SequenceFact& expected : manifest.sequences) {
    const auto same = [&](const SequenceFact& fact) {
      return written_name(fact.schema) == written_name(expected.schema) &&
             written_name(fact.name) == written_name(expected.name);
    };
    const auto found = std::ranges::find_if(content.sequences, same);
    const std::string subject =
        "sequence " + expected.schema + (expected.schema.empty() ? "" : ".") + expected.name;
    if (found == content.sequences.end())
      differences.add(subject, "not there", "next value " + expected.next, Cause::incomplete);
    else if (found->next != expected.next)
      differences.add(subject, "next value " + found->next, "next value " + expected.next);
  }
}

void compare_large_objects(const Manifest& manifest, const Content& content,
                           Differences& differences) {
  if (content.large_objects != manifest.large_objects)
    differences.add("large objects", text::format_count(content.large_objects),
                    text::format_count(manifest.large_objects), Cause::incomplete);
  else if (content.large_objects_digest != manifest.large_objects_digest)
    differences.add("large objects", "other content", "what was there when it was taken");
}

class ManifestCheck : public Check {
 public:
  explicit ManifestCheck(Options& options) : is_required_(options.boolean("required", false)) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    if (input.manifest == nullptr) {
      if (!is_required_) return {none(input.memory)};
      return {could_not({Cause::unproven, "there is no manifest beside the backup",
                         "backproof backup takes one with each backup"})};
    }
    if (!*input.manifest) return {could_not(input.manifest->error())};
    Differences differences;
    if (const auto done = compare(**input.manifest, input, context, differences); !done)
      return {could_not(done.error())};
    return std::move(differences).results(**input.manifest);
  }

 private:
  // An answer that proves nothing; a warning where there used to be one.
  static CheckResult none(const Memory& memory) {
    const bool is_news = !memory.empty() && memory.front().by_manifest;
    CheckResult result = answered(!is_news, "no manifest beside the backup",
                                  is_news ? "a manifest, as the last pass had" : "none required");
    result.looked_at_data = false;
    result.enforced = false;
    return result;
  }

  static Result<void> compare(const Manifest& manifest, const CheckInput& input,
                              const RunContext& context, Differences& differences) {
    const Dialect dialect = input.database.dialect();
    const std::string engine = dialect == Dialect::sqlite ? "sqlite" : "postgresql";
    compare_artefact(manifest, input.run, differences);
    if (manifest.engine != engine) {
      differences.add("engine", engine, text::printable(manifest.engine, 40));
      return {};
    }
    TRY(compare_identity(manifest, input, context, differences));
    const auto& tables = input.database.self_check(context).tables;
    if (!tables) return tables.error();
    compare_tables(manifest, *tables, differences);
    const Asker ask = [&](const Question& question) {
      return input.database.ask(question, context);
    };
    TRY_ASSIGN(const Content content, read_content(dialect, ask));
    compare_sequences(manifest, content, differences);
    compare_large_objects(manifest, content, differences);
    TRY_ASSIGN(const std::vector<std::string> schema, read_schema(dialect, ask));
    for (const std::string& line : schema_difference(manifest.schema, schema))
      differences.add("schema", line.starts_with('-') ? "missing" : "not expected", line.substr(2),
                      Cause::incomplete);
    return {};
  }

  bool is_required_;
};

}  // namespace

extern const CheckKind manifest_check;
constinit const CheckKind manifest_check{
    "manifest",
    "everything is as the manifest beside the backup says: bytes, tables, rows, values, sequences, "
    "large objects and schema; where there is none nothing is compared",
    "required = true", true, [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<ManifestCheck>(options);
    }};

}  // namespace backproof
