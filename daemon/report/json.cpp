// json.cpp: a report as protobuf JSON.
#include "daemon/report/json.h"

#include "daemon/base/json.h"

namespace tocsin::report {

std::string json_of(const v1::Report& report) { return to_json(report, {.pretty = true}); }

}  // namespace tocsin::report
