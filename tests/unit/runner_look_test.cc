// SPDX-License-Identifier: Apache-2.0
#include "runner/look.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// What is understood of a process made of a few lines of shell, which may have been taken over by
// the backup that it looked at.
struct Looked {
  explicit Looked(const std::string& script) {
    std::filesystem::create_directory(folder / "scratch");
    const Path program = folder.write("program", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    Backup backup;
    backup.id = "a.db";
    backup.version = "7";
    look = look_at(Target{}, backup, program, folder / "scratch", system_clock().now());
    CHECK(std::filesystem::is_empty(folder / "scratch"));
  }
  const Look& operator*() const {
    INFO((look ? "" : look.error().text));
    REQUIRE(look);
    return *look;
  }
  Folder folder;
  Result<Look> look = Error{};
};

constexpr TimePoint three =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(3);
const std::string at_three = "1795143600000000";

}  // namespace

TEST_CASE("what a look says is understood") {
  const Looked looked("echo content " + at_three + " 1795140000000000 1795150000000000\n" +
                      "echo manifest " + at_three + "; echo trouble no more; echo end");
  CHECK((*looked).id == "a.db");
  CHECK((*looked).version == "7");
  CHECK((*looked).content->at == three);
  CHECK((*looked).content->earliest == three - 1h);
  CHECK(*(*looked).manifest == exactly(three));
  CHECK((*looked).trouble == "no more");
}

TEST_CASE("times that no look gives are not believed") {
  for (const std::string times :
       {"1 1 1", "99999999999999999 99999999999999999 99999999999999999",
        "-1795143600000000 -1795143600000000 -1795143600000000", "x y z", "", "1795143600000000",
        "1795143600000000 1795143600000001 1795143600000002",
        "1795143600000000 1000000000000000 1795143600000000",
        "1795143600000000 1795143600000000 1795143600000000 1"}) {
    INFO(times);
    CHECK_FALSE((*Looked("echo 'content " + times + "'; echo manifest 5; echo end")).content);
  }
}

TEST_CASE("the first answer counts, and only one that is whole") {
  CHECK((*Looked("echo manifest " + at_three + "; echo manifest 1895143600000000; echo end"))
            .manifest == exactly(three));
  for (const std::string& script :
       {"echo manifest " + at_three, std::string("true"), std::string("head -c 100000 /dev/zero"),
        "yes manifest " + at_three + " | head -c 9000000; echo end"}) {
    INFO(script);
    const Looked looked(script);
    CHECK_FALSE((*looked).manifest);
    CHECK((*looked).trouble == "it could not be looked at: the answer is not whole");
  }
}

TEST_CASE("a look that was killed or failed is trouble of that backup alone") {
  CHECK((*Looked("echo manifest " + at_three + "; echo end; kill -SEGV $$")).trouble ==
        "the process that looked at it was ended: killed by SIGSEGV");
  CHECK_FALSE((*Looked("echo manifest " + at_three + "; echo end; exit 3")).manifest);
}

TEST_CASE("what is said is fit for a terminal") {
  CHECK((*Looked("printf 'trouble \\033[31m\\nend\\n'")).trouble == "\\x1b[31m");
}

TEST_CASE("without a jail, a program or scratch space none can be looked at") {
  CHECK(Looked("echo jail is open; echo end").look.error().text == "is open");
  const Folder folder;
  CHECK_FALSE(look_at(Target{}, {}, "/not/there", folder.path(), system_clock().now()));
}
