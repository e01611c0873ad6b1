// draw.h: a report as pages with a structure, before they are PDF/A.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/report/pdf/tags.h"
#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

struct Drawing {
  std::string pdf;         ///< What cairo wrote.
  std::vector<Tag> tags;   ///< In the order of its structure tree.
};

/// `json_hash` stands in the foot of every page. bad_input for a text that cannot be set.
Result<Drawing> draw(const v1::Report& report, const std::string& json_hash);

}  // namespace tocsin::report
