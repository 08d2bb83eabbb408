// SPDX-License-Identifier: Apache-2.0
#include "exporter/api.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "exporter/target_json.h"
#include "model/run_json.h"

namespace backproof::api {
namespace {

constexpr std::uint64_t default_limit = 50, max_limit = 1000;
// The store takes the beginning of an id too, and cannot tell one of several runs from its own
// trouble.
constexpr std::size_t id_length = std::string_view("20261123T143454Z-1f0c9a3e").size();

Response no_target(const Snapshot& snapshot, const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& state : snapshot.targets) names.push_back(state.target->name);
  const std::string near = text::nearest(wanted, names);
  return error(404, {Cause::internal, "no target \"" + text::printable(wanted, 80) + "\"",
                     near.empty() ? "GET /api/v1/targets lists all of them"
                                  : "did you mean \"" + text::printable(near, 80) + "\"?"});
}

const Run* newer(const Run* best, const Boxed<Run>& run) {
  if (!run || (best != nullptr && end_of(*best) >= end_of(*run))) return best;
  return &*run;
}

Result<std::uint64_t> limit_of(const Query& query) {
  const auto given = query.find("limit");
  if (given == query.end()) return default_limit;
  const auto limit = text::parse_count(given->second);
  if (!limit || *limit == 0 || *limit > max_limit)
    return Error{Cause::internal, "limit is no number from 1 to " + std::to_string(max_limit), ""};
  return *limit;
}

Result<RunQuery> run_query(const Query& query) {
  TRY(only(query, {"target", "verdict", "limit"}));
  RunQuery wanted;
  TRY_ASSIGN(wanted.limit, limit_of(query));
  if (const auto given = query.find("verdict"); given != query.end()) {
    wanted.verdict = verdict_named(given->second);
    if (!wanted.verdict)
      return Error{Cause::internal, "verdict is not passed, failed or inconclusive", ""};
  }
  if (const auto given = query.find("target"); given != query.end()) {
    if (given->second.empty())
      return Error{Cause::internal, "target is empty", "leave it out for the runs of all targets"};
    wanted.target = given->second;
  }
  return wanted;
}

}  // namespace

Response error(int status, const Error& error) {
  return json(status, error_json(error));
}

Result<void> only(const Query& query, std::initializer_list<std::string_view> allowed) {
  for (const auto& [name, value] : query)
    if (std::ranges::find(allowed, name) == allowed.end()) {
      const std::vector<std::string> known(allowed.begin(), allowed.end());
      return Error{Cause::internal, "unknown query parameter \"" + text::printable(name, 40) + "\"",
                   known.empty() ? "there are none" : "known are " + text::join(known, ", ")};
    }
  return {};
}

Response verification(const Snapshot& snapshot, const Query& query) {
  if (const auto valid = only(query, {"target"}); !valid) return error(400, valid.error());
  const auto target = query.find("target");
  if (target != query.end() && find_target(snapshot, target->second) == nullptr)
    return no_target(snapshot, target->second);
  const Run* last = nullptr;
  for (const auto& state : snapshot.targets)
    if (target == query.end() || state.target->name == target->second)
      last = newer(last, state.history.last_run);
  return json(200, verification_json(last));
}

Response targets(const Snapshot& snapshot) {
  return json(200, targets_json(snapshot));
}

Response runs(const Snapshot& snapshot, const HistoryStore& history, const Query& query) {
  const auto wanted = run_query(query);
  if (!wanted) return error(400, wanted.error());
  const auto found = history.list(*wanted);
  if (!found) return error(500, found.error());
  if (found->empty() && !wanted->target.empty() &&
      find_target(snapshot, wanted->target) == nullptr) {
    const auto any = history.list({wanted->target, std::nullopt, 1});
    if (!any) return error(500, any.error());
    if (any->empty()) return no_target(snapshot, wanted->target);
  }
  std::vector<std::string> documents;
  documents.reserve(found->size());
  for (const Run& one : *found) documents.push_back(to_json(one, false));
  return json(200, "{\"runs\":[" + text::join(documents, ",") + "]}");
}

Response drills(const Snapshot& snapshot, const HistoryStore& history, const Query& query) {
  if (const auto valid = only(query, {"target", "limit"}); !valid) return error(400, valid.error());
  const auto target = query.find("target");
  if (target == query.end() || target->second.empty())
    return error(400, {Cause::internal, "target is missing", "add ?target=NAME"});
  const auto limit = limit_of(query);
  if (!limit) return error(400, limit.error());
  auto found = history.drills_of(target->second, *limit);
  if (!found) return error(500, found.error());
  if (found->empty() && find_target(snapshot, target->second) == nullptr)
    return no_target(snapshot, target->second);
  std::vector<std::string> documents;
  documents.reserve(found->size());
  for (Drill& one : *found) {
    one.proof.reset();
    documents.push_back(to_json(one));
  }
  return json(200, "{\"drills\":[" + text::join(documents, ",") + "]}");
}

Response drill(const HistoryStore& history, const std::string& id) {
  const auto found = id.size() == id_length ? history.find_drill(id) : std::optional<Drill>();
  if (!found) return error(500, found.error());
  if (!*found)
    return error(404, {Cause::internal, "no drill \"" + text::printable(id, 80) + "\"",
                       "GET /api/v1/drills?target=NAME lists the newest"});
  return json(200, to_json(**found));
}

Response run(const HistoryStore& history, const std::string& id) {
  const Result<std::optional<Run>> found =
      id.size() == id_length ? history.find(id) : std::optional<Run>();
  if (!found) return error(500, found.error());
  if (!*found)
    return error(404, {Cause::internal, "no run \"" + text::printable(id, 80) + "\"",
                       "GET /api/v1/runs lists the newest"});
  return json(200, to_json(**found, true));
}

Response started(const std::string& run_id) {
  return json(202, "{\"run\":\"" + run_id + "\"}");
}

}  // namespace backproof::api
