// facts.h: one incident as the content items of a regulator's form, each with how sure we are.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/law/facts.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/jurisdiction.pb.h"
#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

struct DrawUp {
  const v1::Incident& incident;
  const v1::Organisation& organisation;
  const v1::Jurisdiction& jurisdiction;
  std::string phase = "initial";           ///< initial | supplement | final
  std::string language = "en";             ///< zh-CN | en
  Instant drawn_up_at{};
  law::Answers answers{};                  ///< What people answered; see law/facts.h.
  std::vector<std::string> clear_values{}; ///< Beside the incident's group: texts of its evidence that must not appear.
};

/// Pure. The obligations are computed here, and those not triggered are left out. Free text that people wrote and clear values
/// of the group are never taken over. bad_input for an unknown phase, language or jurisdiction form; refused where a clear
/// value would appear.
Result<v1::Report> make_report(const DrawUp& order);

}  // namespace tocsin::report
