// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/passwords.h"

#include <atomic>
#include <thread>

#include "exporter/web/basic_auth.h"
#include "support/pki.h"

using namespace backproof;
using namespace backproof::test;
using namespace backproof::web;

namespace {

using Answer = Passwords::Answer;

const Users users{{"prometheus", hash_of_secret}};
// "secret" at cost 12: a fifth of a second, so that others come while it is computed.
const Users slow_users{{"slow", "$2b$12$abcdefghijklmnopqrstuuT1Iwu6o8Wx7BoOyIMHfgVJq6JO/IJhW"}};

}  // namespace

TEST_CASE("a password is right for its user alone, in every spelling of bcrypt") {
  Passwords passwords;
  CHECK(passwords.check(users, "prometheus", "secret") == Answer::right);
  for (const char* wrong : {"", "Secret", "secret ", "secre", "secretsecret"})
    CHECK(passwords.check(users, "prometheus", wrong) == Answer::wrong);
  CHECK(passwords.check(users, "nobody", "secret") == Answer::wrong);
  CHECK(passwords.check(users, "", "secret") == Answer::wrong);
  for (const char kind : {'a', 'y'}) {
    const Users other{{"u", "$2" + std::string(1, kind) + std::string(hash_of_secret).substr(3)}};
    CHECK(passwords.check(other, "u", "secret") == Answer::right);
  }
}

TEST_CASE("a password that goes on behind a NUL is another one") {
  Passwords passwords;
  CHECK(passwords.check(users, "prometheus", std::string("secret\0x", 8)) == Answer::wrong);
  CHECK(passwords.check(users, "prometheus", std::string("secret\0", 7)) == Answer::wrong);
  CHECK(passwords.check(users, "prometheus", std::string(10'000, 'x')) == Answer::wrong);
}

TEST_CASE("only a right password is remembered, and only for its user and hash") {
  Passwords passwords;
  for (int i = 0; i < 3; ++i)
    CHECK(passwords.check(users, "prometheus", "secret") == Answer::right);
  CHECK(passwords.computed() == 1);
  for (int i = 0; i < 3; ++i) CHECK(passwords.check(users, "prometheus", "wrong") == Answer::wrong);
  CHECK(passwords.computed() == 4);
  // An unknown user costs a hash, too.
  CHECK(passwords.check(users, "nobody", "secret") == Answer::wrong);
  CHECK(passwords.computed() == 5);
  // The user's password was changed: the old one is forgotten with its hash.
  std::string other = hash_of_secret;
  other.back() = other.back() == 'x' ? 'y' : 'x';
  CHECK(passwords.check({{"prometheus", other}}, "prometheus", "secret") == Answer::wrong);
  CHECK(passwords.computed() == 6);
}

TEST_CASE("who asks the same at the same time waits for one hash") {
  Passwords passwords;
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 50; ++i)
      threads.emplace_back([&] {
        if (passwords.check(slow_users, "slow", "secret") == Answer::right) ++right;
      });
  }
  CHECK(right == 50);
  CHECK(passwords.computed() == 1);
}

TEST_CASE("guesses beyond a few are turned away, and a remembered password is not held up") {
  Passwords passwords;
  REQUIRE(passwords.check(users, "prometheus", "secret") == Answer::right);
  std::atomic<int> wrong = 0, busy = 0, started = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 40; ++i)
      threads.emplace_back([&, i] {
        ++started;
        const Answer answer = passwords.check(slow_users, "slow", std::to_string(i));
        if (answer == Answer::busy) ++busy;
        if (answer == Answer::wrong) ++wrong;
      });
    while (started < 40 || busy == 0) std::this_thread::yield();
    const std::size_t before = passwords.computed();
    CHECK(passwords.check(users, "prometheus", "secret") == Answer::right);
    CHECK(passwords.computed() - before <= 1);
  }
  CHECK(wrong + busy == 40);
  CHECK(wrong >= 16);
  CHECK(busy >= 1);
}

TEST_CASE("an Authorization header gives a name and a password, or nothing") {
  const auto pair = parse_basic_auth(header_of_secret);
  REQUIRE(pair);
  CHECK(pair->user == "prometheus");
  CHECK(pair->password == "secret");
  CHECK(parse_basic_auth("bAsIc  Og==")->user.empty());
  CHECK(parse_basic_auth("Basic YTpiOmM=")->password == "b:c");
  for (const char* bad : {"", "Basic", "Basic ", "Bearer YTpi", "Basic YTpi=", "Basic YT=pi",
                          "Basic Y", "Basic YWI=", "Basic !!!!", "Basic ====", "Basic a:b "})
    CHECK_FALSE(parse_basic_auth(bad));
}
