// artifact.h: a report as the two files that a regulator receives: JSON, and a PDF that carries the same JSON.
#pragma once

#include <string>

#include "daemon/base/result.h"
#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

struct Artifact {
  std::string json;
  std::string pdf;   ///< PDF/A-3a and PDF/UA-1.
};

/// The same report gives the same bytes. bad_input for a text that cannot be set (a character without a glyph is an error,
/// never a gap); unavailable where fonts or the colour profile are not installed. Reads the environment's PANGO_LANGUAGE and
/// LANGUAGE through pango: daemons unset them at start (see ready_process).
Result<Artifact> render(const v1::Report& report);

/// Call once at the start of a process that renders, before any thread: two variables would change the bytes.
void ready_process();

}  // namespace tocsin::report
