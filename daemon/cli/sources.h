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
/// is made refers to `content.rules`, which must outlive it.
Result<std::vector<detect::DetectSource>> make_sources(const v1::Config& config, const Content& content, const SubjectKey& key);

detect::DetectSettings detect_settings(const v1::Config& config);

}  // namespace tocsin::cli
