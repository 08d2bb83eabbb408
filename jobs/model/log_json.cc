// SPDX-License-Identifier: Apache-2.0
#include "model/log_json.h"

#include <stdexcept>

namespace backproof {
namespace {

LogLine line_from(const Read& json) {
  LogLine line{time_at(json, "time"), json.at("text")};
  if (const auto level = json.find("level"); level != json.end()) {
    const auto named = log::level_named(level->get_ref<const std::string&>());
    if (!named) throw std::invalid_argument("unknown level");
    line.level = *named;
  }
  if (const auto stage = json.find("stage"); stage != json.end()) {
    line.stage = stage_named(stage->get_ref<const std::string&>());
    if (!line.stage) throw std::invalid_argument("unknown stage");
  }
  if (const auto fields = json.find("fields"); fields != json.end())
    for (const Read& field : *fields) line.fields.push_back({field.at(0), field.at(1)});
  return line;
}

}  // namespace

Json log_json(const std::vector<LogLine>& log) {
  Json lines = Json::array();
  for (const LogLine& line : log) {
    Json json{
        {"time", time_json(line.time)}, {"level", log::name_of(line.level)}, {"text", line.text}};
    if (line.stage) json["stage"] = name_of(*line.stage);
    // Pairs, because their order is part of what a line says.
    for (const LogField& field : line.fields)
      json["fields"].push_back(Json::array({field.key, field.value}));
    lines.push_back(std::move(json));
  }
  return lines;
}

std::vector<LogLine> log_from(const Read& json) {
  std::vector<LogLine> log;
  for (const Read& line : json) log.push_back(line_from(line));
  return log;
}

}  // namespace backproof
