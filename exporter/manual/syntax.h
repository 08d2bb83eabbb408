// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace backproof::manual {

// What the command line takes, as plain values. Made of the parser's own definitions
// (commands/manual.cc), so that help, manual page and completion say the same.
struct Argument {
  std::vector<std::string> names;  // "-q", "--quiet"; of a positional its one name, "BACKUP"
  bool positional = false;
  std::string value;                 // what its value is: FILE, DIR, URL, ...; empty: a flag
  std::vector<std::string> choices;  // the only values there are; empty: anything
  std::string fallback, meaning;
  bool required = false, repeats = false;
};
struct Command {
  std::string name, summary, footer;
  std::vector<Argument> arguments;  // in the order of --help
};
struct Program {
  std::vector<Argument> arguments;  // before or behind every command
  std::vector<Command> commands;
};

}  // namespace backproof::manual
