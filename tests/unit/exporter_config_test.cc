// SPDX-License-Identifier: Apache-2.0
#include "exporter/config.h"

#include <algorithm>

#include "checks/check.h"
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> kinds_of(const std::vector<Spec>& checks) {
  std::vector<std::string> kinds;
  for (const Spec& check : checks) kinds.push_back(check.kind);
  return kinds;
}

}  // namespace

TEST_CASE("a target with a name and a source has every default") {
  const ParsedConfig parsed = parse(with_target(""));
  const Config& config = parsed.config;
  CHECK(shown(parsed.problems) == "");
  CHECK(config.state_dir == "/var/lib/backproof");
  CHECK(config.scratch_dir == "/var/tmp");
  CHECK(config.history_file() == "/var/lib/backproof/history.sqlite");
  CHECK(config.max_parallel == 1);
  CHECK(config.inventory_interval == 5min);
  CHECK(config.retention.passed == 90 * 24h);
  CHECK(config.retention.not_passed == 400 * 24h);
  REQUIRE(config.targets.size() == 1);
  const Target& target = config.targets[0];
  CHECK(target.name == "crm");
  CHECK(target.enabled);
  CHECK(target.source.kind == "directory");
  CHECK(target.source.options == Table{{"path", Value{"/backups", 3}}});
  CHECK(target.engine == Spec{"auto", {}});
  CHECK(target.checks == default_checks());
  REQUIRE(target.schedule);
  CHECK(target.schedule->expression() == "@weekly");
  CHECK(target.schedule->zone() == "UTC");
  CHECK(target.max_age == 22'176min);  // 2.2 weeks
  CHECK(target.rpo == 0s);
  CHECK(target.rto == 0s);
  CHECK(target.limits == Limits{});
}

TEST_CASE("every key of a target is read") {
  const Target target = target_of(R"(
enabled = false
engine = "sqlite_sql"
schedule = "30 3 * * sun"
time_zone = "Europe/Berlin"
max_age = "16d"
rpo = "26h"
rto = "30m"
timeout = "2h"
max_scratch = "20GiB"
max_ratio = 50
engine_options = { accept_unmarked = true }
)");
  CHECK_FALSE(target.enabled);
  CHECK(target.engine == Spec{"sqlite_sql", {{"accept_unmarked", Value{true, 0}}}});
  REQUIRE(target.schedule);
  CHECK(target.schedule->expression() == "30 3 * * sun");
  CHECK(target.schedule->zone() == "Europe/Berlin");
  CHECK(target.max_age == 384h);
  CHECK(target.rpo == 26h);
  CHECK(target.rto == 30min);
  CHECK(target.limits == Limits{2h, 20ULL << 30U, 50, Isolation::full});
}

TEST_CASE("defaults are for targets that do not say otherwise") {
  const ParsedConfig parsed = parse(R"(require_isolation = "partial"
[defaults]
schedule = "@daily"
time_zone = "Asia/Tokyo"
max_age = "3d"
timeout = "1h"
[[target]]
name = "a"
source = { kind = "directory", path = "/a" }
[[target]]
name = "b"
schedule = "@hourly"
max_age = "0"
source = { kind = "directory", path = "/b" }
)");
  CHECK(shown(parsed.problems) == "");
  REQUIRE(parsed.config.targets.size() == 2);
  const Target& a = parsed.config.targets[0];
  const Target& b = parsed.config.targets[1];
  CHECK(a.schedule->expression() == "@daily");
  CHECK(a.max_age == 72h);
  CHECK(b.schedule->expression() == "@hourly");
  CHECK(b.schedule->zone() == "Asia/Tokyo");
  CHECK(b.max_age == 0s);
  CHECK(b.limits.timeout == 1h);
  CHECK(b.limits.require_isolation == Isolation::partial);
}

TEST_CASE("a target can name a server and ask for less isolation than the others") {
  const Target target = target_of(
      "require_isolation = \"partial\"\n"
      "sandbox = { server = \"postgresql://u@h:6432/d\", password_file = \"secrets/pg\" }");
  CHECK(target.limits.require_isolation == Isolation::partial);
  CHECK(target.sandbox.server == "postgresql://u@h:6432/d");
  CHECK(target.sandbox.password_file == "/etc/backproof/secrets/pg");
  CHECK(target_of("").limits.require_isolation == Isolation::full);
  CHECK(problems_of(with_target("sandbox = { server = \"postgresql://u:wr0ng@h/\" }")) ==
        "c.toml:4: target \"crm\", sandbox: server: the server's URL holds a password; hint: write "
        "it into a file and name that: password_file = \"...\"\n");
}

TEST_CASE("a target that is verified by hand has no schedule and no age limit") {
  const Target target = target_of("schedule = \"none\"");
  CHECK_FALSE(target.schedule);
  CHECK(target.max_age == 0s);
}

TEST_CASE("the age limit follows from the schedule") {
  CHECK(target_of("schedule = \"@daily\"").max_age == 52h + 48min);
  CHECK(target_of("schedule = \"0 3 * * 1-5\"").max_age == 158h + 24min);
}

TEST_CASE("relative paths are below the file's own folder") {
  const ParsedConfig parsed = parse(R"(state_dir = "state/"
[[target]]
name = "a"
source = { kind = "directory", path = "../backups" }
)");
  CHECK(shown(parsed.problems) == "");
  CHECK(parsed.config.state_dir == "/etc/backproof/state");
  CHECK(parsed.config.scratch_dir == "/var/tmp");
  CHECK(parsed.config.targets.at(0).source.options == Table{{"path", Value{"/etc/backups", 4}}});
}

TEST_CASE("a check that runs anyway is configured by its entry, any other is added") {
  const Target target = target_of(R"(
[[target.check]]
kind = "row_count"
table = "orders"
min = 1000
[[target.check]]
kind = "row_count"
table = "customers"
[[target.check]]
kind = "foreign_keys"
on_failure = "warn"
)");
  const auto count = [&](const std::string& kind) {
    const auto kinds = kinds_of(target.checks);
    return std::count(kinds.begin(), kinds.end(), kind);
  };
  CHECK(count("row_count") == 2);
  CHECK(count("foreign_keys") == 1);
  for (const Spec& check : target.checks)
    if (check.kind == "foreign_keys")
      CHECK(check.options == Table{{"on_failure", Value{"warn", 0}}});
  for (const Spec& check : default_checks()) CHECK(count(check.kind) >= 1);
}

TEST_CASE("a check that is not enabled is not asked, but one must be left") {
  const Target target = target_of("[[target.check]]\nkind = \"foreign_keys\"\nenabled = false\n");
  CHECK(kinds_of(target.checks).size() + 1 == default_checks().size());
  std::string none;
  for (const Spec& check : default_checks())
    none += "[[target.check]]\nkind = \"" + check.kind + "\"\nenabled = false\n";
  CHECK(has(problems_of(with_target(none)), "target \"crm\": check: no check is left"));
}

TEST_CASE("thirteen different mistakes in one file are reported at once, each with its line") {
  CHECK(problems_of(R"(max_paralel = 2
inventory_interval = 5
require_isolation = "ful"
[retention]
passed = "90 days"
[defaults]
schedule = "0 25 * * *"
[[target]]
name = "a"
time_zone = "Europe/Berln"
source = { kind = "directory", path = "/a" }
[[target]]
name = "a"
max_ratio = 0
source = { kind = "directori", path = "/a" }
engine = "sqlite"
[[target]]
enabled = "yes"
source = { kind = "directory", path = "/a" }
  [[target.check]]
  kind = "row_counts"
)") == R"(c.toml:1: unknown key "max_paralel"; hint: did you mean "max_parallel"?
c.toml:2: inventory_interval: expected a duration as a string, got an integer; hint: write it like inventory_interval = "36h"
c.toml:3: require_isolation: expected one of full, partial, none, got "ful"; hint: did you mean "full"?
c.toml:5: retention: passed: expected a duration, got "90 days"; hint: write it like "1h30m", "45s", "7d" or "250ms"
c.toml:7: defaults: schedule: hour: expected 0 to 23, got "25"
c.toml:10: target "a": time_zone: unknown time zone "Europe/Berln"; hint: did you mean "Europe/Berlin"?
c.toml:13: target "a": name: is used twice; hint: the first is in line 9; results are recorded under the name
c.toml:14: target "a": max_ratio: expected an integer from 1 to 1000000000, got 0
c.toml:15: target "a", source: kind: expected one of directory, command, got "directori"; hint: did you mean "directory"?
c.toml:16: target "a": engine: expected one of auto, sqlite_file, sqlite_sql, pg_archive, pg_plain, got "sqlite"
c.toml:17: target number 3: missing key "name"; hint: add name = "..."
c.toml:18: target number 3: enabled: expected a boolean, got a string; hint: write it like enabled = true
c.toml:21: target number 3, check: kind: expected one of integrity, manifest, foreign_keys, tables, row_count, schema, drift, not_null, unique, freshness, sequences, sql, canary, grants, extensions, large_objects, amcheck, got "row_counts"; hint: did you mean "row_count"?
)");
}

TEST_CASE("each further mistake is a problem of its own") {
  const auto in_target = [](const std::string& line) { return problems_of(with_target(line)); };
  CHECK(problems_of("") ==
        "c.toml: no target: nothing would be verified; hint: add a [[target]]\n");
  CHECK(problems_of("max_parallel = 1\ntarget = []") ==
        "c.toml:2: no target: nothing would be verified; hint: add a [[target]]\n");
  CHECK(has(problems_of("target = 5"), "c.toml:1: target: expected an array of tables"));
  CHECK(has(problems_of("target = [5]"), "target: expected an array of tables, got an integer"));
  CHECK(has(problems_of("[[target]]\nname = \"a\""),
            "c.toml:1: target \"a\": missing key \"source\""));
  CHECK(has(problems_of("[[target]]\nname = \"a\"\nsource = \"/x\""),
            "c.toml:3: target \"a\": source: expected a table, got a string"));
  CHECK(has(problems_of("[[target]]\nname = \"a\"\n[target.source]\npath = \"/x\""),
            "c.toml:3: target \"a\", source: missing key \"kind\""));
  CHECK(has(problems_of("[[target]]\nname = \"\"\nsource = { kind = \"directory\" }"),
            "c.toml:2: target \"\": name: expected 1 to 128 printable bytes"));
  CHECK(has(problems_of("[[target]]\nname = \"a\\nb\""), "got \"a\\nb\""));
  CHECK(
      has(in_target("timeout = \"0\""), "c.toml:4: target \"crm\": timeout: expected at least 1s"));
  CHECK(has(in_target("schedule = \"0 0 30 2 *\""), "\"0 0 30 2 *\" never comes"));
  CHECK(has(in_target("max_scratch = -1"), "a size cannot be negative"));
  CHECK(has(in_target("rpo = 2026-01-01"), "c.toml:4: a value is a date or time"));
  CHECK(
      has(in_target("check = 3"), "c.toml:4: target \"crm\": check: expected an array of tables"));
  CHECK(has(in_target("[[target.check]]\non_failure = \"warn\""),
            "c.toml:4: target \"crm\", check: missing key \"kind\""));
  CHECK(has(problems_of("retention.passed = \"1h\""), "retention: passed: expected at least 1d"));
  CHECK(has(problems_of("state_dir = \"\""), "state_dir: expected a folder"));
  CHECK(has(problems_of("max_parallel = 0"), "expected an integer from 1 to 64, got 0"));
}

TEST_CASE("a syntax error has line and column") {
  CHECK(has(problems_of("state_dir = \"/x\"\nmax_parallel = = 2\n"),
            "c.toml:2: syntax error in column 16: "));
  CHECK(has(problems_of("a = 1\n\n[$x]\nb = 2\n"), "c.toml:3: syntax error in a table header"));
  CHECK(has(problems_of("a = 1\nü = 2\n"), "c.toml:2: syntax error in column 1"));
  CHECK(has(problems_of("a = 1\na = 2\n"), "c.toml:2: syntax error"));
  CHECK(has(problems_of(std::string("a = \"\xff\"")), "c.toml:1: syntax error"));
}

TEST_CASE("ten thousand targets are read") {
  std::string toml;
  for (int i = 0; i < 10'000; ++i)
    toml += "[[target]]\nname = \"t" + std::to_string(i) +
            "\"\nsource = { kind = \"directory\", path = \"/b\" }\ntime_zone = \"Europe/Berlin\"\n";
  const ParsedConfig parsed = parse(toml);
  CHECK(parsed.problems.empty());
  CHECK(parsed.config.targets.size() == 10'000);
}

TEST_CASE("a file is loaded with a plan for every target") {
  const Folder folder;
  std::filesystem::create_directory(folder / "backups");
  const Path file = folder.write("c.toml", R"(state_dir = "new/state"
[[target]]
name = "a"
source = { kind = "directory", path = "backups" }
)");
  const ConfigResult result = load_config(file);
  CHECK(shown(result.problems) == "");
  REQUIRE(result.loaded);
  CHECK(result.loaded->plans.size() == 1);
  CHECK(result.loaded->plans[0].source);
  CHECK(result.loaded->config.file == file);
  CHECK_FALSE(std::filesystem::exists(folder / "new"));
}

TEST_CASE("what kinds make of their options is reported beside all other problems") {
  const Folder folder;
  folder.write("plain", "");
  const Path file = folder.write("c.toml", R"(state_dir = "plain"
scratch_dir = "plain/scratch"
[[target]]
name = "a"
rto = "soon"
[target.source]
kind = "directory"
path = "missing"
patern = "*.db"
[target.engine_options]
integrity = "quick"
[[target.check]]
kind = "row_count"
mni = 3
[[target]]
name = "b"
source = { kind = "directory" }
)");
  const ConfigResult result = load_config(file);
  const std::string text = shown(result.problems);
  INFO(text);
  CHECK_FALSE(result.loaded);
  CHECK(has(text, "c.toml:1: state_dir: "));
  CHECK(has(text, "plain is not a folder"));
  CHECK(has(text, "c.toml:2: scratch_dir: "));
  CHECK(has(text, "c.toml:5: target \"a\": rto: expected a duration"));
  CHECK(has(text, "c.toml:8: target \"a\", source: path: "));
  CHECK(has(text, "c.toml:9: target \"a\", source: unknown key \"patern\""));
  CHECK(has(text, "c.toml:11: target \"a\", engine: integrity: expected one of auto, pragma"));
  CHECK(has(text, "c.toml:14: target \"a\", check \"row_count\": unknown key \"mni\""));
  CHECK(has(text, "c.toml:15: target \"b\", source: missing key \"path\""));
  CHECK(text.find("c.toml:11:") == text.rfind("c.toml:11:"));  // of two engines, said once
  CHECK(std::is_sorted(result.problems.begin(), result.problems.end(),
                       [](const Problem& a, const Problem& b) { return a.line < b.line; }));
}

TEST_CASE("a configuration that cannot be read is one problem without a line") {
  const Folder folder;
  const ConfigResult missing = load_config(folder / "none.toml");
  REQUIRE(missing.problems.size() == 1);
  CHECK(missing.problems[0].line == 0);
  CHECK(has(missing.problems[0].text, "none.toml"));
  CHECK(load_config(folder.path()).problems.size() == 1);
}

TEST_CASE("a target for one verification by hand asks the default questions") {
  const Target target = one_off_target("/tmp/x.db");
  CHECK(target.name == "/tmp/x.db");
  CHECK(target.source.kind.empty());
  CHECK(target.engine.kind == "auto");
  CHECK_FALSE(target.schedule);
  CHECK(target.checks == default_checks());
}
