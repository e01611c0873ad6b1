// sources.h: the configured sources as detection reads them.
#pragma once

#include <vector>

#include "daemon/base/result.h"
#include "daemon/cli/content.h"
#include "daemon/detect/detector.h"
#include "daemon/model/subject.h"
#include "tocsin/v1/config.pb.h"

namespace tocsin::cli {

/// One per file source, one per topic of a Kafka source (`<name>/<topic>` where it has several). Nothing is contacted. What
/// is made refers to `rules`, which must outlive it.
Result<std::vector<detect::DetectSource>> make_sources(const v1::Config& config, const std::vector<v1::Mapping>& mappings, const sigma::RuleSet& rules,
                                                       const SubjectKey& key);

/// The mappers alone, in the order of those sources: for rules that take over while the sources are read.
Result<std::vector<std::unique_ptr<ingest::Mapper>>> make_mappers(const v1::Config& config, const std::vector<v1::Mapping>& mappings, const sigma::RuleSet& rules,
                                                                  const SubjectKey& key);

detect::DetectSettings detect_settings(const v1::Config& config);

}  // namespace tocsin::cli
