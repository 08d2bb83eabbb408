// SPDX-License-Identifier: Apache-2.0
#include "model/target.h"

#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::array<std::string_view, 4> policies{"newest", "every_new", "random", "coverage"};
constexpr std::array<std::string_view, 3> io_priorities{"normal", "low", "idle"};

using Json = nlohmann::json;

Json spec_json(const Spec& spec) {
  return {{"kind", spec.kind}, {"options", Json::parse(to_json(spec.options))}};
}

Spec spec_from(const Json& json) {
  auto options = table_from_json(json.at("options").dump());
  if (!options) throw std::invalid_argument("options are not a table");
  return {json.at("kind"), *std::move(options)};
}

// Names are bytes, JSON is UTF-8: what may be any bytes travels as hexadecimal.
std::string hex_of(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += digits[static_cast<unsigned char>(c) >> 4U];
    hex += digits[static_cast<unsigned char>(c) & 15U];
  }
  return hex;
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

Json time_us(TimePoint t) {
  return t.time_since_epoch().count();
}

TimePoint time_from(const Json& json) {
  return TimePoint{Duration{json.get<Duration::rep>()}};
}

Json chosen_json(const Backup& backup) {
  return {{"id_hex", hex_of(backup.id)},
          {"path_hex", hex_of(backup.path.native())},
          {"created_us", time_us(backup.created)},
          {"bytes", backup.bytes},
          {"inode", backup.inode},
          {"modified_us", time_us(backup.modified)},
          {"evidence", name_of(backup.evidence)},
          {"version", backup.version},
          {"newest", backup.newest}};
}

Backup chosen_from(const Json& json) {
  Backup backup;
  backup.id = bytes_of(json.at("id_hex"));
  backup.path = bytes_of(json.at("path_hex"));
  backup.created = time_from(json.at("created_us"));
  backup.bytes = json.at("bytes");
  backup.inode = json.at("inode");
  backup.modified = time_from(json.at("modified_us"));
  backup.evidence =
      evidence_named(json.at("evidence").get<std::string>()).value_or(Evidence::mtime);
  backup.version = json.at("version");
  backup.newest = json.at("newest");
  return backup;
}

// Hundreds of tables in dozens of passes: without a name for each member.
Json memory_json(const Memory& memory) {
  Json passes = Json::array();
  for (const PassedRun& pass : memory) {
    Json tables = Json::array();
    for (const TableFact& fact : pass.tables)
      tables.push_back({fact.schema, fact.table, fact.rows, fact.bytes,
                        fact.newest.time_since_epoch().count(), fact.digest});
    passes.push_back({pass.sha256, pass.created.time_since_epoch().count(), pass.restored_bytes,
                      tables, pass.by_manifest});
  }
  return passes;
}

Memory memory_from(const Json& passes) {
  Memory memory;
  for (const Json& pass : passes) {
    memory.push_back({pass.at(0),
                      TimePoint{Duration{pass.at(1).get<Duration::rep>()}},
                      pass.at(2),
                      {},
                      pass.at(4)});
    for (const Json& fact : pass.at(3))
      memory.back().tables.push_back({fact.at(0), fact.at(1), fact.at(2), fact.at(3),
                                      TimePoint{Duration{fact.at(4).get<Duration::rep>()}},
                                      fact.at(5)});
  }
  return memory;
}

Json damage_json(const std::optional<DamageOrder>& damage) {
  if (!damage) return {};
  return {{"kind", damage->kind ? Json(info_of(*damage->kind).name) : Json()},
          {"seed", damage->seed},
          {"older_hex", hex_of(damage->older.native())},
          {"manifest_hex", hex_of(damage->manifest.native())}};
}

std::optional<DamageOrder> damage_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  DamageOrder damage;
  if (const Json& kind = json.at("kind"); !kind.is_null()) {
    const DamageInfo* info = damage_named(kind.get<std::string>());
    if (info == nullptr) throw std::invalid_argument("an unknown damage");
    damage.kind = info->kind;
  }
  damage.seed = json.at("seed");
  damage.older = bytes_of(json.at("older_hex"));
  damage.manifest = bytes_of(json.at("manifest_hex"));
  return damage;
}

Json decrypt_json(const Boxed<DecryptSpec>& decrypt) {
  if (!decrypt) return {};
  Json environment = Json::object(), secrets = Json::object();
  for (const auto& [name, value] : decrypt->environment) environment[name] = hex_of(value);
  for (const auto& [name, file] : decrypt->secrets) secrets[name] = hex_of(file.native());
  return {{"command_hex", hex_of(decrypt->command)},
          {"environment_hex", environment},
          {"secrets_hex", secrets},
          {"timeout_us", decrypt->timeout.count()}};
}

std::optional<DecryptSpec> decrypt_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  DecryptSpec decrypt;
  decrypt.command = bytes_of(json.at("command_hex"));
  for (const auto& [name, value] : json.at("environment_hex").items())
    decrypt.environment[name] = bytes_of(value);
  for (const auto& [name, file] : json.at("secrets_hex").items())
    decrypt.secrets[name] = bytes_of(file);
  decrypt.timeout = Duration{json.at("timeout_us").get<Duration::rep>()};
  return decrypt;
}

// Deadlines are the supervisor's: what a worker is told of limits is what it keeps to itself.
Json limits_json(const Limits& limits) {
  return {{"timeout_us", limits.timeout.count()},
          {"scratch", limits.scratch},
          {"max_ratio", limits.max_ratio},
          {"require_isolation", name_of(limits.require_isolation)},
          {"memory", limits.memory},
          {"cpu_us", limits.cpu.count()},
          {"read_rate", limits.read_rate},
          {"nice", limits.nice},
          {"io", name_of(limits.io)}};
}

Limits limits_from(const Json& json) {
  Limits limits;
  limits.timeout = Duration{json.at("timeout_us").get<Duration::rep>()};
  limits.scratch = json.at("scratch");
  limits.max_ratio = json.at("max_ratio");
  limits.require_isolation =
      isolation_named(json.at("require_isolation").get<std::string>()).value_or(Isolation::full);
  limits.memory = json.at("memory");
  limits.cpu = Duration{json.at("cpu_us").get<Duration::rep>()};
  limits.read_rate = json.at("read_rate");
  limits.nice = json.at("nice");
  limits.io = io_priority_named(json.at("io").get<std::string>()).value_or(IoPriority::low);
  return limits;
}

}  // namespace

std::string_view name_of(IoPriority priority) {
  return io_priorities.at(static_cast<std::size_t>(priority));
}

std::optional<IoPriority> io_priority_named(std::string_view name) {
  for (const IoPriority priority : all_io_priorities)
    if (name_of(priority) == name) return priority;
  return {};
}

std::string_view name_of(Policy policy) {
  return policies.at(static_cast<std::size_t>(policy));
}

std::optional<Policy> policy_named(std::string_view name) {
  for (std::size_t i = 0; i < policies.size(); ++i)
    if (policies.at(i) == name) return static_cast<Policy>(i);
  return {};
}

std::string to_json(const Job& job) {
  const Target& target = job.target;
  Json checks = Json::array();
  for (const Spec& check : target.checks) checks.push_back(spec_json(check));
  Json before = Json::array();
  for (const Path& path : target.sandbox.before) before.push_back(hex_of(path.native()));
  return Json{
      {"run_id", job.run_id},
      {"trigger", job.trigger},
      {"attempt", job.attempt},
      {"scheduled_us", job.scheduled.time_since_epoch().count()},
      {"backup_hex", hex_of(job.backup.native())},
      {"chosen", chosen_json(job.chosen)},
      {"notes", job.notes},
      {"sandbox_hex", hex_of(job.sandbox.native())},
      {"templates_hex", hex_of(job.templates.native())},
      {"database", job.database},
      {"memory", memory_json(job.memory)},
      {"damage", damage_json(job.damage)},
      {"manifest_hex", hex_of(job.manifest.native())},
      {"digests", job.digests},
      {"pauses", {job.pauses.before_restore, job.pauses.after_restore, job.pauses.after_check}},
      {"target",
       {{"name", target.name},
        {"source", spec_json(target.source)},
        {"engine", spec_json(target.engine)},
        {"checks", checks},
        {"limits", limits_json(target.limits)},
        {"decrypt", decrypt_json(target.decrypt)},
        {"manifest_hex", hex_of(target.manifest)},
        {"postgresql_hex", hex_of(target.sandbox.postgresql.native())},
        {"server_hex", hex_of(target.sandbox.server)},
        {"password_file_hex", hex_of(target.sandbox.password_file.native())},
        {"before_hex", before}}}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Job> job_from_json(std::string_view text) {
  return guarded(Cause::internal, "cannot read the job", [&]() -> Result<Job> {
    const Json json = Json::parse(text);
    Job job;
    job.run_id = json.at("run_id");
    job.trigger = json.at("trigger");
    job.attempt = json.at("attempt");
    job.scheduled = TimePoint{Duration{json.at("scheduled_us").get<Duration::rep>()}};
    job.backup = bytes_of(json.at("backup_hex"));
    job.chosen = chosen_from(json.at("chosen"));
    job.notes = json.at("notes").get<std::vector<std::string>>();
    job.sandbox = bytes_of(json.at("sandbox_hex"));
    job.templates = bytes_of(json.at("templates_hex"));
    job.database = json.at("database");
    job.memory = memory_from(json.at("memory"));
    job.damage = damage_from(json.at("damage"));
    job.manifest = bytes_of(json.at("manifest_hex"));
    job.digests = json.at("digests");
    const Json& pauses = json.at("pauses");
    job.pauses = {pauses.at(0), pauses.at(1), pauses.at(2)};
    const Json& target = json.at("target");
    job.target.name = target.at("name");
    job.target.source = spec_from(target.at("source"));
    job.target.engine = spec_from(target.at("engine"));
    for (const Json& check : target.at("checks")) job.target.checks.push_back(spec_from(check));
    job.target.limits = limits_from(target.at("limits"));
    job.target.decrypt = decrypt_from(target.at("decrypt"));
    job.target.manifest = bytes_of(target.at("manifest_hex"));
    job.target.sandbox.postgresql = bytes_of(target.at("postgresql_hex"));
    job.target.sandbox.server = bytes_of(target.at("server_hex"));
    job.target.sandbox.password_file = bytes_of(target.at("password_file_hex"));
    for (const Json& path : target.at("before_hex"))
      job.target.sandbox.before.emplace_back(bytes_of(path));
    return job;
  });
}

}  // namespace backproof
