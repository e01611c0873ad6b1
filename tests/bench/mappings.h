// mappings.h: the mapping that a benchmark names.
#pragma once

#include "daemon/ingest/flat_mapping.h"
#include "daemon/ingest/mapping.h"
#include "tests/bench/bench.h"

namespace tocsin::bench {

/// `flat`, or the file of this name below rules/mappings.
inline std::vector<v1::Mapping> mappings_of(const std::string& name) {
  if (name == "flat") return {ingest::flat_mapping()};
  return must(ingest::load_mappings({std::string(TOCSIN_SOURCE_DIR) + "/rules/mappings/" + name + ".yml"}));
}

}  // namespace tocsin::bench
