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

Result<std::vector<std::unique_ptr<Source>>> sources_of(const v1::SourceConfig& config) {
  std::vector<std::unique_ptr<Source>> out;
  v1::settings::File file;
  v1::settings::Kafka kafka;
  if (config.settings().UnpackTo(&file)) {
    out.push_back(std::make_unique<ingest::FileSource>(config.name(), std::vector<std::string>(file.paths().begin(), file.paths().end())));
  } else if (config.settings().UnpackTo(&kafka)) {
    for (const std::string& topic : kafka.topics()) {
      const std::string name = kafka.topics_size() == 1 ? config.name() : config.name() + "/" + topic;
      TOCSIN_ASSIGN(auto source, ingest::KafkaSource::make(name, kafka, topic));
      out.push_back(std::move(source));
    }
  } else {
    return bad_input(fmt::format("type `{}` is no source", config.type()));
  }
  return out;
}

}  // namespace

Result<std::vector<detect::DetectSource>> make_sources(const v1::Config& config, const Content& content, const SubjectKey& key) {
  std::vector<detect::DetectSource> out;
  for (const v1::SourceConfig& each : config.sources()) {
    auto sources = sources_of(each);
    if (!sources) return while_doing(fmt::format("source `{}`", each.name()), std::move(sources).error());
    for (auto& source : *sources) {
      auto mapper = ingest::Mapper::make(content.mappings, content.rules->fields(),
                                         {.source = source->name(), .subject_key = key, .mappings = {each.mappings().begin(), each.mappings().end()}});
      if (!mapper) return while_doing(fmt::format("source `{}`", each.name()), std::move(mapper).error());
      out.push_back({std::move(source), std::make_unique<ingest::Mapper>(std::move(*mapper))});
    }
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
