// SPDX-License-Identifier: Apache-2.0
#include "exporter/config_target.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checks/check.h"
#include "engines/engine.h"
#include "model/start.h"
#include "runner/plan.h"
#include "sandbox/named_server.h"
#include "sources/source.h"

namespace backproof {
namespace {

using std::chrono_literals::operator""s;

template <typename Kind>
std::vector<std::string> names_of(const std::vector<const Kind*>& kinds,
                                  std::vector<std::string> names = {}) {
  for (const Kind* kind : kinds) names.emplace_back(kind->name);
  return names;
}

// At least two full rounds may be missed by a little before something counts as late.
Duration two_rounds(Duration interval) {
  return std::chrono::floor<std::chrono::seconds>(interval * 22 / 10);
}

// Where each backup is verified once there is no run without a new one: whether one waits for too
// long is what SelectSpec::within says.
Duration default_max_age(const Target& target) {
  if (!target.schedule || target.select.policy == Policy::every_new) return {};
  return two_rounds(interval_of(target, target.schedule, {}));
}

// Takes a Spec's own keys out of its table; the rest are its kind's options.
Spec spec_of(std::string kind, Table table) {
  for (const std::string_view own : {"kind", "enabled"})
    if (const auto found = table.find(own); found != table.end()) table.erase(found);
  return {std::move(kind), std::move(table)};
}

// The kind of a source or check; empty when there is none of that name.
std::string read_kind(const Table& table, int line, const std::string& where,
                      const std::vector<std::string>& kinds, Problems& problems) {
  Options options(table, line, where, problems);
  if (options.has("kind")) return options.choice("kind", "", kinds);
  options.required_string("kind");
  problems.back().hint = "add kind = \"...\", one of " + text::join(kinds, ", ");
  return "";
}

}  // namespace

TargetSettings read_settings(Options& options, TargetSettings fallback, Problems& problems) {
  TargetSettings out = std::move(fallback);
  out.enabled = options.boolean("enabled", out.enabled);
  out.engine = options.choice("engine", out.engine, names_of(all_engines(), {"auto"}));
  read_start_settings(options, out);
  const Duration max_age = options.duration("max_age", out.max_age.value_or(Duration{}));
  if (options.has("max_age")) out.max_age = max_age;
  out.rpo = options.duration("rpo", out.rpo);
  out.rto = options.duration("rto", out.rto);
  out.on_arrival = options.boolean("on_arrival", out.on_arrival);
  read_limits(options, out.limits, problems);
  read_retry(options, out.retry, problems);
  return out;
}

Target TargetReader::read(const Table& table, int line, std::size_t number) {
  const auto name = table.find("name");
  const auto* text = name == table.end() ? nullptr : std::get_if<std::string>(&name->second.data);
  Options options(table, line,
                  text == nullptr ? "target number " + std::to_string(number)
                                  : "target \"" + text::printable(*text, 140) + "\"",
                  problems_);
  Target target;
  target.name = read_name(options);
  const TargetSettings settings = read_settings(options, defaults_, problems_);
  target.enabled = settings.enabled;
  target.source = read_source(table, options);
  target.engine = read_engine(options, settings.engine);
  target.checks = read_checks(table, options);
  take_start_settings(settings, target);
  const Duration interval = interval_of(target, target.schedule, {});
  target.select = read_select(table, options, interval);
  target.max_age = settings.max_age.value_or(default_max_age(target));
  target.rpo = settings.rpo;
  target.rto = settings.rto;
  target.limits = settings.limits;
  target.retry = settings.retry;
  target.on_arrival = settings.on_arrival;
  target.limits.require_isolation =
      isolation_named(
          options.choice("require_isolation",
                         std::string(backproof::name_of(settings.limits.require_isolation)),
                         {"full", "partial", "none"}))
          .value_or(Isolation::full);
  target.decrypt = read_decrypt(table, options);
  target.sandbox = read_sandbox(options);
  target.manifest = read_manifest_pattern(options);
  target.backup = read_backup(options);
  target.selftest = read_selftest(options, settings.time_zone);
  target.drill = read_drill(options, target, settings.time_zone);
  check_jitter(options, target);
  options.finish();
  return target;
}

std::string TargetReader::read_name(Options& options) {
  constexpr std::size_t longest = 128;  // a label value that dashboards can show
  std::string name = options.required_string("name");
  if (!options.has("name")) return name;
  if (name.empty() || name.size() > longest || text::printable(name, longest) != name ||
      text::trim(name) != name) {
    options.problem("name", "expected 1 to 128 printable bytes without blanks around, got \"" +
                                text::printable(name, 60) + "\"");
    return name;
  }
  const auto [first, is_new] = lines_.emplace(name, options.line_of("name"));
  if (!is_new)
    options.problem("name", "is used twice",
                    "the first is in line " + std::to_string(first->second) +
                        "; results are recorded under the name");
  return name;
}

Spec TargetReader::read_source(const Table& target, Options& options) {
  const auto source = target.find("source");
  if (source == target.end()) {
    options.problem("", "missing key \"source\"",
                    R"(add source = { kind = "directory", path = "/...", pattern = "*" })");
  }
  Table table = options.table("source");
  if (source == target.end() || !std::holds_alternative<Table>(source->second.data)) return {};
  const std::string kind = read_kind(table, options.line_of("source"), options.where() + ", source",
                                     names_of(all_sources()), problems_);
  place_files(table, options);
  return spec_of(kind, std::move(table));
}

SelectSpec TargetReader::read_select(const Table& target, Options& options, Duration interval) {
  static const std::vector<std::string> names{"newest", "every_new", "random", "coverage"};
  const auto given = target.find("select");
  const bool in_full = given != target.end() && std::holds_alternative<Table>(given->second.data);
  SelectSpec select;
  if (!in_full) {
    const std::string name = options.choice("select", "newest", names);
    select.policy = policy_named(name).value_or(Policy::newest);
    if (select.policy == Policy::random)
      options.problem("select", "random needs a count",
                      R"(write it like select = { policy = "random", count = 3 })");
    if (select.policy == Policy::coverage)
      options.problem("select", "coverage needs a time",
                      R"(write it like select = { policy = "coverage", within = "30d" })");
    if (select.policy == Policy::every_new) select.within = two_rounds(interval);
    return select;
  }
  Options own(options.table("select"), options.line_of("select"), options.where() + ", select",
              problems_);
  if (!own.has("policy")) {
    own.required_string("policy");
    problems_.back().hint = "add policy = \"...\", one of " + text::join(names, ", ");
  }
  select.policy = policy_named(own.choice("policy", "newest", names)).value_or(Policy::newest);
  if (select.policy == Policy::random) {
    if (!own.has("count")) own.problem("count", "random needs a count", "write it like count = 3");
    select.count = static_cast<unsigned>(own.integer("count", 1, 1, 10'000));
  }
  if (select.policy == Policy::every_new)
    select.within = own.duration("within", two_rounds(interval));
  if (select.policy == Policy::coverage) {
    select.within = own.duration("within", {});
    if (!own.has("within"))
      own.problem("within", "coverage needs a time", "write it like within = \"30d\"");
    else if (select.within < std::max<Duration>(1s, interval))
      own.problem("within",
                  "expected at least " + text::format_duration(std::max<Duration>(1s, interval)) +
                      ", got " + text::format_duration(select.within),
                  "the schedule comes no more often; verify more often or give it longer");
  }
  own.finish();
  return select;
}

Spec TargetReader::read_engine(Options& options, const std::string& kind) {
  return {kind, options.table("engine_options")};
}

Path TargetReader::path_of(const std::string& given) const {
  return given.empty() ? Path() : (folder_ / given).lexically_normal();
}

std::optional<BackupSpec> TargetReader::read_backup(Options& options) {
  const Table& table = options.table("backup");
  if (!options.has("backup")) return std::nullopt;
  Options own(table, options.line_of("backup"), options.where() + ", backup", problems_);
  BackupSpec backup;
  backup.database.sqlite = path_of(own.string("sqlite", ""));
  backup.database.postgresql = own.string("postgresql", "");
  backup.database.password_file = password_file(own);
  backup.output = path_of(own.string("output", "")).native();
  if (backup.database.sqlite.empty() == backup.database.postgresql.empty())
    own.problem("", "expected either sqlite or postgresql",
                R"(write backup = { sqlite = "/srv/crm.db", output = "/backup/crm-{time}.db" })");
  if (!backup.database.postgresql.empty())
    if (const auto fit = check_named_server(backup.database.postgresql); !fit)
      own.problem("postgresql", fit.error().text, fit.error().hint);
  if (!backup.output.empty() && backup.output.find("{time}") == std::string::npos)
    own.problem("output", "has no {time} in it, and a backup never replaces another",
                R"(write it like output = "/backup/crm-{time}.dump")");
  own.finish();
  return backup;
}

std::string TargetReader::read_manifest_pattern(Options& options) {
  std::string pattern = options.string("manifest", std::string(manifest_pattern));
  if (pattern.find("{}") == std::string::npos || pattern == "{}" ||
      pattern.find('/') != std::string::npos)
    options.problem("manifest", "expected a file name with {} for the backup's name",
                    "write it like manifest = \"{}.manifest.json\"");
  return pattern;
}

SandboxSpec TargetReader::read_sandbox(Options& options) {
  const Table& table = options.table("sandbox");
  Options own(table, options.line_of("sandbox"), options.where() + ", sandbox", problems_);
  SandboxSpec sandbox;
  sandbox.postgresql = path_of(own.string("postgresql", ""));
  sandbox.server = own.string("server", "");
  if (!sandbox.server.empty())
    if (const auto fit = check_named_server(sandbox.server); !fit)
      own.problem("server", fit.error().text, fit.error().hint);
  sandbox.password_file = password_file(own);
  for (const std::string& file : own.strings("before")) sandbox.before.push_back(path_of(file));
  own.finish();
  return sandbox;
}

std::optional<Schedule> TargetReader::read_selftest(Options& options, const std::string& zone) {
  const Table& table = options.table("selftest");
  Options own(table, options.line_of("selftest"), options.where() + ", selftest", problems_);
  auto schedule = read_schedule(own, "none", zone);
  own.finish();
  return schedule;
}

std::vector<Spec> TargetReader::read_checks(const Table& target, Options& options) {
  std::vector<std::pair<Spec, bool>> given;  // with whether it is enabled
  options.tables("check");
  const auto found = target.find("check");
  List entries;
  if (found != target.end()) {
    if (const auto* list = std::get_if<List>(&found->second.data)) entries = *list;
    if (std::holds_alternative<Table>(found->second.data)) entries = {found->second};
  }
  for (const Value& entry : entries) {
    const auto* check = std::get_if<Table>(&entry.data);
    if (check == nullptr) continue;
    std::string kind = read_kind(*check, entry.line, options.where() + ", check",
                                 names_of(all_checks()), problems_);
    const bool enabled = Options(*check, entry.line, options.where() + ", check", problems_)
                             .boolean("enabled", true);
    if (kind.empty()) continue;
    given.emplace_back(spec_of(std::move(kind), *check), enabled);
    // Files stand beside the configuration unless it says otherwise.
    if (const auto file = given.back().first.options.find("reference");
        file != given.back().first.options.end())
      if (auto* path = std::get_if<std::string>(&file->second.data); path && !path->empty())
        *path = path_of(*path).native();
  }
  std::vector<Spec> checks;
  const auto take = [&](const std::string& kind) {
    bool any = false;
    for (const auto& [spec, enabled] : given) {
      if (spec.kind != kind) continue;
      if (enabled) checks.push_back(spec);
      any = true;
    }
    return any;
  };
  for (const CheckKind* kind : all_checks()) {
    const std::string name(kind->name);
    if (!take(name) && kind->by_default) checks.push_back({name, {}});
  }
  if (checks.empty())
    options.problem("check", "no check is left", "a backup that is asked nothing proves nothing");
  return checks;
}

}  // namespace backproof
