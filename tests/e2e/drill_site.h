// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "history/history.h"
#include "model/drill.h"
#include "support/pg.h"
#include "support/program.h"

namespace backproof::test {

// A company with one target, "shop", a live database, backups of it and a drill.
class DrillSite {
 public:
  // `drill` and what else the target has, as TOML; LIVE, BACKUPS and FOLDER in it become paths.
  explicit DrillSite(std::string more, const std::string& pattern = "*");
  virtual ~DrillSite() = default;

  Output call(std::vector<std::string> arguments) const;
  // `backproof drill shop --yes` with what it must answer. Demands what must hold whatever comes of
  // it: production is as it was but for canaries, nothing stays in the scratch folder, and the
  // history has it.
  Drill drill(int exit_code, const std::vector<std::string>& more = {}) const;
  // The drill, which is killed when its report on stderr says `text`.
  void drill_killed_at(const std::string& text) const;
  std::vector<Drill> history() const;
  // Whether one has begun and not ended.
  bool is_drilling() const;

  const Folder& folder() const { return folder_; }
  Path backups() const { return folder_ / "backups"; }
  const Path& scratch() const { return scratch_.path(); }
  Path config() const { return folder_ / "backproof.toml"; }

 protected:
  // A word for everything in the live database but canaries.
  virtual std::string production() const = 0;
  void configure(const std::string& live);

 private:
  std::string more_, pattern_;
  Folder folder_;
  Scratch scratch_;
};

// On SQLite: FOLDER/app/shop.db, in which a row is a minute old.
class SqliteSite : public DrillSite {
 public:
  explicit SqliteSite(const std::string& more, const std::string& pattern = "*.db");
  Path live() const { return folder() / "app/shop.db"; }

 protected:
  std::string production() const override;
};

// On PostgreSQL: LIVE is what follows the user in its URL. Skip the test first where
// pg_missing().
class PgSite : public DrillSite {
 public:
  explicit PgSite(const std::string& more, const std::string& pattern = "*.dump");
  const PgTestServer& server() const { return server_; }

 protected:
  std::string production() const override;

 private:
  PgTestServer server_{{"log_connections=on"}};
};

// That it did not pass because of this, in this stage; its reason has `part`.
void check_ended(const Drill& drill, DrillCause cause, DrillStage stage, const std::string& part);

}  // namespace backproof::test
