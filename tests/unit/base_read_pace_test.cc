// SPDX-License-Identifier: Apache-2.0
#include "base/read_pace.h"

#include "base/file.h"
#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;

TEST_CASE("files are read no faster than was asked for") {
  test::Folder folder;
  const Fd file = open_readonly(folder.write("x", std::string(1U << 19U, 'x'))).value();
  std::vector<unsigned char> buffer(1U << 16U);
  const auto read_all = [&] {
    const Stopwatch watch;
    for (std::uintmax_t at = 0; at < 1U << 19U; at += buffer.size())
      REQUIRE(read_at(file.get(), buffer, at).value() == buffer.size());
    return watch.took();
  };
  pace_reading(1U << 20U);
  const Duration paced = read_all();
  pace_reading(0);
  CHECK(paced >= 480ms);
}
