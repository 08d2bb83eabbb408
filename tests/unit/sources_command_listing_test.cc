// SPDX-License-Identifier: Apache-2.0
#include "sources/command_listing.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Result<Listing> listed(std::string_view text) {
  return read_listing(text, at("2026-11-26T12:00:00Z"));
}

Error refused(std::string_view text) {
  const auto listing = listed(text);
  REQUIRE_FALSE(listing);
  CHECK(listing.error().cause == Cause::fetch);
  return listing.error();
}

Backup only(std::string_view text) {
  const auto listing = listed(text);
  INFO((listing ? "" : listing.error().str()));
  REQUIRE(listing);
  REQUIRE(listing->backups.size() == 1);
  return listing->backups.front();
}

}  // namespace

TEST_CASE("a listing is a JSON object a line, and comes newest first") {
  const auto listing = listed(
      "{\"id\": \"old.dump\", \"bytes\": 7, \"modified\": \"2026-11-20T03:00:00Z\"}\n\n"
      "{\"modified\": 1764126000.5, \"bytes\": 0, \"id\": \"new.dump\"}\r\n"
      "{\"id\": \"odd\", \"bytes\": null, \"modified\": null, \"created\": null, \"version\": "
      "null}");
  REQUIRE(listing);
  REQUIRE(listing->backups.size() == 3);
  CHECK(listing->backups[0].id == "old.dump");
  CHECK(listing->backups[0].bytes == 7);
  CHECK(listing->backups[0].created == at("2026-11-20T03:00:00Z"));
  CHECK(listing->backups[0].evidence == Evidence::mtime);
  CHECK(listing->backups[0].path.empty());
  CHECK(listing->backups[1].created == at("2025-11-26T03:00:00.5Z"));
  CHECK(listing->backups[2].created == TimePoint{});
  CHECK(listing->skipped.empty());
}

TEST_CASE("an empty listing is no error") {
  for (const char* text : {"", "\n", " \n\n"}) {
    const auto listing = listed(text);
    REQUIRE(listing);
    CHECK(listing->backups.empty());
  }
}

TEST_CASE("what a listing says of the time counts, then the id, then the modification") {
  const Backup said =
      only(R"({"id": "shop-20261101T000000Z", "created": "2026-11-20T03:00:00.123456789+01:00"})");
  CHECK(said.evidence == Evidence::listing);
  CHECK(said.created == at("2026-11-20T02:00:00.123456Z"));
  CHECK(said.modified == said.created);
  CHECK(dated(said).find("as its listing says") != std::string::npos);
  const Backup named =
      only(R"({"id": "shop-20261101T000000Z", "modified": "2026-11-20T03:00:00Z"})");
  CHECK(named.evidence == Evidence::name);
  CHECK(named.created == at("2026-11-01T00:00:00Z"));
}

TEST_CASE("a listing from the future, or from before there were backups, is not believed") {
  // Else this one would be the newest for ever, and what comes after it never verified.
  const Backup ahead = only(
      "{\"id\": \"a.dump\", \"modified\": \"2026-11-20T03:00:00Z\", \"created\": "
      "\"2099-01-01T00:00:00Z\"}");
  CHECK(ahead.created == at("2026-11-20T03:00:00Z"));
  CHECK(ahead.evidence == Evidence::mtime);
  CHECK(only("{\"id\": \"a\", \"created\": \"1980-01-01T00:00:00Z\"}").created == TimePoint{});
  const Backup soon = only("{\"id\": \"a\", \"created\": \"2026-11-26T12:04:00Z\"}");
  CHECK(soon.created == at("2026-11-26T12:04:00Z"));
  CHECK(soon.evidence == Evidence::listing);
}

TEST_CASE("a size that no file has is refused") {
  CHECK(only("{\"id\": \"a\", \"bytes\": 9223372036854775807}").bytes == INT64_MAX);
  CHECK(refused("{\"id\": \"a\", \"bytes\": 9223372036854775808}").text.find("bytes is more") !=
        std::string::npos);
}

TEST_CASE("another size, time or version is another backup") {
  const Backup one = only(R"({"id": "a", "bytes": 1, "modified": 1700000000})");
  CHECK(one.version != only(R"({"id": "a", "bytes": 2, "modified": 1700000000})").version);
  CHECK(one.version != only(R"({"id": "a", "bytes": 1, "modified": 1700000001})").version);
  CHECK(only(R"({"id": "a", "version": "\"5f4d\""})").version == "\"5f4d\"");
}

TEST_CASE("a line that is none is refused by its number, and shown in a short piece at most") {
  const std::string good = R"({"id": "a"})"
                           "\n";
  CHECK(refused(good + "total 12").text ==
        "line 2 of what the list command printed is no JSON object: \"total 12\"");
  CHECK(refused("[]").text.find("line 1 ") == 0);
  CHECK(refused("{\"id\": \"a\"").text.find("no JSON object") != std::string::npos);
  CHECK(refused(good + "\n" + good)
            .text.find("line 3 of what the list command printed has the id "
                       "of line 1: \"a\"") == 0);
  CHECK(refused("{}").text.find("has no id") != std::string::npos);
  CHECK(refused(R"({"id": ""})").text.find("has no id") != std::string::npos);
  CHECK(refused(R"({"id": 7})").text.find("id is no string") != std::string::npos);
  CHECK(refused(R"({"id": "a\u0000b"})").text.find("zero byte") != std::string::npos);
  CHECK(refused(R"({"id": "a", "size": 7})").text.find("unknown key \"size\"") !=
        std::string::npos);
  for (const char* bytes : {"-1", "1.5", "\"7\"", "1e300", "{}", "18446744073709551616"}) {
    INFO(bytes);
    CHECK(refused(std::string(R"({"id": "a", "bytes": )") + bytes + "}")
              .text.find("bytes is no whole number") != std::string::npos);
  }
  for (const char* time : {"\"yesterday\"", "0", "-5", "1e18", "[]", "true"}) {
    INFO(time);
    CHECK(refused(std::string(R"({"id": "a", "modified": )") + time + "}")
              .text.find("modified is no") != std::string::npos);
  }
  CHECK(refused(R"({"id": ")" + std::string(4097, 'x') + "\"}")
            .text.find("longer than 4,096 bytes") != std::string::npos);
  const Error noise = refused(std::string(1U << 20U, '\x1b'));
  CHECK(noise.text.size() < 400);
  CHECK(noise.text.find('\x1b') == std::string::npos);
  const Error deep = refused(std::string(2U << 20U, '['));
  CHECK(deep.text.find("no JSON object") != std::string::npos);
}

TEST_CASE("a listing of more lines than anybody retains is refused") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "{\"id\": \"" + std::to_string(i) + "\"}\n";
  CHECK(listed(text));
  text += "{\"id\": \"more\"}\n{\"id\": \"and more\"}\n";
  CHECK(refused(text).text == "the list command printed more than 100,000 lines");
}
