// mapping_test_runner.h: runs the samples that stand inside mapping files, with the production mapper.
#pragma once

#include <string>
#include <vector>

#include "daemon/ingest/mapping.h"

namespace tocsin::ingest {

struct SampleOutcome {
  std::string mapping, sample;
  std::string difference;   ///< Empty: as expected. Else what came instead, line by line.
};

/// One outcome per sample. bad_input where the mapping does not compile, or has no sample.
Result<std::vector<SampleOutcome>> run_samples(const v1::Mapping& mapping);

}  // namespace tocsin::ingest
