// SPDX-License-Identifier: Apache-2.0
#include "sandbox/pg_binaries.h"

#include <elf.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>
#include <system_error>
#include <vector>

#include "base/process.h"
#include "base/text.h"

namespace backproof {
namespace {

constexpr Duration patience = std::chrono::seconds(20);
constexpr std::string_view digits = "0123456789";

std::string package_of(int major) {
  return "install postgresql-" + std::to_string(major);
}

bool has(const Path& folder, const char* program) {
  return access((folder / program).c_str(), X_OK) == 0;
}

bool is_bin(const Path& folder) {
  return has(folder, "postgres") && has(folder, "initdb");
}

// FOLDER/*/bin, FOLDER/NAME*/bin.
void add_children(const Path& folder, std::string_view prefix, std::vector<Path>& found) {
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    if (it->path().filename().string().starts_with(prefix)) found.push_back(it->path() / "bin");
}

// Where programs of PostgreSQL may be.
std::vector<Path> usual_places() {
  std::vector<Path> all;
  add_children("/usr/lib/postgresql", "", all);     // Debian and its kin
  add_children("/usr", "pgsql-", all);              // packages of postgresql.org for Red Hat
  add_children("/usr/lib", "postgresql", all);      // SUSE
  add_children("/usr/libexec", "postgresql", all);  // Alpine
  all.emplace_back("/usr/local/pgsql/bin");         // built from source
  if (const char* path = std::getenv("PATH"); path != nullptr)
    for (const std::string_view folder : text::split(path, ':'))
      if (folder.starts_with('/')) all.emplace_back(folder);
  return all;
}

// Each once, whatever links lead to it.
std::vector<Path> candidates() {
  const std::vector<Path> all = usual_places();
  std::set<Path> seen;
  std::vector<Path> found;
  for (const Path& folder : all) {
    std::error_code error;
    const Path real = std::filesystem::canonical(folder / "postgres", error);
    if (!error && is_bin(folder) && seen.insert(real).second) found.push_back(real.parent_path());
  }
  std::erase_if(found, [](const Path& folder) { return !is_bin(folder); });
  return found;
}

Result<PgBinaries> ask(const Path& folder, const char* program = "postgres") {
  Command command;
  command.argv = {(folder / program).string(), "--version"};
  TRY_ASSIGN(const Output output, run(command, patience));
  if (!output.ended.ok() || output.timed_out)
    return Error{output.ended.signal != 0 ? Cause::crashed : Cause::missing_tool,
                 text::printable(command.argv.front()) +
                     " cannot be asked for its version: " + output.ended.str(),
                 ""};
  TRY_ASSIGN(PgBinaries binaries, parse_pg_version(text::trim(output.out), program));
  binaries.folder = folder;
  return binaries;
}

// Numbers, so that 15.18 is newer than 15.9.
std::pair<int, int> order_of(const PgBinaries& binaries) {
  const auto parts = text::split(binaries.version, '.');
  const auto minor = parts.size() > 1 ? text::parse_count(parts[1]) : std::nullopt;
  return {binaries.major, static_cast<int>(minor.value_or(0))};
}

}  // namespace

Result<PgBinaries> parse_pg_version(std::string_view line, std::string_view program) {
  const std::string start = std::string(program) + " (PostgreSQL) ";
  const auto odd = [&] {
    return Error{Cause::missing_tool, "no version of PostgreSQL: " + text::printable(line, 100),
                 ""};
  };
  if (!line.starts_with(start)) return odd();
  std::string_view rest = line.substr(start.size());
  rest = rest.substr(0, std::min(rest.find(' '), rest.size()));
  const auto major = text::parse_count(rest.substr(0, rest.find_first_not_of(digits)));
  if (!major || *major < 9 || *major > 999) return odd();
  PgBinaries binaries;
  binaries.major = static_cast<int>(*major);
  binaries.version = rest;
  binaries.full = line;
  return binaries;
}

Result<PgBinaries> find_pg_binaries(const Path& configured, int least_major) {
  if (!configured.empty() && !is_bin(configured))
    return Error{Cause::missing_tool,
                 "no postgres and initdb in " + text::printable(configured.string()),
                 "name the server's own folder of programs: /usr/lib/postgresql/15/bin"};
  const std::vector<Path> folders =
      configured.empty() ? candidates() : std::vector<Path>{configured};
  std::optional<PgBinaries> newest;
  std::optional<Error> killed;  // what was killed is installed, and may be the one that is needed
  for (const Path& folder : folders) {
    auto binaries = ask(folder);
    if (!binaries && !configured.empty()) return binaries.error();
    if (!binaries && binaries.error().cause == Cause::crashed) killed = binaries.error();
    if (binaries && (!newest || order_of(*newest) < order_of(*binaries)))
      newest = *std::move(binaries);
  }
  const int needed = std::max(least_major, 10);
  if (killed && (!newest || newest->major < needed)) return *killed;
  if (!newest)
    return Error{Cause::missing_tool, "no PostgreSQL server is installed",
                 least_major > 0 ? package_of(needed) : "install postgresql"};
  if (newest->major < needed)
    return Error{Cause::version,
                 "PostgreSQL " + std::to_string(needed) + " or newer is needed and " +
                     newest->version + " is the newest installed",
                 package_of(needed)};
  return *std::move(newest);
}

Result<Path> find_pg_dump(int least_major) {
  std::optional<PgBinaries> newest;
  for (const Path& folder : usual_places()) {
    if (!has(folder, "pg_dump")) continue;
    // In PATH there may be a script that chooses one of several by the cluster it is told of.
    auto binaries = ask(folder, "pg_dump");
    if (binaries && (!newest || order_of(*newest) < order_of(*binaries)))
      newest = *std::move(binaries);
  }
  const std::string hint = "install postgresql-client-" + std::to_string(least_major);
  if (!newest) return Error{Cause::missing_tool, "no pg_dump is installed", hint};
  if (newest->major < least_major)
    return Error{Cause::version,
                 "pg_dump " + std::to_string(least_major) + " or newer is needed and " +
                     newest->version + " is the newest installed",
                 hint};
  return newest->folder / "pg_dump";
}

Result<Path> loader_of(const Path& program) {
  const Error odd{Cause::missing_tool,
                  text::printable(program.string()) + " is no program of this machine", ""};
  TRY_ASSIGN(const Fd file, open_readonly(program));
  ElfW(Ehdr) header{};
  const std::span<unsigned char> into(reinterpret_cast<unsigned char*>(&header), sizeof header);
  TRY_ASSIGN(const std::size_t read, read_at(file.get(), into, 0));
  if (read != sizeof header || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return odd;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) part{};
    const std::span<unsigned char> part_into(reinterpret_cast<unsigned char*>(&part), sizeof part);
    TRY_ASSIGN(const std::size_t got,
               read_at(file.get(), part_into, header.e_phoff + i * sizeof part));
    if (got != sizeof part) return odd;
    if (part.p_type != PT_INTERP || part.p_filesz < 2 || part.p_filesz > 4096) continue;
    std::string name(part.p_filesz, '\0');
    const std::span<unsigned char> name_into(reinterpret_cast<unsigned char*>(name.data()),
                                             name.size());
    TRY_ASSIGN(const std::size_t length, read_at(file.get(), name_into, part.p_offset));
    if (length != name.size()) return odd;
    return Path(name.c_str());
  }
  return Path();  // linked statically
}

}  // namespace backproof
