// hit_lines.h: what `tocsin match` prints, from pieces that are ready before the first event.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "daemon/detect/line_buffer.h"
#include "daemon/sigma/rule_set.h"
#include "tocsin/v1/alert.pb.h"

namespace tocsin::detect {

/// `{"event":N,"rule":"…","title":"…","level":"…"}` for detections that alert, and for correlations
/// `{"correlation":"…","title":"…","level":"…","group":{…},"time":"…","count":…}`. Used from one thread.
class HitLines {
 public:
  /// `file` is named on every line where it is not empty: of several files each counts its own lines.
  HitLines(const sigma::RuleSet& rules, LineBuffer& out);
  void set_file(std::string_view file);

  /// Lines for the rules at these places; bases that only feed a correlation have none. Returns how many it wrote.
  std::size_t add(std::int64_t line, std::span<const std::uint32_t> found);
  void add(const v1::Alert& alert);

 private:
  const sigma::RuleSet& rules_;
  LineBuffer& out_;
  std::vector<std::string> tails_;   ///< Per rule, behind the number; empty: prints nothing.
  std::string head_;                 ///< Before the number.
};

}  // namespace tocsin::detect
