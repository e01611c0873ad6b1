// event_reading.h: rules and mappings for the verbs that read files of events, without daemon, state or playbook.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/rule_words.h"
#include "daemon/ingest/mapper.h"
#include "daemon/sigma/engine/matcher.h"

namespace tocsin::cli {

/// The options that these verbs share.
struct EventWords : RuleWords {
  std::vector<std::string> mappings;
  sigma::Matcher::Routing routing = sigma::Matcher::Routing::log_source;
};
void add_event_options(CLI::App& verb, EventWords& words);

/// Of a pack only its detections; any other folder or file as it is. None named: the installed pack's.
Reply<std::vector<std::string>> detection_paths(const std::vector<std::string>& paths);
/// The values of `%name%` that come with a pack, of these paths or installed; none where it has no folder `placeholders`.
std::vector<std::string> pack_placeholders(const std::vector<std::string>& paths);
/// The rules that can be run; why the others cannot is said on stderr. With `strict`, and where none is left, it is an error.
Reply<std::shared_ptr<const sigma::RuleSet>> load_event_rules(const Call& call, const EventWords& words);

struct EventMappings {
  std::vector<v1::Mapping> all;
  std::vector<std::string> chosen;   ///< Names, in the order in which they are tried.
};
/// Each word is a path to a file or a folder of mappings, or the name of a mapping of the installed pack.
Reply<EventMappings> load_event_mappings(const std::vector<std::string>& words);

/// None named: the flat mapping.
Reply<ingest::Mapper> mapper_of(const std::vector<std::string>& mappings, const FieldTable& fields);

/// not_found where a file is not there. No file at all is standard input.
Reply<std::vector<std::string>> event_files(std::vector<std::string> files);

}  // namespace tocsin::cli
