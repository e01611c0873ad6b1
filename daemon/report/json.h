// json.h: the facts of a report for machines.
#pragma once

#include <string>

#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

inline constexpr const char* kJsonName = "tocsin-report.json";   ///< The attachment's name.

/// Protobuf JSON with proto names, indented, in the order of the proto: the same report gives the same bytes.
std::string json_of(const v1::Report& report);

}  // namespace tocsin::report
