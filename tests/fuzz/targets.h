// targets.h: what is fuzzed. A target takes any bytes and returns; what must hold of them it asserts.
#pragma once

#include <span>
#include <string_view>

namespace tocsin::fuzz {

using Run = void(std::string_view bytes);

Run condition;         ///< Any text as the condition of a detection.
Run decode_json;       ///< Any bytes as a JSON record: our verdict and simdjson's must agree, value by value.
Run decode_protobuf;   ///< Any bytes as an AccessEvent: the nodes are well nested.
Run mapping_file;      ///< Any text as a mapping; one that is taken maps a document, and no field is another's.
Run match;             ///< Bytes choose rules and events of a small world: the engine answers like the plain walk over the rules.
Run rule_yaml;         ///< Any text as a rule file; one that is taken matches an event.

struct Target {
  std::string_view name;
  Run* run;
};

/// Sorted by name.
std::span<const Target> targets();

}  // namespace tocsin::fuzz
