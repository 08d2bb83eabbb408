// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/make_copy.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "base/inflate.h"
#include "base/text.h"
#include "model/begun_run.h"
#include "runner/bring.h"
#include "runner/containers.h"
#include "runner/damage/mapping.h"
#include "runner/damage/pg_archive.h"
#include "runner/damage/pg_plain.h"
#include "runner/damage/sqlite_database.h"
#include "runner/damage/sqlite_dump.h"
#include "runner/enter.h"
#include "runner/manifest_beside.h"
#include "runner/run_log.h"
#include "runner/select.h"

namespace backproof::damage {
namespace {

constexpr std::size_t piece_bytes = 1U << 20U;

// A new file of the sandbox; all of them together may hold so much.
class Output final : public ByteSink {
 public:
  static Result<Output> create(const Path& file, std::uintmax_t& left) {
    Output output(left);
    output.file_.reset(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!output.file_) return errno_error(Cause::internal, "cannot create a file in the sandbox");
    return output;
  }
  Result<void> write(ByteView bytes) override {
    if (bytes.size() > *left_)
      return Error{Cause::space, "the copy needs more than the sandbox may hold",
                   "raise the target's scratch limit"};
    *left_ -= bytes.size();
    return write_all(file_.get(), bytes);
  }
  int fd() const { return file_.get(); }

 private:
  explicit Output(std::uintmax_t& left) : left_(&left) {}
  Fd file_;
  std::uintmax_t* left_;
};

// The innermost of the containers that were around the content, around it again.
class Repacked {
 public:
  Repacked(const std::vector<Layer>& layers, ByteSink& file) : innermost_(&file) {
    for (const Layer& layer : layers) {
      packers_.push_back(packer(layer.compression, *innermost_));
      innermost_ = packers_.back().get();
    }
  }
  ByteSink& content() { return *innermost_; }
  Result<void> finish() {
    for (auto pack = packers_.rbegin(); pack != packers_.rend(); ++pack) TRY((*pack)->finish());
    return {};
  }

 private:
  std::vector<std::unique_ptr<ByteSink>> packers_;
  ByteSink* innermost_;
};

Result<void> copy_bytes(int from, std::uintmax_t bytes, ByteSink& into) {
  std::vector<unsigned char> buffer(piece_bytes);
  for (std::uintmax_t at = 0; at < bytes;) {
    const std::size_t most = std::min<std::uintmax_t>(buffer.size(), bytes - at);
    TRY_ASSIGN(const std::size_t n, read_at(from, std::span(buffer).first(most), at));
    if (n == 0) return Error{Cause::fetch, "the backup became shorter while it was copied", ""};
    TRY(into.write(ByteView(buffer).first(n)));
    at += n;
  }
  return {};
}

bool is_packed(const std::string& name) {
  return name.ends_with(".gz") || name.ends_with(".lz4") || name.ends_with(".zst");
}

class CopyMaker {
 public:
  CopyMaker(const Job& job, const Plan& plan, const Clock& clock, const RunEvents& events)
      : job_(job),
        order_(*job.damage),
        plan_(plan),
        clock_(clock),
        run_(begun_run(job, clock.now())),
        log_(run_, clock, events),
        dice_(order_.seed, order_.kind.value_or(DamageKind{})) {}

  Run run() {
    const Stopwatch watch(clock_);
    bool going = log_.stage(Stage::select, [&] { return select(); });
    const bool brings = must_be_brought(job_, plan_);
    if (brings) going = going && log_.stage(Stage::fetch, [&] { return fetch(); });
    going = going && log_.stage(Stage::sandbox, [&] { return enter(); });
    // Beyond this point the bytes of the backup may be read.
    going = going && log_.stage(Stage::inspect, [&] { return inspect(); });
    if (going) log_.stage(Stage::restore, [&] { return unless_not_applicable(make()); });
    log_.stage(Stage::teardown, [&] { return clear_up(); });
    run_.took = watch.took();
    run_.finished = true;
    conclude(run_);
    return std::move(run_);
  }

 private:
  Result<void> select() {
    const bool stale = order_.kind == DamageKind::stale_copy;
    TRY_ASSIGN(selected_, stale ? select_named(order_.older) : select_for(job_, plan_));
    run_.backup = selected_.backup;
    if (order_.manifest.empty()) return {};
    TRY_ASSIGN(manifest_, open_readonly(order_.manifest));
    return {};
  }

  Result<void> fetch() {
    TRY_ASSIGN(sandbox_, Sandbox::open(job_.sandbox, plan_.target.limits.scratch));
    TRY_ASSIGN(selected_, bring(job_, plan_, *sandbox_, std::move(selected_),
                                [this](std::uintmax_t done, std::uintmax_t total) {
                                  log_.progress(done, total);
                                }));
    run_.backup = selected_.backup;
    return {};
  }

  Result<void> enter() {
    if (!sandbox_) {
      TRY_ASSIGN(sandbox_, Sandbox::open(job_.sandbox, plan_.target.limits.scratch));
    }
    left_ = sandbox_->budget();
    TRY_ASSIGN(const JailProof proof, close_the_door(*sandbox_, job_.target.limits, nullptr));
    run_.isolation = proof.isolation;
    if (proof.isolation < plan_.target.limits.require_isolation)
      return Error{Cause::isolation, "the sandbox is not tight: " + describe(proof), ""};
    return {};
  }

  Result<void> inspect() {
    InflateLimits limits;
    limits.max_ratio = plan_.target.limits.max_ratio;
    TRY_ASSIGN(content_, Inflate::open(selected_.file.get(), limits));
    run_.format.containers = names_of(content_->layers());
    for (const PlannedEngine& planned : plan_.engines)
      if (engine_.empty() && planned.engine->recognizes(content_->head())) {
        engine_ = planned.kind->name;
        run_.format.name = planned.kind->format;
      }
    return {};
  }

  Result<void> unless_not_applicable(const Result<void>& made) {
    run_.restored = made.has_value();
    if (made || made.error().cause != Cause::none) return made;
    run_.findings.push_back({Severity::warning, Cause::none, made.error().text});
    return {};
  }

  Result<void> make() {
    const Path folder = job_.sandbox / copy_folder;
    if (mkdir(folder.c_str(), 0700) != 0)
      return errno_error(Cause::internal, "cannot make a folder in the sandbox");
    copy_ = folder / (job_.backup.empty() ? brought_file(job_.sandbox) : job_.backup).filename();
    if (manifest_) TRY(copy_manifest(folder / order_.manifest.filename()));
    if (!selected_.members.empty() && mkdir(copy_.c_str(), 0700) != 0)
      return errno_error(Cause::internal, "cannot make a folder in the sandbox");
    if (!order_.kind || order_.kind == DamageKind::stale_copy) return as_it_is();
    if (order_.kind == DamageKind::cut_container) return cut_container();
    if (order_.kind == DamageKind::appended_junk) return appended_junk();
    return damaged_content(*order_.kind);
  }

  Result<void> copy_file(int from, std::uintmax_t bytes, const Path& to,
                         std::string_view junk = "") {
    TRY_ASSIGN(Output file, Output::create(to, left_));
    TRY(copy_bytes(from, bytes, file));
    return file.write(as_bytes(junk));
  }

  // Beside a damaged copy without the sum of the file's bytes: what the manifest says of the
  // content must see the damage.
  Result<void> copy_manifest(const Path& to) {
    TRY_ASSIGN(const FileFacts facts, facts_of(manifest_.get()));
    auto manifest = read_manifest(manifest_.get());
    if (!order_.kind || !manifest) return copy_file(manifest_.get(), facts.bytes, to);
    manifest->artefact.clear();
    manifest->sha256.clear();
    manifest->bytes = 0;
    TRY_ASSIGN(Output file, Output::create(to, left_));
    return file.write(as_bytes(to_json(*manifest)));
  }

  Result<void> copy_companions() {
    const std::string name = copy_.native();
    if (selected_.wal)
      TRY(copy_file(selected_.wal.get(), selected_.wal_facts.bytes, name + "-wal"));
    if (selected_.journal)
      TRY(copy_file(selected_.journal.get(), selected_.journal_facts.bytes, name + "-journal"));
    return {};
  }

  Result<void> as_it_is() { return copy_with(nullptr, selected_.facts.bytes, ""); }

  // The file, or the folder with this member, cut after so many bytes and followed by `junk`.
  Result<void> copy_with(const Member* member, std::uintmax_t bytes, std::string_view junk) {
    if (selected_.members.empty()) {
      TRY(copy_companions());
      return copy_file(selected_.file.get(), bytes, copy_, junk);
    }
    for (const Member& each : selected_.members)
      TRY(copy_file(each.file.get(), &each == member ? bytes : each.facts.bytes, copy_ / each.name,
                    &each == member ? junk : ""));
    return {};
  }

  const Member* largest_member(bool packed) const {
    const Member* largest = nullptr;
    for (const Member& member : selected_.members)
      if ((!packed || is_packed(member.name)) && member.name.find(".dat") != std::string::npos &&
          member.name != "toc.dat" &&
          (largest == nullptr || member.facts.bytes > largest->facts.bytes))
        largest = &member;
    return largest;
  }

  Result<void> cut_container() {
    const Member* member = largest_member(true);
    if (selected_.members.empty() ? content_->layers().empty() : member == nullptr)
      return not_applicable("nothing is compressed by a container");
    const std::uintmax_t bytes = member == nullptr ? selected_.facts.bytes : member->facts.bytes;
    return copy_with(member, bytes / 4 + dice_.below(bytes * 6 / 10), "");
  }

  Result<void> appended_junk() {
    const Member* member = largest_member(false);
    if (!selected_.members.empty() && member == nullptr)
      return not_applicable("no file of the folder holds data");
    if (selected_.wal_facts.bytes + selected_.journal_facts.bytes > 0)
      return not_applicable("the log beside the database says where it ends");
    const std::uintmax_t bytes = member == nullptr ? selected_.facts.bytes : member->facts.bytes;
    const std::string junk = "\nbackproof self-test " + std::to_string(dice_.below(1U << 30U));
    return copy_with(member, bytes, junk);
  }

  Result<void> damaged_content(DamageKind kind) {
    if (!selected_.members.empty()) return damaged_folder(kind);
    if (engine_.empty())
      return Error{Cause::wrong_format, "no engine of the target knows the content", ""};
    // Until it is damaged the content of a database stands beside what belongs to it.
    TRY_ASSIGN(Output work, Output::create(work_file(), left_));
    std::vector<unsigned char> buffer(piece_bytes);
    while (true) {
      TRY_ASSIGN(const std::size_t n, content_->read(buffer));
      if (n == 0) break;
      TRY(work.write(ByteView(buffer).first(n)));
    }
    if (engine_ == "sqlite_file") TRY(damaged_database(kind));
    TRY_ASSIGN(const Fd changed, open_readonly(work_file()));
    TRY_ASSIGN(const Mapping content, Mapping::of(changed.get()));
    TRY_ASSIGN(Output file, Output::create(copy_, left_));
    Repacked repacked(content_->layers(), file);
    TRY(write_damaged(kind, content.text(), repacked.content()));
    return repacked.finish();
  }

  Result<void> write_damaged(DamageKind kind, std::string_view content, ByteSink& into) {
    if (engine_ == "sqlite_file") return into.write(as_bytes(content));
    if (engine_ == "pg_archive") return damage_pg_archive(kind, content, dice_, into);
    if (engine_ != "pg_plain" && engine_ != "sqlite_sql")
      return not_applicable("nobody knows how to damage a " + run_.format.name);
    TRY_ASSIGN(Edits edits, engine_ == "pg_plain" ? damage_pg_plain(kind, content, dice_)
                                                  : damage_sqlite_dump(kind, content, dice_));
    return apply(content, std::move(edits), into);
  }

  Result<void> damaged_database(DamageKind kind) {
    const std::string name = work_file().native();
    if (selected_.wal)
      TRY(copy_file(selected_.wal.get(), selected_.wal_facts.bytes, name + "-wal"));
    if (selected_.journal)
      TRY(copy_file(selected_.journal.get(), selected_.journal_facts.bytes, name + "-journal"));
    return damage_sqlite_database(kind, work_file(), dice_);
  }

  Result<void> damaged_folder(DamageKind kind) {
    std::vector<Mapping> contents;
    std::vector<FolderFile> files;
    for (const Member& member : selected_.members) {
      TRY_ASSIGN(Mapping content, Mapping::of(member.file.get()));
      files.push_back({member.name, content.text()});
      contents.push_back(std::move(content));
    }
    return damage_pg_folder(kind, files, dice_,
                            [&](const std::string& name, std::string_view content) -> Result<void> {
                              TRY_ASSIGN(Output file, Output::create(copy_ / name, left_));
                              return file.write(as_bytes(content));
                            });
  }

  Path work_file() const { return job_.sandbox / "content"; }

  // Only the copy stays, so that the sandbox holds no more than it must.
  Result<void> clear_up() {
    std::error_code error;
    for (const char* suffix : {"", "-wal", "-journal", "-shm"})
      std::filesystem::remove(work_file().native() + suffix, error);
    return {};
  }

  const Job& job_;
  const DamageOrder& order_;
  const Plan& plan_;
  const Clock& clock_;
  Run run_;
  RunLog log_;
  Dice dice_;
  Selected selected_;
  Fd manifest_;
  std::optional<Sandbox> sandbox_;
  std::uintmax_t left_ = 0;  // of what may be written
  std::unique_ptr<Inflate> content_;
  std::string_view engine_;
  Path copy_;
};

}  // namespace

Run make_copy(const Job& job, const Plan& plan, const Clock& clock, const RunEvents& events) {
  return CopyMaker(job, plan, clock, events).run();
}

}  // namespace backproof::damage
