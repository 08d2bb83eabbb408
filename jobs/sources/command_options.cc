// SPDX-License-Identifier: Apache-2.0
#include "sources/command_options.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace backproof {
namespace {

bool is_variable(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(
             name, [](unsigned char c) { return c == '_' || (std::isalnum(c) != 0 && c < 128); });
}

std::map<std::string, std::string> read_variables(Options& options, const char* key) {
  std::map<std::string, std::string> variables;
  for (const auto& [name, value] : options.table(key)) {
    const auto* text = std::get_if<std::string>(&value.data);
    const std::string shown = '"' + text::printable(name, 80) + '"';
    if (!is_variable(name))
      options.problem(key, shown + " is no name of a variable", "letters, digits and _ are");
    else if (name.starts_with("BACKUP_"))
      options.problem(key, shown + " is what a command is told its backup by",
                      "take a name that does not begin with BACKUP_");
    else if (text == nullptr || text->find('\0') != std::string::npos)
      options.problem(key, shown + " has a value that is no string",
                      std::string("write it like ") + key + " = { " + "NAME = \"...\" }");
    else
      variables.emplace(name, *text);
  }
  return variables;
}

}  // namespace

std::map<std::string, std::string> read_environment(Options& options) {
  return read_variables(options, "environment");
}

std::map<std::string, Path> read_secrets(Options& options) {
  std::map<std::string, Path> secrets;
  for (auto& [name, file] : read_variables(options, "secrets")) {
    if (file.empty())
      options.problem("secrets", '"' + name + "\" has no file", "name the file that holds it");
    secrets.emplace(name, file);
  }
  return secrets;
}

}  // namespace backproof
