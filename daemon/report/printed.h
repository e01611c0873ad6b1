// printed.h: every leaf of a report beside the text that the page shows for it.
#pragma once

#include <string>
#include <vector>

#include "daemon/report/words.h"
#include "tocsin/v1/report.pb.h"

namespace tocsin::report {

struct PrintedLeaf {
  std::string path;   ///< sections[1].items[0].value
  std::string raw;    ///< As in the JSON.
  std::string text;   ///< As on the page.
};

/// All leaves that the JSON writes, in its order.
std::vector<PrintedLeaf> printed_leaves(const v1::Report& report);

Language language_of(const v1::Report& report);
std::string certainty_text(v1::Certainty certainty, Language language);

}  // namespace tocsin::report
