// SPDX-License-Identifier: Apache-2.0
#include "base/proc.h"

#include <unistd.h>

#include "base/process.h"
#include "support/support.h"

using namespace backproof;

TEST_CASE("the kernel's line about a process is read, whatever the program is called") {
  const auto stat = parse_proc_stat(
      "4711 (a ) S 0 (b)) S 1 4711 4711 0 -1 4194560 1234 0 5 0 250 50 7 8 20 0 12 0 6000 "
      "104857600 "
      "2560 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
  REQUIRE(stat);
  CHECK(stat->user_ticks == 250);
  CHECK(stat->system_ticks == 50);
  CHECK(stat->threads == 12);
  CHECK(stat->start_ticks == 6000);
  CHECK(stat->virtual_bytes == 104857600);
  CHECK(stat->resident_pages == 2560);
}

TEST_CASE("what is no line about a process is refused") {
  CHECK_FALSE(parse_proc_stat(""));
  CHECK_FALSE(parse_proc_stat("1 (x"));
  CHECK_FALSE(parse_proc_stat("1 (x) S 1 2 3"));
  CHECK_FALSE(parse_proc_stat("1 (x) S 1 1 1 0 -1 0 0 0 0 0 x 5 0 0 20 0 1 0 1 1 1"));
}

TEST_CASE("this process is found by its number and by itself") {
  const auto self = read_proc_stat("self");
  REQUIRE(self);
  CHECK(self->start_ticks > 0);
  CHECK(self->threads >= 1);
  CHECK(self->resident_pages > 0);
  const auto numbered = read_proc_stat(std::to_string(getpid()));
  REQUIRE(numbered);
  CHECK(numbered->start_ticks == self->start_ticks);
}

TEST_CASE("a process that has been and gone is an error") {
  auto child = Child::start({{"true"}, {}, ""});
  REQUIRE(child);
  const std::string pid = std::to_string(child->pid());
  (void)child->wait();
  CHECK_FALSE(read_proc_stat(pid));
}
