// types.cpp: the table of correlation types.
#include "daemon/sigma/correlate/types.h"

#include "daemon/base/promise.h"

namespace tocsin::sigma {
namespace {

constexpr CorrelationType kTypes[] = {
    {"absence", Counting::extension, true},        {"baseline", Counting::extension, true},
    {"event_count", Counting::events, true},        {"first_seen", Counting::extension, true},
    {"temporal", Counting::rules, true},            {"temporal_ordered", Counting::sequence, true},
    {"value_avg", Counting::numbers, true},         {"value_count", Counting::values, true},
    {"value_median", Counting::numbers, true},      {"value_percentile", Counting::numbers, true},
    {"value_sum", Counting::numbers, true},
};

const CorrelationType* find_row(std::string_view name) {
  for (const CorrelationType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace

std::span<const CorrelationType> correlation_types() { return kTypes; }

const CorrelationType* find_correlation_type(std::string_view name) {
  const CorrelationType* row = find_row(name);
  return row == nullptr || row->counting == Counting::extension ? nullptr : row;
}

const CorrelationType& extension_type(std::string_view name) {
  const CorrelationType* row = find_row(name);
  TOCSIN_ASSERT(row != nullptr && row->counting == Counting::extension);
  return *row;
}

}  // namespace tocsin::sigma
