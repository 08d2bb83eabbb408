// SPDX-License-Identifier: Apache-2.0
// Bombs: of processes, of files, of memory.
#include "base/text.h"
#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("a server that fills its sandbox is stopped, with what it needed and what it had") {
  if (!has_postgres()) return;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    KeeperSetup setup;
    setup.budget = 120U << 20U;
    const Told told = served(
        start,
        [](const Client& client) {
          // No file is large enough for the limit that a file has.
          const std::string answer = client.sql(
              "DO 'BEGIN FOR t IN 1..40 LOOP EXECUTE format($$CREATE TABLE t%s AS SELECT "
              "repeat(md5(i::text), 30) FROM generate_series(1, 30000) i$$, t); END LOOP; END'");
          const auto trouble = client.keeper.trouble();
          return (answer == "ok" ? "it fitted" : "") +
                 (trouble ? std::string(name_of(trouble->cause)) + ": " + trouble->text : answer);
        },
        setup);
    INFO(told.text);
    CHECK(told.text.starts_with("space: the restored database needs more than "));
    CHECK(has(told.text, " and 125,829,120 bytes (120 MiB) are available"));
  }
}

TEST_CASE("a process of the server that takes too much memory is refused more") {
  if (!has_postgres()) return;
  KeeperSetup setup;
  setup.memory = 256U << 20U;
  const Told told = served(
      Start::unprivileged,
      [](const Client& client) {
        return client.sql("SELECT length(repeat('x', 1000000000))") + ", still " +
               client.sql("SELECT 'here'");
      },
      setup);
  CHECK(told.text.starts_with("53200 "));
  CHECK(told.text.ends_with("still here"));
}

TEST_CASE("a bomb of processes hits a limit, and all of them end with the keeper") {
  if (!has_postgres()) return;
  const Folder folder;
  const Path source = folder.write("bomb.c", R"(
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void bomb(void) {
  int made = 0;
  while (made < 100000) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) for (;;) pause();
    ++made;
  }
  FILE* report = fopen("report", "w");
  fprintf(report, made < 1000 ? "bounded" : "%d processes", made);
  fclose(report);
}
)");
  sh("gcc -shared -fPIC -w -o " + (folder / "bomb.so").string() + " " + source.string());
  const std::string library = read_file(folder / "bomb.so").value();
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Place place(start);
    KeeperSetup setup;
    setup.sandbox = place.sandbox();
    setup.templates = shared_templates(start);
    const Told told = in_child(start, [&] {
      return with_server(setup, [&](const Client& client) {
        const Path so = client.sandbox / "cluster/bomb.so";
        const Fd file(open(so.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        (void)write_all(file.get(), as_bytes(library));
        client.sql("LOAD '" + so.string() + "'");
        const auto report = read_file(client.sandbox / "cluster/report");
        return report ? *report : report.error().str();
      });
    });
    CHECK(told.text == "bounded");
    CHECK(sh("ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -c " + place.sandbox().string() +
             " || true") == "0\n");
    CHECK(remove_tree(place.sandbox()).has_value());
  }
}
