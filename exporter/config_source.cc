// SPDX-License-Identifier: Apache-2.0
// Where backups are, how they are decrypted, and where secrets lie.
#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "exporter/config_target.h"
#include "sources/command_options.h"

namespace backproof {

// systemd puts what LoadCredential= names into a folder of the service's own.
Path TargetReader::secret_file(Options& options, std::string_view key, const std::string& given) {
  constexpr std::string_view placeholder = "$CREDENTIALS_DIRECTORY/";
  if (!given.starts_with(placeholder)) return path_of(given);
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder != nullptr && *folder != '\0') return Path(folder) / given.substr(placeholder.size());
  // The service may have it, where whoever checks the configuration by hand has not.
  options.passing_problem(
      key, "there is no $CREDENTIALS_DIRECTORY here",
      "systemd sets it for a service with LoadCredential=; a path works anywhere");
  return given;
}

Path TargetReader::password_file(Options& options) {
  return secret_file(options, "password_file", options.string("password_file", ""));
}

// Files stand beside the configuration unless it says otherwise.
void TargetReader::place_files(Table& source, Options& options) {
  if (const auto found = source.find("path"); found != source.end())
    if (auto* path = std::get_if<std::string>(&found->second.data); path && !path->empty())
      *path = path_of(*path).native();
  const auto secrets = source.find("secrets");
  auto* table = secrets == source.end() ? nullptr : std::get_if<Table>(&secrets->second.data);
  if (table == nullptr) return;
  for (auto& [name, value] : *table)
    if (auto* file = std::get_if<std::string>(&value.data); file && !file->empty())
      *file = secret_file(options, "source", *file).native();
}

std::optional<DecryptSpec> TargetReader::read_decrypt(const Table& target, Options& options) {
  const auto given = target.find("decrypt");
  DecryptSpec decrypt;
  if (given != target.end() && std::holds_alternative<std::string>(given->second.data)) {
    decrypt.command = options.string("decrypt", "");
    if (text::trim(decrypt.command).empty())
      options.problem("decrypt", "is empty", R"(write it like decrypt = "age -d -i /etc/age.key")");
    return decrypt;
  }
  const Table& table = options.table("decrypt");
  if (!options.has("decrypt")) return std::nullopt;
  Options own(table, options.line_of("decrypt"), options.where() + ", decrypt", problems_);
  decrypt.command = own.required_string("command");
  if (own.has("command") && text::trim(decrypt.command).empty())
    own.problem("command", "is empty", "write a command for /bin/sh");
  decrypt.environment = read_environment(own);
  for (const auto& [name, file] : read_secrets(own))
    decrypt.secrets[name] = secret_file(own, "secrets", file.native());
  decrypt.timeout = own.duration("timeout", decrypt.timeout);
  if (decrypt.timeout < std::chrono::seconds(1))
    own.problem("timeout", "expected at least 1s, got " + text::format_duration(decrypt.timeout));
  own.finish();
  return decrypt;
}

}  // namespace backproof
