// event_reading.h: rules and mappings for the verbs that read files of events, without daemon, state or playbook.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/exit_code.h"
#include "daemon/ingest/mapper.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::cli {

/// Of a pack only its detections; everything else as it is. Empty: the installed pack's.
Reply<std::vector<std::string>> detection_paths(const std::vector<std::string>& paths);

/// A name of a mapping of the installed pack, or a path to a file or a folder of mappings; none: the flat mapping.
Reply<ingest::Mapper> mapper_of(const std::vector<std::string>& mappings, const FieldTable& fields);

/// not_found where a file is not there. No file at all is standard input.
Reply<std::vector<std::string>> event_files(std::vector<std::string> files);

}  // namespace tocsin::cli
