// match_lines.h: lines of events in, lines of hits out, as fast as one core goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/detect/bucket_alerts.h"
#include "daemon/detect/hit_lines.h"
#include "daemon/ingest/line_blocks.h"
#include "daemon/ingest/mapper.h"
#include "daemon/sigma/engine/matcher.h"

namespace tocsin::detect {

/// When a correlation that holds is told.
enum class Refire : std::uint8_t {
  bucket,  ///< Once for each group and bucket, with final numbers: the fold's alerts.
  every,   ///< At each event at which it holds, in the order of arrival.
};

struct MatchSettings {
  sigma::Matcher::Routing routing = sigma::Matcher::Routing::log_source;
  Refire refire = Refire::bucket;
  /// Of correlations. Without it `bucket` waits for the end with everything, and `every` takes ten minutes.
  std::optional<Microseconds> lateness;
  std::uint64_t seed = 0;                 ///< See StreamSettings.
};

struct MatchCounts {
  std::int64_t lines = 0;    ///< Without empty ones.
  std::int64_t dead = 0;     ///< Lines that gave no event.
  std::int64_t events = 0;
  std::int64_t matches = 0;  ///< Lines written for detections,
  std::int64_t alerts = 0;   ///< and for correlations.
  std::int64_t late = 0;     ///< Times that a correlation of `every`, or events that those of `bucket`, refused as too late,
  std::int64_t given_up = 0; ///< or, also of `bucket`, gave up a group or an event for want of memory.
  std::int64_t timeless = 0; ///< Events that no correlation could count, since they do not say when they happened.
};

/// Reads files one after the other. Used from one thread; in steady state a line allocates nothing.
class MatchLines {
 public:
  /// `hits` takes what was found; `complaints` takes `file:line: reason`, one for each dead line. `mapper` outlives this.
  MatchLines(std::shared_ptr<const sigma::RuleSet> rules, ingest::Mapper& mapper, const MatchSettings& settings, LineBuffer::Write hits,
             LineBuffer::Write complaints);
  MatchLines(const MatchLines&) = delete;   ///< Its parts point at one another.
  MatchLines& operator=(const MatchLines&) = delete;

  /// All lines of one file, `-` for standard input. With `named` each hit tells its file. unavailable where reading or writing stops.
  Result<void> read(const std::string& path, bool named);
  /// Nothing more comes: the alerts that waited for the end.
  Result<void> close();

  const MatchCounts& counts() const { return counts_; }

 private:
  void take(std::string_view line, std::int64_t number);
  void correlate(Event& event, std::span<const std::uint32_t> found, std::int64_t number);
  void complain_of_many(std::int64_t number);
  void complain(std::int64_t number, std::string_view reason, std::string_view detail);
  Result<void> flush();

  sigma::Matcher matcher_;
  ingest::Mapper& mapper_;
  LineBuffer hits_, complaints_;
  HitLines lines_;
  std::optional<BucketAlerts> alerts_;
  std::optional<sigma::Stream> stream_;
  std::vector<std::uint32_t> bases_;
  sigma::Stream::Give give_;
  const Event* counted_ = nullptr;   ///< By the stream, while it gives.
  MatchCounts counts_;
  Record record_;
  std::vector<Event> events_;
  ingest::DeadLetter dead_;
};

}  // namespace tocsin::detect
