// SPDX-License-Identifier: Apache-2.0
#include "model/memory.h"

#include "model/target.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Run passed(std::size_t tables, const std::string& name) {
  Run run;
  for (std::size_t i = 0; i < tables; ++i)
    run.tables.push_back({"public", name + std::to_string(i), 1'000'000'000});
  return run;
}

}  // namespace

TEST_CASE("of few tables every pass is remembered") {
  CHECK(memory_of(std::vector<Run>(memory_length, passed(100, "t"))).size() == memory_length);
  CHECK(memory_of({}).empty());
}

TEST_CASE("however many tables there are and however they are called, a worker takes the job") {
  constexpr std::size_t longest_job = 16U << 20U;
  for (const std::string& name : {std::string("orders_of_the_year_"), std::string(60, '\x01')}) {
    Job job;
    job.memory = memory_of(std::vector<Run>(memory_length, passed(10'000, name)));
    CHECK_FALSE(job.memory.empty());
    CHECK(to_json(job).size() < longest_job);
  }
}
