// types.cpp: the table of correlation types.
#include "daemon/sigma/correlate/types.h"

#include "daemon/sigma/correlate/event_count.h"
#include "daemon/sigma/correlate/value_count.h"

namespace tocsin::sigma {
namespace {

constexpr CorrelationType kTypes[] = {
    {"event_count", false, event_count_values, event_count_what},
    {"value_count", true, value_count_values, value_count_what},
};

}  // namespace

std::span<const CorrelationType> correlation_types() { return kTypes; }

const CorrelationType* find_correlation_type(std::string_view name) {
  for (const CorrelationType& type : kTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace tocsin::sigma
