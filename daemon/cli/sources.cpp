// sources.cpp: from rows of the configuration to sources and mappers.
#include "daemon/cli/sources.h"

#include <google/protobuf/util/time_util.h>

#include "daemon/ingest/file_source.h"
#include "daemon/ingest/kafka_source.h"
#include "tocsin/v1/settings/sources.pb.h"

namespace tocsin::cli {
namespace {

Microseconds micros(const google::protobuf::Duration& duration) {
  return Microseconds(google::protobuf::util::TimeUtil::DurationToMicroseconds(duration));
}

/// A source yet to be opened: a file source, or one topic of a Kafka source.
struct Planned {
  const v1::SourceConfig* config;
  std::string name, topic;
};

std::vector<Planned> planned(const v1::Config& config) {
  std::vector<Planned> out;
  for (const v1::SourceConfig& each : config.sources()) {
    v1::settings::Kafka kafka;
    if (!each.settings().UnpackTo(&kafka)) {
      out.push_back({&each, each.name(), {}});
      continue;
    }
    for (const std::string& topic : kafka.topics()) out.push_back({&each, kafka.topics_size() == 1 ? each.name() : each.name() + "/" + topic, topic});
  }
  return out;
}

Result<std::unique_ptr<Source>> make_source(const Planned& plan) {
  v1::settings::File file;
  v1::settings::Kafka kafka;
  if (plan.config->settings().UnpackTo(&file)) {
    return std::make_unique<ingest::FileSource>(plan.name, std::vector<std::string>(file.paths().begin(), file.paths().end()));
  }
  if (!plan.config->settings().UnpackTo(&kafka)) return bad_input(fmt::format("type `{}` is no source", plan.config->type()));
  TOCSIN_ASSIGN(auto source, ingest::KafkaSource::make(plan.name, kafka, plan.topic));
  return source;
}

Result<std::unique_ptr<ingest::Mapper>> make_mapper(const Planned& plan, const std::vector<v1::Mapping>& mappings, const sigma::RuleSet& rules, const SubjectKey& key) {
  const auto& names = plan.config->mappings();
  TOCSIN_ASSIGN(ingest::Mapper made, ingest::Mapper::make(mappings, rules.fields(), {.source = plan.name, .subject_key = key, .mappings = {names.begin(), names.end()}}));
  return std::make_unique<ingest::Mapper>(std::move(made));
}

}  // namespace

Result<std::vector<detect::DetectSource>> make_sources(const v1::Config& config, const std::vector<v1::Mapping>& mappings, const sigma::RuleSet& rules,
                                                       const SubjectKey& key) {
  TOCSIN_ASSIGN(auto mappers, make_mappers(config, mappings, rules, key));
  std::vector<detect::DetectSource> out;
  for (const Planned& plan : planned(config)) {
    auto source = make_source(plan);
    if (!source) return while_doing(fmt::format("source `{}`", plan.config->name()), std::move(source).error());
    out.push_back({std::move(*source), std::move(mappers[out.size()])});
  }
  return out;
}

Result<std::vector<std::unique_ptr<ingest::Mapper>>> make_mappers(const v1::Config& config, const std::vector<v1::Mapping>& mappings, const sigma::RuleSet& rules,
                                                                  const SubjectKey& key) {
  std::vector<std::unique_ptr<ingest::Mapper>> out;
  for (const Planned& plan : planned(config)) {
    auto mapper = make_mapper(plan, mappings, rules, key);
    if (!mapper) return while_doing(fmt::format("source `{}`", plan.config->name()), std::move(mapper).error());
    out.push_back(std::move(*mapper));
  }
  return out;
}

detect::DetectSettings detect_settings(const v1::Config& config) {
  detect::DetectSettings out;
  out.stage_one.lateness = micros(config.detect().lateness());
  out.stage_one.skew = micros(config.detect().skew());
  out.stage_one.idle_after = micros(config.detect().idle_after());
  out.batch_wait = std::chrono::duration_cast<std::chrono::milliseconds>(micros(config.detect().batch_wait()));
  return out;
}

}  // namespace tocsin::cli
