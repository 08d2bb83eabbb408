// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/inflate.h"
#include "db/database.h"
#include "model/options.h"
#include "sandbox/keeper.h"
#include "sandbox/sandbox.h"

namespace backproof {

// A file of a backup that is a folder, or one beside the backup; opened before the jail was closed.
struct Member {
  std::string name;
  Fd file;
  FileFacts facts;
};

// What an engine gets to restore from: the content behind all containers, and the file's
// companions (a WAL beside a database), opened before the jail was closed.
struct Artefact {
  ByteSource& content;
  ByteView head;                       // the first bytes of the content, up to 64 KiB
  std::uintmax_t bytes = 0;            // of the file, compressed as it is
  bool bare = false;                   // no container around it
  int wal = -1, journal = -1;          // descriptors of FILE-wal and FILE-journal; -1 = not there
  std::vector<Finding>& findings;      // where the engine says what it noticed
  Format& format;                      // what it learned of the writer
  Keeper* keeper;                      // of an engine that needs a server; outlives the Database
  const std::vector<Member>& members;  // of a backup that is a folder; `content` is its toc.dat
  const std::vector<Member>& before;   // to be restored before it: globals, a schema
  // The content once more, from its start, beside `content`.
  std::function<Result<std::unique_ptr<ByteSource>>()> again;
  std::uintmax_t elsewhere = 0;  // bytes that were restored outside of the sandbox
  std::string database = {};     // its name on the server, the first of several; SQLite: empty
};

// How a backup becomes a database. Stateless after construction; one thread.
class Engine {
 public:
  virtual ~Engine() = default;
  // Magic bytes only: is this mine? Safe on anything.
  virtual bool recognizes(ByteView head) const = 0;
  // Content into a database inside the sandbox, the whole content read to its proven end. Errors
  // carry the cause of the verdict; what the bytes can do is done inside the jail already.
  virtual Result<std::unique_ptr<Database>> restore(Artefact& artefact, Sandbox& sandbox,
                                                    const RunContext& context) const = 0;
};

// One line of engines.def.
struct EngineKind {
  std::string_view name;     // "sqlite_file"
  std::string_view format;   // "sqlite database": Format::name
  std::string_view summary;  // for `backproof kinds`
  bool needs_server;         // a keeper stands by while it may be asked
  std::string_view example;  // options as TOML, for `backproof kinds`; may be empty
  // Takes its options; problems go where Options puts them.
  std::unique_ptr<Engine> (*make)(Options& options);
};

// All engines in the order in which they are asked.
std::vector<const EngineKind*> all_engines();

}  // namespace backproof
