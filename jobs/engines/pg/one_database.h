// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "engines/pg/dump.h"
#include "sandbox/keeper.h"

// What is different where a dump is restored into a server that the user named.
namespace backproof {

// Whether the statement is about what all databases of a server share: other databases, roles,
// tablespaces, the configuration, subscriptions. SQL inside of functions is not looked at.
bool is_about_the_server(std::string_view sql);

// Receives a dump and keeps nothing; refuses it (cause isolation) when it reaches beyond the one
// database that it is restored into.
class OneDatabase : public DumpSink {
 public:
  Result<void> header(const DumpHeader&) override { return {}; }
  Result<void> entry(const DumpEntry&) override { return {}; }
  Result<void> statement(std::string_view sql, const DumpPlace& at) override;
  Result<void> copy_begin(std::string_view, const DumpPlace&) override { return {}; }
  Result<void> copy_rows(ByteView) override { return {}; }
  Result<void> copy_end() override { return {}; }
  Result<void> large_object_begin(std::uint32_t, const DumpPlace&) override { return {}; }
  Result<void> large_object_bytes(ByteView) override { return {}; }
  Result<void> large_object_end() override { return {}; }
  Result<void> connect(std::string_view database, const DumpPlace& at) override;
};

// The server, its version asked. It can be called again. Errors: those of Keeper::start_server(),
// and fetch: it cannot be reached, or keeps the user out.
Result<PgServer> met_server(Keeper& keeper);

}  // namespace backproof
