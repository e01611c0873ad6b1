// guard.h: the last look before a report leaves: no clear value of the incident may stand in it.
#pragma once

#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "tocsin/v1/incident.pb.h"
#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

/// The values of the incident's group (an account, a partner, an address).
std::vector<std::string> clear_values_of(const v1::Incident& incident);

/// refused where a value stands in any text as a whole word, in any case of ASCII letters; the error names the place, not the
/// value. `blank` is the same report without the incident's and the organisation's own texts: a value that stands there as
/// well ("one", "account") is a plain word of the form. Values of fewer than three bytes are not looked for.
Result<void> check_no_clear_values(const v1::Report& report, const v1::Report& blank, const std::vector<std::string>& values);

}  // namespace tocsin::report
