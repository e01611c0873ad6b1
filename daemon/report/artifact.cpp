// artifact.cpp: facts → JSON → pages → finished file.
#include "daemon/report/artifact.h"

#include <stdlib.h>

#include "daemon/base/hash.h"
#include "daemon/report/json.h"
#include "daemon/report/pdf/draw.h"
#include "daemon/report/pdf/finish.h"

namespace tocsin::report {

Result<Artifact> render(const v1::Report& report) {
  Artifact artifact;
  artifact.json = json_of(report);
  const std::string hash = sha256_hex(artifact.json);
  auto drawing = draw(report, hash);
  if (!drawing) return while_doing(fmt::format("drawing report {}", report.report_id()), drawing.error());
  TOCSIN_ASSIGN(artifact.pdf, finish(*drawing, report, artifact.json, hash));
  return artifact;
}

void ready_process() {
  ::unsetenv("PANGO_LANGUAGE");
  ::unsetenv("LANGUAGE");
}

}  // namespace tocsin::report
