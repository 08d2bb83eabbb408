// SPDX-License-Identifier: Apache-2.0
#include "support/pg_damage.h"

namespace backproof::test {

std::string pg_shop(std::string_view form) {
  return content_of(pg_dump_file("shop", form));
}

Path make_pg_plain(const Folder& folder, std::string_view name) {
  return folder.write(name, pg_shop("plain.sql"));
}

Path make_pg_archive(const Folder& folder, std::string_view name) {
  return folder.write(name, pg_shop("custom.dump"));
}

std::string everywhere(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  INFO(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string without(std::string text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  INFO(begin << " ... " << end);
  REQUIRE(at != std::string::npos);
  const std::size_t until = text.find(end, at + begin.size());
  REQUIRE(until != std::string::npos);
  return text.erase(at, until - at);
}

std::string without_statement(const std::string& text, const std::string& head) {
  return replaced(without(text, head, ";\n"), "\n;\n", "\n\n");
}

Path pg_dump_of(const Folder& folder, const std::string& name, const std::string& sql,
                const std::vector<std::string>& options, bool empty) {
  const PgTestServer server;
  server.make_database("shop");
  if (!empty) server.load("shop", Path(BACKPROOF_SOURCE_DIR) / "tests/pg/zoo/shop.sql");
  server.psql("shop", sql);
  server.dump_to(folder / name, "shop", options);
  return folder / name;
}

}  // namespace backproof::test
