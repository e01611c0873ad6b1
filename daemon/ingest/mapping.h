// mapping.h: one mapping file, checked and compiled: which path fills which slot.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/decoders/decoders.h"
#include "daemon/ingest/log_source_cases.h"
#include "daemon/ingest/paths.h"
#include "daemon/model/event.h"
#include "daemon/model/record.h"
#include "daemon/model/subject.h"
#include "tocsin/v1/mapping.pb.h"

namespace tocsin::ingest {

/// Reads one file; bad_input with carets.
Result<v1::Mapping> load_mapping(const std::string& path);
/// The files of these paths (files, or folders with their *.yml), sorted by mapping name, names unique.
Result<std::vector<v1::Mapping>> load_mappings(const std::vector<std::string>& paths);

/// Immutable, any thread.
class Mapping {
 public:
  static Result<Mapping> compile(v1::Mapping from, const FieldTable& fields);

  const v1::Mapping& source() const { return *source_; }
  Decode* decode() const { return decode_; }
  const Paths& paths() const { return paths_; }
  const LogSourceCases& log_source_cases() const { return cases_; }
  bool matches(const Record& record, const Document& document) const;
  /// Microseconds east of UTC for zone-less texts, where the mapping gives a zone.
  const std::optional<Microseconds>& zone() const { return zone_; }
  const std::string* renamed(FieldTable::Slot slot, std::string_view value) const;
  bool renames(FieldTable::Slot slot) const { return slot < enums_.size() && enums_[slot] != nullptr; }
  FieldTable::Slot difference_slot(std::size_t i) const { return difference_slots_[i]; }

 private:
  std::unique_ptr<v1::Mapping> source_;   ///< Views of events point into it, and it stays where it is.
  Decode* decode_ = nullptr;
  Paths paths_;
  LogSourceCases cases_;
  std::optional<Microseconds> zone_;
  std::vector<const v1::EnumTable*> enums_;          ///< By slot.
  std::vector<FieldTable::Slot> difference_slots_;
};

}  // namespace tocsin::ingest
