// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "exporter/manual/pages.h"
#include "exporter/manual/roff.h"

namespace backproof::manual {
namespace {

constexpr std::string_view about =
    "Restores the newest backup of every target into a throw-away, jailed sandbox, questions the "
    "restored database, and records what it found. As a service it does so by schedule and shows "
    "the results as metrics for Prometheus, as pages and as JSON. It verifies SQLite (database "
    "files and the text of `.dump`) and PostgreSQL (what `pg_dump` and `pg_dumpall` write), bare "
    "or compressed. Production is never touched, and nothing is written beside a backup.";

struct Row {
  std::string_view name, meaning;
};
constexpr Row verdicts[] = {
    {"passed",
     "the bytes were whole, they restored, every check passed, and restored data was "
     "looked at"},
    {"failed", "the backup is bad: it does not open, does not restore, or a check disagrees"},
    {"inconclusive",
     "backproof could not tell: no space, no access, time is up, the sandbox is "
     "not tight"},
};
constexpr Row codes[] = {
    {"0", "passed, or done"},
    {"1", "failed"},
    {"2", "inconclusive"},
    {"64", "the command line or the configuration is wrong; the reason is on stderr"},
};
constexpr Row files[] = {
    {"/etc/backproof/backproof.toml", "the service's configuration, see backproof.toml(5)"},
    {"/etc/default/backproof", "further options of the service, in `ARGS`"},
    {"/var/lib/backproof", "the history, `history.sqlite`, which is all that needs a backup"},
    {"/usr/share/backproof",
     "alert rules, routes and dashboards, and an example of a "
     "`--web.config.file`"},
};
constexpr std::string_view examples =
    "backproof verify /backups/shop.db.gz\n"
    "backproof check-config /etc/backproof/backproof.toml\n"
    "sudo -u backproof backproof verify --config.file /etc/backproof/backproof.toml --target shop";

std::string rows(const Row* begin, const Row* end) {
  std::string out;
  for (; begin != end; ++begin)
    out += roff::item(roff::bold(begin->name), roff::prose(begin->meaning));
  return out;
}

std::string value_of(const Argument& argument) {
  return argument.choices.empty() ? roff::italic(argument.value)
                                  : roff::bold(text::join(argument.choices, "|"));
}

std::string tag(const Argument& argument) {
  std::string out;
  for (const std::string& name : argument.names) {
    if (!out.empty()) out += ", ";
    out += argument.positional ? roff::italic(name) : roff::bold(name);
  }
  if (!argument.positional && !argument.value.empty()) out += ' ' + value_of(argument);
  if (argument.repeats) out += " ...";
  return out;
}

std::string described(const std::vector<Argument>& arguments) {
  std::string out;
  for (const Argument& argument : arguments) {
    std::string body = roff::prose(argument.meaning);
    if (argument.required) body += " (required)";
    if (!argument.fallback.empty()) body += " (default: " + roff::bold(argument.fallback) + ")";
    out += roff::item(tag(argument), body);
  }
  return out;
}

// "backproof verify [OPTIONS] [BACKUP...]", for a heading.
std::string call_of(const Command& command) {
  std::string out = command.name + " [OPTIONS]";
  for (const Argument& argument : command.arguments) {
    if (!argument.positional) continue;
    const std::string name = argument.names.front() + (argument.repeats ? "..." : "");
    out += argument.required ? " " + name : " [" + name + "]";
  }
  return out;
}

std::string page_of(const Command& command) {
  std::string out = roff::subsection(call_of(command)) + roff::prose(command.summary) + ".\n";
  out += described(command.arguments);
  for (const std::string_view line : text::split(command.footer, '\n'))
    if (!line.empty()) out += ".PP\n" + roff::prose(line) + '\n';
  return out;
}

}  // namespace

std::string program_page(const Program& program, std::string_view date) {
  std::string out = roff::header("BACKPROOF", 8, date);
  out += roff::section("NAME") + "backproof \\- proves that database backups restore\n";
  out += roff::section("SYNOPSIS") + roff::bold("backproof") + " [" + roff::italic("OPTIONS") +
         "] " + roff::italic("COMMAND") + " [" + roff::italic("ARGUMENTS") + "]\n";
  out += roff::section("DESCRIPTION") + roff::prose(about) + "\n.PP\nThere are three verdicts:\n";
  out += rows(std::begin(verdicts), std::end(verdicts));
  out += roff::section("OPTIONS") + "Before or behind every command:\n";
  out += described(program.arguments);
  out += roff::section("COMMANDS");
  for (const Command& command : program.commands) out += page_of(command);
  out += roff::section("\"EXIT STATUS\"") + "Unless its command says otherwise:\n";
  out += rows(std::begin(codes), std::end(codes));
  out += roff::section("FILES") + rows(std::begin(files), std::end(files));
  out += roff::section("EXAMPLES") +
         "The last one is recorded in the service's history, as the service's user:\n" +
         roff::example(examples);
  out += roff::section("\"SEE ALSO\"") + roff::bold("backproof.toml") + "(5), " +
         roff::bold("prometheus") + "(1), " + roff::bold("pg_dump") + "(1), " +
         roff::bold("sqlite3") + "(1)\n";
  return out;
}

}  // namespace backproof::manual
