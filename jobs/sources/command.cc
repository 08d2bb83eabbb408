// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "sandbox/configured_command.h"
#include "sources/command_listing.h"
#include "sources/command_options.h"

// Backups wherever a command reaches them: in a bucket, on another host, in a repository. Their
// names are bytes that somebody else chose: commands are told them by variables, never as text of a
// script.
namespace backproof {
namespace {

using std::chrono_literals::operator""s;

constexpr std::string_view list_name = "the list command", fetch_name = "the fetch command";

struct CommandSettings {
  ConfiguredCommand list, fetch;
  Duration list_timeout, fetch_timeout;  // of fetch: 0 = that of the run
};

class CommandSource : public Source {
 public:
  explicit CommandSource(CommandSettings settings) : settings_(std::move(settings)) {}

  bool fetches() const override { return true; }

  Result<Path> fetch(const Backup& backup, const FetchOrder& order) const override {
    const Path file = order.folder / "backup", printed = order.folder / "printed",
               temporary = order.folder / "tmp";
    Fd out(::open(printed.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out || mkdir(temporary.c_str(), 0700) != 0)
      return errno_error(Cause::internal, "cannot write below the sandbox");
    CommandRules rules;
    rules.limit = settings_.fetch_timeout > Duration{}
                      ? std::min(settings_.fetch_timeout, order.limit)
                      : order.limit;
    rules.told = {
        {"BACKUP_ID", backup.id}, {"BACKUP_FILE", file.native()}, {"TMPDIR", temporary.native()}};
    if (backup.bytes != 0) rules.told["BACKUP_BYTES"] = std::to_string(backup.bytes);
    rules.result = out.get();
    rules.max_file = order.max_file;
    rules.held = order.folder;
    rules.watch = order.watch;
    TRY(run_configured(settings_.fetch, fetch_name, Cause::fetch, rules));
    TRY(remove_tree(temporary));
    TRY(settle(file, printed, out.get()));
    return file;
  }

 private:
  Result<Listing> look(TimePoint now, const std::stop_token& stop) const override {
    CommandRules rules;
    rules.limit = settings_.list_timeout;
    rules.stop = stop;
    rules.most_output = most_listing_bytes;
    auto printed = run_configured(settings_.list, list_name, Cause::fetch, rules);
    if (printed) {
      auto listing = read_listing(*printed, now);
      if (listing || settings_.list.secrets.empty()) return listing;
      // What is wrong with a line is said with a piece of it, which may be one of a secret.
      return Error{
          Cause::fetch, "the list command printed what is no listing",
          R"(by hand it shows what: a line is {"id": "a.dump", "bytes": 1, "modified": 1})"};
    }
    // A source that does not answer is one that cannot be read.
    Error error = printed.error();
    if (error.cause == Cause::timeout) error.cause = Cause::fetch;
    return error;
  }

  // The backup is where it was asked for, or it was printed: not both, and nothing else.
  static Result<void> settle(const Path& file, const Path& printed, int out) {
    struct stat there {};
    TRY_ASSIGN(const FileFacts facts, facts_of(out));
    if (lstat(file.c_str(), &there) != 0) {
      if (errno != ENOENT) return errno_error(Cause::internal, "cannot look into the sandbox");
      if (facts.bytes == 0)
        return Error{Cause::fetch, "the fetch command ended with exit code 0 and brought nothing",
                     "it writes the backup to \"$BACKUP_FILE\", or prints it"};
      if (rename(printed.c_str(), file.c_str()) != 0)
        return errno_error(Cause::internal, "cannot rename in the sandbox");
      return {};
    }
    if (facts.bytes != 0)
      return Error{Cause::fetch,
                   "the fetch command wrote BACKUP_FILE and printed " +
                       text::plural(facts.bytes, "byte") + ", too",
                   "only one of them can be the backup: send messages to stderr (>&2)"};
    unlink(printed.c_str());
    if (!S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode))
      return Error{Cause::fetch,
                   "the fetch command left " + what_it_is(there.st_mode) + " at BACKUP_FILE",
                   "it must be a file, or a folder of pg_dump"};
    if (S_ISREG(there.st_mode) && there.st_nlink != 1)
      return Error{Cause::fetch, "the fetch command left a hard link at BACKUP_FILE",
                   "copy the file: the sandbox must not reach what is outside"};
    return {};
  }

  CommandSettings settings_;
};

std::unique_ptr<Source> make_command(Options& options) {
  CommandSettings settings;
  settings.list.script = options.required_string("list");
  settings.fetch.script = options.required_string("fetch");
  for (const auto& [key, script] :
       {std::pair{"list", settings.list.script}, std::pair{"fetch", settings.fetch.script}})
    if (options.has(key) && text::trim(script).empty())
      options.problem(key, "is empty", "write a command for /bin/sh");
  settings.list.environment = settings.fetch.environment = read_environment(options);
  settings.list.secrets = settings.fetch.secrets = read_secrets(options);
  settings.list_timeout = options.duration("list_timeout", 120s);
  settings.fetch_timeout = options.duration("fetch_timeout", {});
  if (settings.list_timeout < 1s)
    options.problem("list_timeout",
                    "expected at least 1s, got " + text::format_duration(settings.list_timeout));
  return std::make_unique<CommandSource>(std::move(settings));
}

}  // namespace

extern const SourceKind command_source;
constinit const SourceKind command_source{
    "command", "backups elsewhere: one command lists them, another brings one of them here",
    "list = \"...\"           # prints a line of JSON for each: {\"id\": ..., \"bytes\": ...}\n"
    "fetch = \"...\"          # writes \"$BACKUP_ID\" to \"$BACKUP_FILE\", or prints it\n"
    "environment = { AWS_REGION = \"eu-central-1\" }\n"
    "secrets = { AWS_SECRET_ACCESS_KEY = \"/etc/backproof/s3.key\" }  # the first line of the file",
    make_command};

}  // namespace backproof
