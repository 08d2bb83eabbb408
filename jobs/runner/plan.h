// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"
#include "engines/engine.h"
#include "model/target.h"
#include "sources/source.h"

namespace backproof {

struct PlannedEngine {
  const EngineKind* kind;
  std::unique_ptr<Engine> engine;
};
struct PlannedCheck {
  const CheckKind* kind;
  bool enforced;
  std::unique_ptr<Check> check;
};

// A target with its source, engines and checks made: everything its configuration says was
// understood. Thread-safe: only const members are used after making.
struct Plan {
  Target target;
  std::unique_ptr<Source> source;      // null: the backup is named by hand
  std::vector<PlannedEngine> engines;  // those that may be asked, in order
  std::vector<PlannedCheck> checks;

  // Whether a check of this kind is among them.
  bool asks(std::string_view check) const;
  // Whether any of the engines may need a database server.
  bool needs_server() const;
};

// Makes everything; what is wrong is added to `problems` with its line.
Plan make_plan(const Target& target, Problems& problems);

// What is asked of a target that configures no checks, in order.
std::vector<Spec> default_checks();

}  // namespace backproof
