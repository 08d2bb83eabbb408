// SPDX-License-Identifier: Apache-2.0
// Backups that commands list and bring: what comes out of good ones and of bad ones.
#include <signal.h>

#include "support/elsewhere.h"
#include "support/pg.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

// Verifies it as it is now and demands this verdict, with these words in the reason.
json judged(const Elsewhere& there, const std::string& cause, const std::string& reason) {
  json run = there.verify();
  INFO(run.dump(1));
  CHECK(run.at("verdict") == (cause == "none" ? "passed"
                              : cause == "empty" || cause == "truncated" || cause == "damaged"
                                  ? "failed"
                                  : "inconclusive"));
  CHECK(run.at("cause") == cause);
  CHECK(run.at("reason").get<std::string>().find(reason) != std::string::npos);
  return run;
}

template <typename Condition>
bool soon(const Condition& condition) {
  for (const Stopwatch watch; watch.took() < 20s;)
    if (condition()) return true;
  return condition();
}

}  // namespace

TEST_CASE("a backup that a command brings is verified like one that was here") {
  Elsewhere there;
  const Path backup = there.lay("shop-1.db");
  const json run = judged(there, "none", "");
  CHECK(stages_of(run) == "select,fetch,sandbox,inspect,restore,check,teardown");
  CHECK(run.at("backup").at("id") == "shop-1.db");
  CHECK(run.at("backup").at("path") == "");
  CHECK(run.at("backup").at("bytes") == std::filesystem::file_size(backup));
  CHECK(run.at("backup").at("sha256") == sh("sha256sum < " + backup.native()).substr(0, 64));
  CHECK(run.at("isolation") == "full");
  CHECK(run.at("restored_bytes") <= 2 * std::filesystem::file_size(backup));
  CHECK(there.call({"verify", "--target", "shop"}).out.find("shop-1.db") != std::string::npos);
}

TEST_CASE("a fetch command may print the backup, and bring what lies beside it") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.fetch = "cat \"$VAULT/$BACKUP_ID\"";
  judged(there, "none", "");
  there.fetch += "; echo '{' > \"$BACKUP_FILE.manifest.json\"";
  judged(there, "unproven", "manifest");
}

TEST_CASE("a listing need not say sizes and times, and its own time counts") {
  Elsewhere there;
  const Path backup = there.lay("shop");
  there.list = "echo '{\"id\": \"shop\", \"created\": \"2026-11-20T03:00:00Z\"}'";
  const json run = judged(there, "none", "");
  CHECK(run.at("backup").at("evidence") == "listing");
  CHECK(run.at("backup").at("created") == "2026-11-20T03:00:00Z");
  CHECK(run.at("backup").at("bytes") == std::filesystem::file_size(backup));
  there.target = "select = \"every_new\"";
  const Output again = there.call({"verify", "--target", "shop"});
  CHECK(again.err.find("nothing to do") != std::string::npos);
}

TEST_CASE("a list command that does not do as it should says nothing of any backup") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.source = "list_timeout = \"2s\"";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"echo 'no route to host' >&2; exit 3",
       "the list command ended with exit code 3: no route to host"},
      {"echo '{\"id\": \"shop-1.db\"}'; exit 1", "the list command ended with exit code 1"},
      {"ls \"$VAULT\"", "line 1 of what the list command printed is no JSON object"},
      {"echo '{\"id\": \"a\"}'; head -c 300 /dev/urandom", "line 2 "},
      {"yes '{\"id\": \"a\"}'", "the list command printed more than 16 MiB"},
      {"tail -f /dev/null", "the list command did not end within 2s"},
      {"setsid tail -f /dev/null & echo $! >&2; wait", "the list command did not end within 2s"},
      {"nowhere-backups --list", "not found"},
      {"true", "the source holds no backup"}};
  for (const auto& [list, reason] : cases) {
    INFO(list);
    there.list = list;
    const json run = judged(there, "fetch", reason);
    CHECK(stages_of(run) == "select");
  }
}

TEST_CASE("a fetch command that does not do as it should says nothing of the backup") {
  Elsewhere there;
  there.lay("shop-1.db");
  const std::string copy = "cp \"$VAULT/$BACKUP_ID\" \"$BACKUP_FILE\"";
  const std::vector<std::pair<std::string, std::string>> cases{
      {copy + "; echo 'connection lost' >&2; exit 4",
       "the fetch command ended with exit code 4: connection lost"},
      {"true", "brought nothing"},
      {"cp \"$VAULT/$BACKUP_ID\" \"$TMPDIR/elsewhere\"", "brought nothing"},
      {"head -c 1000 \"$VAULT/$BACKUP_ID\"", "shop-1.db has 1,000 bytes, the listing says"},
      {copy + "; echo done", "wrote BACKUP_FILE and printed 5 bytes, too"},
      {"ln -s /etc/passwd \"$BACKUP_FILE\"", "left a symlink at BACKUP_FILE"},
      {"mkfifo \"$BACKUP_FILE\"", "left a pipe at BACKUP_FILE"},
      {"cp \"$VAULT/$BACKUP_ID\" \"$TMPDIR/../x\"; ln \"$TMPDIR/../x\" \"$BACKUP_FILE\"",
       "left a hard link at BACKUP_FILE"},
      {copy + "; chmod 0 \"$BACKUP_FILE\"; kill -9 $$", "was ended by SIGKILL"}};
  for (const auto& [fetch, reason] : cases) {
    INFO(fetch);
    there.fetch = fetch;
    CHECK(stages_of(judged(there, "fetch", reason)) == "select,fetch,teardown");
  }
  there.fetch = "mkdir \"$BACKUP_FILE\"";
  CHECK(there.verify().at("verdict") != "passed");
}

TEST_CASE("what a fetch command brings is judged by its content") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.list = "echo '{\"id\": \"shop-1.db\"}'";
  there.fetch = ": > \"$BACKUP_FILE\"";
  judged(there, "empty", "0 bytes");
  there.fetch = "head -c 9000 \"$VAULT/$BACKUP_ID\" > \"$BACKUP_FILE\"";
  judged(there, "truncated", "");
}

TEST_CASE("a fetch command fills no disk, and does not go on for ever") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.target = "max_scratch = \"1MiB\"";
  there.fetch = "yes > \"$BACKUP_FILE\"";
  judged(there, "space", "1");
  there.fetch = "yes";
  judged(there, "space", "1");
  there.fetch = "i=0; while :; do i=$((i+1)); head -c 100000 /dev/zero > \"$TMPDIR/$i\"; done";
  judged(there, "space", "the fetched backup needs more than");
  there.source = "fetch_timeout = \"2s\"";
  there.fetch = "setsid tail -f /dev/null & tail -f /dev/null";
  judged(there, "timeout", "the fetch command did not end within 2s");
  there.source = "";
  there.target = "timeout = \"2s\"";
  judged(there, "timeout", "");
}

TEST_CASE("what a fetch command leaves running ends with it") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.fetch += "; setsid sh -c 'while :; do echo x >> \"$BACKUP_FILE\"; done' >&2 &";
  there.fetch = "cp \"$VAULT/$BACKUP_ID\" \"$BACKUP_FILE\"; setsid tail -f /dev/null >&2 &";
  judged(there, "none", "");
}

TEST_CASE("a verification that is cancelled or killed ends its fetch command, with all of it") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.fetch =
      "setsid sh -c 'echo x > \"$VAULT/../started\"; exec tail -f /dev/null' & tail -f /dev/null";
  for (const int number : {SIGTERM, SIGKILL}) {
    INFO(signal_name(number));
    std::filesystem::remove(there.folder / "started");
    auto child = Child::start({{BACKPROOF_PROGRAM, "verify", "--config.file",
                                there.write_config().native(), "--target", "shop"},
                               {},
                               ""});
    REQUIRE(child);
    CHECK(soon([&] { return std::filesystem::exists(there.folder / "started"); }));
    CHECK_FALSE(there.survivors().empty());
    kill(child->pid(), number);
    const Ended ended = child->wait();
    CHECK((number == SIGKILL ? ended.signal == SIGKILL : ended.exit_code == 2));
    CHECK(soon([&] { return there.survivors().empty(); }));
    if (number == SIGTERM) CHECK(there.left().empty());
  }
  there.fetch = "cp \"$VAULT/$BACKUP_ID\" \"$BACKUP_FILE\"";
  judged(there, "none", "");
}

TEST_CASE("a list command that hangs holds up neither other targets nor the end of the service") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.list = "tail -f /dev/null";
  there.target = "schedule = \"* * * * *\"";
  const Path config = there.write_config();
  std::filesystem::create_directory(there.folder / "here");
  sh("mv " + there.lay("other.db").native() + " " + (there.folder / "here/other.db").native());
  std::string text = read_file(config).value();
  text +=
      "[[target]]\nname = \"here\"\nsource = { kind = \"directory\", path = \"here\", settle = "
      "\"0s\" }\n";
  there.folder.write("c.toml", text);
  Server service(config);
  service.wait_for("/metrics", [](const std::string& page) {
    return page.find("backproof_last_run_result{target=\"here\",result=\"passed\"} 1") !=
           std::string::npos;
  });
  const Stopwatch watch;
  service.signal(SIGTERM);
  CHECK(service.wait().exit_code == 0);
  CHECK(watch.took() < 10s);
  CHECK(soon([&] { return there.survivors().empty(); }));
}

TEST_CASE("a source that fails shows in its series and on its page, without what it was told") {
  Elsewhere there;
  there.folder.write("token", "swordfish-in-a-file\n");
  there.secrets = "TOKEN = \"token\"";
  there.list = "echo \"bad token $TOKEN\" >&2; exit 3";
  there.target = "schedule = \"* * * * *\"";
  Server service(there.write_config());
  service.wait_for("/api/v1/targets", [](const std::string& text) {
    return text.find("the list command ended with exit code 3: bad token ***") != std::string::npos;
  });
  CHECK(service.metric("backproof_backup_inventory_timestamp_seconds{target=\"shop\"}") == 0);
  service.signal(SIGTERM);
  service.wait();
  CHECK(service.log().find("swordfish") == std::string::npos);
  CHECK(service.log().find("bad token ***") != std::string::npos);
}

TEST_CASE("a secret is in no page, log, history or list of processes") {
  Elsewhere there;
  there.lay("shop-1.db");
  // A word that no other test has: the list is of all processes of the host.
  there.folder.write("token", "moonfish-in-a-file\n");
  there.secrets = "TOKEN = \"token\"";
  there.list = "test \"$TOKEN\" = moonfish-in-a-file && " + there.list;
  there.fetch =
      "test \"$TOKEN\" = moonfish-in-a-file || exit 9; for p in /proc/[0-9]*; do tr '\\0' ' ' < "
      "$p/cmdline; echo; done > \"$VAULT/../processes\" 2>/dev/null; echo \"$TOKEN\" >&2; " +
      there.fetch + "; test ! -e \"$VAULT/../fail\"";
  judged(there, "none", "");
  there.folder.write("fail", "");
  const json run = judged(there, "fetch", "the fetch command ended with exit code 1: ***");
  const Output text = there.call({"verify", "--target", "shop"});
  CHECK((text.out + text.err).find("moonfish") == std::string::npos);
  there.target = "schedule = \"* * * * *\"";
  Server service(there.write_config());
  std::string pages;
  for (const std::string& path : std::vector<std::string>{
           "/", "/targets/shop", "/schedule", "/metrics", "/api/v1/targets", "/api/v1/runs",
           "/api/v1/backup/verification?target=shop", "/runs/" + run.at("id").get<std::string>(),
           "/api/v1/runs/" + run.at("id").get<std::string>()})
    pages += service.get(path);
  CHECK(pages.find("shop-1.db") != std::string::npos);
  if (const auto at = pages.find("moonfish"); at != std::string::npos)
    FAIL_CHECK("a page shows the secret: ..." << pages.substr(at < 300 ? 0 : at - 300, 400));
  service.signal(SIGTERM);
  service.wait();
  CHECK(service.log().find("moonfish") == std::string::npos);
  CHECK(read_file(there.folder / "processes").value().find("guard --whole") != std::string::npos);
  CHECK(sh("grep -rl moonfish " + (there.folder / "state").native() + " " +
           (there.folder / "processes").native() + " || true")
            .empty());
}

TEST_CASE("a self-test of a target whose backups are elsewhere fetches one of them once") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.fetch += "; echo x >> \"$VAULT/../fetched\"";
  judged(there, "none", "");
  std::filesystem::remove(there.folder / "fetched");
  const Output output = there.call({"selftest", "shop"});
  INFO(output.out << output.err);
  CHECK(output.ended.exit_code == 0);
  CHECK(read_file(there.folder / "fetched").value() == "x\n");
  CHECK(there.left().empty());
  CHECK(there.survivors().empty());
  there.list = "true";
  CHECK(there.call({"selftest", "shop"})
            .out.find("none of the backups that passed is there any more") != std::string::npos);
}

TEST_CASE("a drill of a target whose backups are elsewhere restores what is fetched") {
  Elsewhere there;
  there.lay("shop-1.db");
  there.target = "drill = { schedule = \"none\", backup_command = '''cp " +
                 (there.folder / "vault/shop-1.db").native() + " " +
                 (there.folder / "vault/shop-2.db").native() + "''' }";
  const Output output = there.call({"drill", "shop", "--yes"});
  INFO(output.out << output.err);
  CHECK(output.ended.exit_code == 0);
  CHECK(output.out.find("shop-2.db") != std::string::npos);
  CHECK(there.survivors().empty());
}

TEST_CASE("a folder of pg_dump may be fetched, too") {
  if (pg_missing()) return;
  Elsewhere there;
  sh("cp -r " + pg_dump_file("rental", "directory").native() + " " +
     (there.folder / "vault/rental").native());
  there.list = "echo '{\"id\": \"rental\"}'";
  there.fetch = "cp -r \"$VAULT/$BACKUP_ID\" \"$BACKUP_FILE\"";
  const json run = judged(there, "none", "");
  CHECK(run.at("backup").at("bytes") > 0);
  there.target = "decrypt = \"cat\"";
  judged(there, "decrypt", "the backup is a folder");
}
