// finish.h: the post-pass that makes cairo's pages a PDF/A-3a and PDF/UA-1 file with its facts inside.
#pragma once

#include <string>

#include "daemon/base/result.h"
#include "daemon/report/pdf/draw.h"

namespace tocsin::report {

/// The same drawing and JSON give the same bytes. unavailable where the structure is not the one that was drawn.
Result<std::string> finish(const Drawing& drawing, const v1::Report& report, const std::string& json, const std::string& json_hash);

}  // namespace tocsin::report
