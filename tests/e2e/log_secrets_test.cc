// SPDX-License-Identifier: Apache-2.0
// Values of rows and secrets are in no record of a run, whatever a backup makes tools say.
#include "model/run_json.h"
#include "support/damage.h"
#include "support/pg.h"
#include "support/program.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// In no name of a table, column, file or role: only in rows, statements and passwords.
constexpr std::string_view marker = "Zq7Marker9xK";

struct Sample {
  const char* name;
  std::string dump;
  bool is_postgresql;
};

std::string value() {
  return "'" + std::string(marker) + "'";
}

std::vector<Sample> samples() {
  const std::string m(marker);
  const std::string begin = "BEGIN TRANSACTION;\n", end = "COMMIT;\n";
  const std::string pg = "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n";
  const std::string done = "\n--\n-- PostgreSQL database dump complete\n--\n\n";
  return {
      {"passing", begin + "CREATE TABLE t(a TEXT);\nINSERT INTO t VALUES(" + value() + ");\n" + end,
       false},
      {"null where none may be",
       begin + "CREATE TABLE t(a TEXT, b NOT NULL);\nINSERT INTO t VALUES(" + value() +
           ",NULL);\n" + end,
       false},
      {"not unique",
       begin + "CREATE TABLE t(a TEXT UNIQUE);\nINSERT INTO t VALUES(" + value() +
           ");\nINSERT INTO t VALUES(" + value() + ");\n" + end,
       false},
      {"a value that lost its quotes",
       begin + "CREATE TABLE t(a TEXT);\nINSERT INTO t VALUES(" + m + ");\n" + end, false},
      {"no statement", begin + "CREATE TABLE t(a TEXT);\n" + m + " INTO t;\n" + end, false},
      {"a trigger that raises the value",
       begin +
           "CREATE TABLE t(a TEXT);\nCREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT "
           "RAISE(ABORT, " +
           value() + "); END;\nINSERT INTO t VALUES(1);\n" + end,
       false},
      {"cut in a value", begin + "CREATE TABLE t(a TEXT);\nINSERT INTO t VALUES('" + m, false},
      {"pg passing",
       pg + "CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\n" + m + "\n\\.\n" + done, true},
      {"pg no number",
       pg + "CREATE TABLE t (a integer);\nCOPY t (a) FROM stdin;\n" + m + "\n\\.\n" + done, true},
      {"pg no number in a statement",
       pg + "CREATE TABLE t (a integer);\nINSERT INTO t VALUES (" + value() + ");\n" + done, true},
      {"pg no date",
       pg + "CREATE TABLE t (a date);\nCOPY t (a) FROM stdin;\n" + m + "\n\\.\n" + done, true},
      {"pg not unique",
       pg + "CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\n" + m + "\n" + m +
           "\n\\.\nALTER TABLE ONLY t ADD CONSTRAINT u UNIQUE (a);\n" + done,
       true},
      {"pg refused by a constraint",
       pg +
           "CREATE TABLE t (a text, CONSTRAINT c CHECK (length(a) < 3));\nCOPY t (a) FROM "
           "stdin;\n" +
           m + "\n\\.\n" + done,
       true},
      {"pg without its parent",
       pg +
           "CREATE TABLE p (a text PRIMARY KEY);\nCREATE TABLE t (a text);\nCOPY t (a) FROM "
           "stdin;\n" +
           m + "\n\\.\nALTER TABLE ONLY t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p(a);\n" +
           done,
       true},
      {"pg too many columns",
       pg + "CREATE TABLE t (a text);\nCOPY t (a) FROM stdin;\n" + m + "\t" + m + "\n\\.\n" + done,
       true},
      {"pg raised by the dump",
       pg + "CREATE TABLE t (a text);\nDO $$ BEGIN RAISE EXCEPTION '%', " + value() +
           "; END $$;\n" + done,
       true},
      {"pg no statement",
       pg + "CREATE TABLE t (a text);\nSELECT " + value() + " " + m + " " + m + ";\n" + done, true},
      {"pg password of a role",
       pg + "CREATE ROLE somebody;\nALTER ROLE somebody WITH LOGIN PASSWORD " + value() +
           ";\nCREATE TABLE t (a integer);\nCOPY t (a) FROM stdin;\nx\n\\.\n" + done,
       true},
  };
}

// Every file of the state folder, its log before it was taken over, too.
std::string everything_in(const Path& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += read_file(entry.path(), 64U << 20U).value();
  return all;
}

}  // namespace

TEST_CASE("no value of a row and no password is in the history, its logs or what is printed") {
  const bool has_server = !pg_bin().empty();
  if (!has_server) WARN("SKIPPED: no PostgreSQL server is installed, so only SQLite was tried");
  const Scratch scratch;
  for (const Sample& sample : samples()) {
    if (sample.is_postgresql && !has_server) continue;
    INFO(sample.name);
    const Folder folder;
    std::filesystem::create_directories(folder / "b");
    folder.write("b/x.sql", sample.dump);
    const bool passes = std::string_view(sample.name).ends_with("passing");
    const Path config = folder.write(
        "c.toml", "state_dir = \"state\"\nscratch_dir = \"" + scratch.path().native() +
                      "\"\n[[target]]\nname = \"t\"\nsource = { kind = \"directory\", path = "
                      "\"b\", settle = \"0s\" }\n[[target.check]]\nkind = \"sql\"\nquery = "
                      "\"SELECT a FROM t\"\nexpect = \"" +
                      (passes ? std::string(marker) : "other") + "\"\n");
    const auto call = [&](std::vector<std::string> arguments) {
      arguments.insert(arguments.end(), {"--config.file", config.native()});
      return program(arguments);
    };
    const Output verified = call({"verify", "--target", "t", "--log.level", "debug"});
    INFO(verified.out << verified.err);
    CHECK(verified.ended.exit_code == (passes ? 0 : 1));
    const Output listed = call({"history", "--format", "json"});
    const Run run = run_from_json(listed.out.substr(0, listed.out.find('\n'))).value();
    const Output log = call({"show", run.id, "--log"});
    CHECK(log.out.find("run ended") != std::string::npos);
    for (const std::string& text : {verified.out, verified.err, listed.out, log.out,
                                    call({"show", run.id}).out, everything_in(folder / "state")})
      CHECK(text.find(marker) == std::string::npos);
  }
}

TEST_CASE("the password of a named server is in no record of a run") {
  const Folder folder;
  std::filesystem::create_directories(folder / "b");
  folder.write(
      "b/x.sql",
      "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE t (a text);\n\n--\n-- PostgreSQL "
      "database dump complete\n--\n\n");
  const Path secret = folder.write("secret", std::string(marker) + "\n");
  std::filesystem::permissions(secret, std::filesystem::perms(0600));
  const Path config = folder.write(
      "c.toml",
      "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = \"t\"\n"
      "require_isolation = \"partial\"\nsource = { kind = \"directory\", path = \"b\", settle = "
      "\"0s\" }\n[target.sandbox]\nserver = \"postgresql://u@127.0.0.1:1/postgres\"\n"
      "password_file = \"secret\"\n");
  const Output output = program(
      {"verify", "--target", "t", "--config.file", config.native(), "--log.level", "debug"});
  INFO(output.out << output.err);
  CHECK(output.ended.exit_code == 2);
  CHECK((output.out + output.err).find(marker) == std::string::npos);
  const std::string state = everything_in(folder / "state");
  CHECK(state.find("run ended") != std::string::npos);
  CHECK(state.find(marker) == std::string::npos);
}
