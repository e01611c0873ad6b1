// dates.h: moments in words, with their zone.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>

#include "daemon/base/clock.h"
#include "daemon/report/words.h"

namespace tocsin::report {

/// "24 November 2026, 10:00 (UTC+08:00)" or "2026年11月24日 10:00（UTC+08:00）"; seconds where they are not zero.
/// An unknown zone counts as UTC.
std::string date_text(Instant at, const std::string& zone, Language language);
std::string date_text(const google::protobuf::Timestamp& at, const std::string& zone, Language language);

}  // namespace tocsin::report
