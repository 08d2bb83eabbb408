// SPDX-License-Identifier: Apache-2.0
#include "exporter/report.h"

#include "exporter/progress_bar.h"
#include "support/support.h"

using namespace backproof;

TEST_CASE("a report begins with the verdict and cannot move the cursor") {
  Run run;
  run.target = "x";
  run.backup.path = "/b/\x1b[2Jevil\n.db";
  run.stages = {{Stage::fetch, {}, Error{Cause::empty, "the file has 0 bytes", ""}}};
  conclude(run);
  const std::string text = report(run);
  CHECK(text.starts_with("failed (empty)  /b/"));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("reason     the file has 0 bytes") != std::string::npos);
}

TEST_CASE("a table of runs has one line each") {
  Run run;
  run.id = "20261123T143454Z-00000000";
  run.target = "two\nlines";
  run.finished = true;
  const std::string text = report_table({run, run});
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
}

TEST_CASE("the progress line says stage, share, bytes, rate and what is left") {
  const std::string line =
      progress_line({Stage::restore, 512U << 20U, 1U << 30U}, std::chrono::seconds(2), 200);
  CHECK(line == "restore   [############............] 50 %  512 MiB of 1 GiB, 256 MiB/s, 3s left");
  CHECK(
      progress_line({Stage::restore, 512U << 20U, 1U << 30U}, std::chrono::seconds(2), 20).size() ==
      20);
  CHECK(progress_line({Stage::check, 1, 4}, std::chrono::seconds(0), 80) ==
        "check     [######..................] 25 %");
  CHECK(progress_line({Stage::fetch, 0, 0}, std::chrono::seconds(0), 80) == "fetch       0 B");
}
