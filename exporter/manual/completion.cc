// SPDX-License-Identifier: Apache-2.0
#include "exporter/manual/completion.h"

#include "base/text.h"

namespace backproof::manual {
namespace {

// What both shells are told of a value: its words, else which names of files fit.
bool names_file(const Argument& argument) {
  return argument.value == "FILE";
}
bool names_folder(const Argument& argument) {
  return argument.value == "DIR";
}

std::string options_of(const std::vector<Argument>& arguments) {
  std::vector<std::string> names;
  for (const Argument& argument : arguments)
    if (!argument.positional)
      names.insert(names.end(), argument.names.begin(), argument.names.end());
  return text::join(names, " ");
}

std::string names_of(const std::vector<Command>& commands, std::string_view separator) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return text::join(names, separator);
}

// A case for the value of each option: "verify,--format) words='text json' ;;".
std::string bash_values(const std::string& command, const std::vector<Argument>& arguments) {
  std::string out;
  for (const Argument& argument : arguments) {
    if (argument.positional || argument.value.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : argument.names) patterns.push_back(command + ',' + name);
    out += "    " + text::join(patterns, "|") + ") ";
    if (!argument.choices.empty())
      out += "words='" + text::join(argument.choices, " ") + "'";
    else
      out += names_file(argument) ? "kind=file" : names_folder(argument) ? "kind=directory" : ":";
    out += " ;;\n";
  }
  return out;
}

std::string bash_commands(const Program& program) {
  std::string out;
  for (const Command& command : program.commands) {
    out += "    " + command.name + ",*) words='" + options_of(command.arguments) + "'\"$common\"";
    for (const Argument& argument : command.arguments)
      if (argument.positional && names_file(argument)) out += "; [[ $word == -* ]] || kind=file";
    out += " ;;\n";
  }
  return out;
}

// Within '...' and, of _arguments, within [...].
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\'";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const Argument& argument) {
  if (!argument.choices.empty()) return "(" + text::join(argument.choices, " ") + ")";
  if (names_file(argument)) return "_files";
  return names_folder(argument) ? "_files -/" : " ";
}

// One spec of _arguments for each name, each behind `before`.
std::string zsh_specs(const std::vector<Argument>& arguments, const std::string& before) {
  std::string out;
  for (const Argument& argument : arguments) {
    const std::string value =
        ":" + zsh_text(argument.positional ? argument.names.front() : argument.value) + ":" +
        zsh_action(argument);
    if (argument.positional) {
      out += before + "'" + (argument.repeats ? "*" : "1") + value + "'";
      continue;
    }
    const std::string others = argument.repeats ? "*" : "(" + text::join(argument.names, " ") + ")";
    for (const std::string& name : argument.names) {
      const bool is_long = name.starts_with("--");
      out += before + "'" + others + name;
      if (!argument.value.empty()) out += is_long ? "=" : "+";
      out += "[" + zsh_text(argument.meaning) + "]" + (argument.value.empty() ? "" : value) + "'";
    }
  }
  return out;
}

}  // namespace

std::string bash_completion(const Program& program) {
  std::string cases = bash_values("*", program.arguments);
  for (const Command& command : program.commands)
    cases += bash_values(command.name, command.arguments);
  cases += bash_commands(program);
  return R"(# bash completion for backproof. Made by the program out of its own options.
_backproof() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local command='' words='' kind='' one common=' )" +
         options_of(program.arguments) + R"('
  # bash takes --option=value apart.
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
  for one in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $one in )" +
         names_of(program.commands, "|") + R"() command=$one && break ;; esac
  done
  case $command,$before in
)" + cases +
         "    *) words='" + names_of(program.commands, " ") + R"('"$common" ;;
  esac
  if [[ $kind ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -A "$kind" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}
complete -F _backproof backproof
)";
}

std::string zsh_completion(const Program& program) {
  std::string out =
      "#compdef backproof\n# Made by the program out of its own options.\n\n_backproof() {\n"
      "  local -a common commands\n  common=(";
  out += zsh_specs(program.arguments, "\n    ") + "\n  )\n  commands=(\n";
  for (const Command& command : program.commands)
    out += "    '" + zsh_text(command.name) + ":" + zsh_text(command.summary) + "'\n";
  out +=
      "  )\n  local curcontext=$curcontext state line\n  typeset -A opt_args\n"
      "  _arguments -C $common '1: :->command' '*:: :->arguments' && return\n"
      "  case $state in\n    command) _describe command commands ;;\n    arguments)\n"
      "      case $line[1] in\n";
  for (const Command& command : program.commands)
    out += "        " + command.name + ") _arguments $common" +
           zsh_specs(command.arguments, " \\\n          ") + " ;;\n";
  return out + "      esac ;;\n  esac\n}\n\n_backproof \"$@\"\n";
}

}  // namespace backproof::manual
