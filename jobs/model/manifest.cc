// SPDX-License-Identifier: Apache-2.0
#include "model/manifest.h"

#include <algorithm>
#include <limits>

#include "model/json_values.h"

namespace backproof {
namespace {

constexpr const char* format_name = "backproof manifest";
constexpr std::size_t most_entries = 1'000'000;

Json table_json(const TableFact& fact) {
  return {{"schema", written_name(fact.schema)},
          {"table", written_name(fact.table)},
          {"rows", fact.rows},
          {"digest", fact.digest},
          {"newest", time_json(fact.newest)}};
}

TableFact table_from(const Read& json) {
  TableFact fact{json.at("schema"), json.at("table"), whole_at(json, "rows")};
  fact.digest = json.at("digest");
  fact.newest = time_at(json, "newest");
  return fact;
}

const Read& list_at(const Read& json, const char* key) {
  const Read& list = json.at(key);
  if (!list.is_array()) throw std::invalid_argument(std::string(key) + " is no list");
  if (list.size() > most_entries) throw std::invalid_argument(std::string(key) + " is too long");
  return list;
}

std::int64_t number_at(const Read& json, const char* key) {
  if (!json.at(key).is_number_integer())
    throw std::invalid_argument(std::string(key) + " is no whole number");
  return json.at(key);
}

// In the words of this program: those of the library quote what the file holds, and a link can make
// any file a manifest.
Read parse(std::string_view text) {
  constexpr std::size_t most_values = 4'000'000;  // far more than tables, and they fit into memory
  std::size_t values = 0;
  const auto count = [&](int, Read::parse_event_t, Read&) {
    if (++values > most_values) throw std::invalid_argument("it holds too many values");
    return true;
  };
  try {
    return Read::parse(text, count);
  } catch (const Read::parse_error& error) {
    throw std::invalid_argument("it is no JSON, as byte " + std::to_string(error.byte) + " of " +
                                std::to_string(text.size()) + " shows");
  }
}

Manifest read(const Read& json) {
  if (json.at("format") != format_name)
    throw std::invalid_argument(std::string("its format is not \"") + format_name + '"');
  if (json.at("version") != Manifest::current_version)
    throw std::invalid_argument("its version is not " + std::to_string(Manifest::current_version) +
                                ", which is what this program reads");
  Manifest manifest;
  manifest.engine = json.at("engine");
  manifest.system_identifier = json.at("system_identifier");
  manifest.database = json.at("database");
  manifest.application_id = number_at(json, "application_id");
  manifest.user_version = number_at(json, "user_version");
  manifest.server_version = json.at("server_version");
  manifest.taken = time_at(json, "taken");
  const Read& artefact = json.at("artefact");
  manifest.artefact = artefact.at("name");
  manifest.sha256 = artefact.at("sha256");
  manifest.bytes = whole_at(artefact, "bytes");
  for (const Read& table : list_at(json, "tables")) manifest.tables.push_back(table_from(table));
  for (const Read& sequence : list_at(json, "sequences"))
    manifest.sequences.push_back({sequence.at("schema"), sequence.at("name"), sequence.at("next")});
  const Read& objects = json.at("large_objects");
  manifest.large_objects = whole_at(objects, "count");
  manifest.large_objects_digest = objects.at("digest");
  for (const Read& line : list_at(json, "schema")) manifest.schema.push_back(line);
  return manifest;
}

}  // namespace

std::string written_name(std::string_view name) {
  return text::printable(name, std::numeric_limits<std::size_t>::max());
}

std::string to_json(const Manifest& manifest) {
  Json json{{"format", format_name},
            {"version", Manifest::current_version},
            {"engine", manifest.engine},
            {"system_identifier", manifest.system_identifier},
            {"database", manifest.database},
            {"application_id", manifest.application_id},
            {"user_version", manifest.user_version},
            {"server_version", manifest.server_version},
            {"taken", time_json(manifest.taken)},
            {"artefact",
             {{"name", manifest.artefact}, {"sha256", manifest.sha256}, {"bytes", manifest.bytes}}},
            {"tables", Json::array()},
            {"sequences", Json::array()},
            {"large_objects",
             {{"count", manifest.large_objects}, {"digest", manifest.large_objects_digest}}},
            {"schema", manifest.schema}};
  for (const TableFact& fact : manifest.tables) json["tables"].push_back(table_json(fact));
  for (const SequenceFact& sequence : manifest.sequences)
    json["sequences"].push_back({{"schema", written_name(sequence.schema)},
                                 {"name", written_name(sequence.name)},
                                 {"next", sequence.next}});
  return json.dump(2) + '\n';
}

Result<Manifest> manifest_from_json(std::string_view text) {
  return guarded(Cause::unproven, "cannot read the manifest", [&]() -> Result<Manifest> {
    try {
      return read(parse(text));
    } catch (const Read::exception& error) {
      // Its own words begin behind its mark.
      const std::string_view what = error.what();
      throw std::invalid_argument(std::string(what.substr(what.find("] ") + 2)));
    }
  });
}

}  // namespace backproof
