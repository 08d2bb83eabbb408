// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include "support/support.h"

using namespace backproof;

TEST_CASE("a logfmt line quotes what needs it and nothing breaks out of it") {
  const auto line =
      log::render(log::Format::logfmt, "T", log::Level::warn, "it failed",
                  {{"target", "crm"}, {"reason", "a \"b\" \\ c\nlevel=info"}, {"empty", ""}});
  CHECK(
      line ==
      R"(time=T level=warn msg="it failed" target=crm reason="a \"b\" \\ c\\nlevel=info" empty="")");
}

TEST_CASE("a JSON line is one object whatever the values hold") {
  const auto line =
      log::render(log::Format::json, "T", log::Level::info, "m", {{"reason", "a \"b\"\n\x01"}});
  CHECK(line == R"({"time":"T","level":"info","msg":"m","reason":"a \"b\"\\n\\x01"})");
}

TEST_CASE("unknown log levels and formats are refused with the known ones") {
  CHECK(log::level_named("debug"));
  const auto level = log::level_named("loud");
  REQUIRE_FALSE(level);
  CHECK(level.error().hint == "one of debug, info, warn, error");
  CHECK(log::format_named("json"));
  CHECK_FALSE(log::format_named("xml"));
}
