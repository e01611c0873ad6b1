// hit_lines.h: what `tocsin match` prints, from pieces that are ready before the first event.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/detect/line_buffer.h"
#include "daemon/sigma/correlate/stream.h"
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
  /// The same line for one moment. Aggregates are called `value`. Returns how many it wrote: none for one that only feeds another.
  std::size_t add(const sigma::StreamHit& hit, const Event& event);

 private:
  char* write_hit(const sigma::StreamHit& hit, char* to);
  char* write_time(std::int64_t micros, char* to);

  const sigma::RuleSet& rules_;
  LineBuffer& out_;
  std::vector<std::string> tails_;   ///< Per rule, behind the number; empty: prints nothing.
  std::string head_;                 ///< Before the number.
  struct Correlation {
    std::vector<std::string> fields; ///< Before each value of the group,
    std::string rest;                ///< and between the time and the count.
    std::size_t bytes = 0;           ///< Of all these.
    bool alerts = false;
  };
  std::vector<Correlation> correlations_;   ///< Per rule.
  std::string line_;
  std::optional<std::int64_t> micros_;   ///< Of the time written last: an event's lines share it.
  RfcRoom time_{};
  std::size_t time_bytes_ = 0;
};

}  // namespace tocsin::detect
