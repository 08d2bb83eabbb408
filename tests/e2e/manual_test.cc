// SPDX-License-Identifier: Apache-2.0
// The manual pages and the completion of shells know all that the program takes.
#include <algorithm>
#include <cctype>
#include <set>

#include "exporter/commands/command.h"
#include "exporter/config.h"
#include "exporter/manual/kinds.h"
#include "exporter/manual/pages.h"
#include "exporter/manual/roff.h"
#include "support/program.h"

using namespace backproof;
using namespace backproof::test;

namespace {

std::string printed(const std::string& name) {
  const Output output = program({"manual", name, "--date", "2026-11-20"});
  REQUIRE(output.ended.ok());
  return output.out;
}

// As it is read: without the escapes of roff.
std::string read_page(const std::string& name) {
  std::string text = printed(name);
  for (const auto& [written, read] : {std::pair{"\\fB", ""},
                                      {"\\fI", ""},
                                      {"\\fR", ""},
                                      {"\\-", "-"},
                                      {"\\(aq", "'"},
                                      {"\\e", "\\"}})
    for (std::size_t at = 0; (at = text.find(written, at)) != std::string::npos;)
      text.replace(at, std::string_view(written).size(), read);
  return text;
}

// Every "--option" that stands in a help text.
std::set<std::string> options_in(const std::string& help) {
  std::set<std::string> options;
  for (std::size_t at = help.find(" --"); at != std::string::npos; at = help.find(" --", at + 1))
    options.insert(help.substr(
        at + 1, help.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-", at + 1) - at - 1));
  return options;
}

std::string completed(const std::string& word, const std::vector<std::string>& before) {
  const Folder folder;
  const std::string script = folder.write("completion", printed("bash")).native();
  folder.write("shop db.gz", "");
  std::string line = "cd " + folder.path().native() + "; . " + script + "; COMP_WORDS=(backproof";
  for (const std::string& one : before) line += " '" + one + "'";
  line += " '" + word + "'); COMP_CWORD=" + std::to_string(before.size() + 1) +
          "; _backproof; IFS='|'; printf '%s' \"${COMPREPLY[*]}\"";
  const auto output = run({{"/bin/bash", "-uc", line}, {}, ""}, std::chrono::seconds(20));
  REQUIRE(output);
  INFO(output->err);
  CHECK(output->ended.ok());
  CHECK(output->err.empty());
  return output->out;
}

}  // namespace

TEST_CASE("the manual page has every command with every option and its exit codes") {
  const std::string page = read_page("backproof.8");
  for (const CommandKind* kind : all_commands()) {
    const std::string name(kind->name);
    INFO(name);
    const std::size_t begin = page.find("\n.SS \"" + name + " [OPTIONS]");
    CHECK((begin != std::string::npos) == kind->listed);
    if (begin == std::string::npos) continue;
    const std::string part = page.substr(begin, page.find("\n.S", begin + 1) - begin);
    CHECK(part.find(kind->summary) != std::string::npos);
    const std::string help = program({name, "--help"}).out;
    for (const std::string& option : options_in(help)) {
      INFO(option);
      CHECK((option == "--help" || part.find(option) != std::string::npos));
    }
    CHECK((help.find("Exit code: ") == std::string::npos ||
           part.find("Exit code: ") != std::string::npos));
  }
}

TEST_CASE("the manual page of the configuration has every key and every kind with its options") {
  const std::string page = read_page("backproof.toml.5");
  for (const KeyDoc& doc : config_keys()) {
    INFO(doc.key);
    CHECK(page.find("\n" + std::string(doc.key) + " (") != std::string::npos);
  }
  for (const manual::KindGroup& group : manual::kind_groups())
    for (const manual::Kind& kind : group.kinds) {
      INFO(kind.name);
      const std::size_t at = page.find(".TP\n" + std::string(kind.name) + "\n");
      REQUIRE(at != std::string::npos);
      for (const KnownOption& option : kind.options)
        CHECK(page.find(manual::shown(option), at) != std::string::npos);
    }
}

TEST_CASE("the configuration that the manual page shows is a good one") {
  CHECK(parse_config(manual::config_example(), "/etc/backproof/backproof.toml").problems.empty());
}

TEST_CASE("whatever a text holds, roff takes it for text") {
  CHECK(manual::roff::prose(".so /etc/passwd") == "\\&.so /etc/passwd");
  CHECK(manual::roff::prose("a\\nb target's `--x` [Schedules](#schedules)") ==
        "a\\enb target's \\fB\\-\\-x\\fR \"Schedules\" in the README");
  CHECK(manual::roff::prose("` and [") == "\\(ga and [");
  CHECK(manual::roff::example("'x\n.y").find("\n\\(aqx\n\\&.y\n") != std::string::npos);
}

TEST_CASE("bash completes commands, options, their values and files") {
  CHECK(completed("ver", {}) == "verify");
  CHECK(completed("sch", {"--log.level", "debug"}) == "schema|schedule");
  CHECK(completed("--for", {"verify"}) == "--format");
  CHECK(completed("", {"verify", "--format"}) == "text|json");
  CHECK(completed("=", {"verify", "--format"}) == "text|json");
  CHECK(completed("js", {"verify", "--format", "="}) == "json");
  CHECK(completed("full", {"verify", "--require-isolation"}) == "full");
  CHECK(completed("w", {"serve", "--log.level"}) == "warn");
  CHECK(completed("sh", {"verify"}) == "shop db.gz");
  CHECK(completed("sh", {"serve", "--config.file"}) == "shop db.gz");
  CHECK(completed("sh", {"history", "--target"}).empty());
}

TEST_CASE("zsh completes commands and the values of options") {
  const Folder folder;
  if (!std::filesystem::exists("/bin/zsh")) {
    WARN("skipped: zsh is not installed");
    return;
  }
  folder.write("_backproof", printed("zsh"));
  // A shell in a terminal of its own, in which the tabulator is pressed.
  const std::string script = folder
                                 .write("drive", R"zsh(zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -d $1/dump; echo at \$((40 + 1))"
zpty -r -m shell seen '*at 41*'
zpty -w -n shell $'backproof check-c\t; echo at $((40 + 2))\n'
zpty -r -m shell seen '*at 42*'; print -r -- $seen
zpty -w -n shell $'backproof --log.level deb\t verify --format=js\t; echo at $((40 + 3))\n'
zpty -r -m shell seen '*at 43*'; print -r -- $seen
)zsh")
                                 .native();
  const auto output =
      run({{"/bin/zsh", "-f", script, folder.path().native()}, {}, ""}, std::chrono::seconds(30));
  REQUIRE(output);
  INFO(output->out << output->err);
  CHECK_FALSE(output->timed_out);
  for (const char* word : {"check-config", "debug", "json"})
    CHECK(output->out.find(word) != std::string::npos);
}
