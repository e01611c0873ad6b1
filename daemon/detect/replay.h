// replay.h: the detect plane over records that end, without broker, log or store; and the form in which two runs are compared.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/limits.h"
#include "daemon/casebook/plan.h"
#include "daemon/detect/correlator.h"
#include "daemon/detect/stage_one.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/source.h"
#include "daemon/store/store.h"
#include "tocsin/v1/alert.pb.h"

namespace tocsin::detect {

struct ReplaySettings {
  std::string tenant = "default";
  StageOneSettings stage_one;
  std::size_t batch_records = limits::kBatchRecordsMax;
};

/// The final state: nothing more comes, so every number is final.
struct Replayed {
  std::vector<v1::Alert> alerts;                               ///< By id.
  std::map<std::string, std::set<std::string>> affected;       ///< By alert id: refs as 32 hex digits.
  std::map<PartitionKey, store::PartitionRow> partitions;
  std::vector<store::DeadLetterRow> dead_letters;
};

/// Reads the source to its end through the same stage one and fold as the daemon does. A source that is not there, or does not
/// answer, is its error.
Result<Replayed> replay(Source& source, ingest::Mapper& mapper, std::shared_ptr<const sigma::RuleSet> rules, const Clock& clock,
                        const ReplaySettings& settings);

/// One alert a line: protobuf JSON, and `affected`, the sorted refs.
std::string to_ndjson(const Replayed& replayed);

/// What must be the same whatever the order of arrival, one JSON a line, sorted: alerts (id, rule, group, bucket), and per
/// group that incidents are named by the union of the affected people.
std::string canonical(const Replayed& replayed, const casebook::Plan& plan);
Result<std::string> canonical(store::Store& store, const casebook::Plan& plan);

}  // namespace tocsin::detect
