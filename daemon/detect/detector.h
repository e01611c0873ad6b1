// detector.h: the loop of the detect plane: poll → stage one → sync → stage two, one thread for all sources.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/metrics.h"
#include "daemon/detect/recovery.h"
#include "daemon/detect/snapshot.h"
#include "daemon/detect/stage_one.h"
#include "daemon/detect/stage_two.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/source.h"
#include "daemon/log/match_log.h"
#include "tocsin/v1/service.pb.h"

namespace tocsin::detect {

struct DetectSettings {
  StageOneSettings stage_one;
  std::chrono::milliseconds batch_wait = limits::kBatchWait;
  std::size_t batch_records = limits::kBatchRecordsMax;
  Microseconds commit_every = std::chrono::seconds(1);      ///< Of counters alone; effects are committed at once.
  Microseconds snapshot_every = std::chrono::seconds(60);
  std::int64_t snapshot_records = 1'000'000;                ///< Whichever comes first.
};

/// A source and how its records are read.
struct DetectSource {
  std::unique_ptr<Source> source;
  std::unique_ptr<ingest::Mapper> mapper;
};

/// The world of a detector. References must outlive it.
struct DetectParts {
  store::Store& store;
  casebook::Casebook& casebook;
  MatchLog& log;
  const Snapshots& snapshots;
  std::shared_ptr<const sigma::RuleSet> rules;
  const Clock& clock;
  Metrics& metrics;
  Log& say;
};

/// Rules that take over from those in use.
struct NewRules {
  std::shared_ptr<const sigma::LiveEngine> engine;
  std::vector<std::unique_ptr<ingest::Mapper>> mappers;   ///< For their fields; one a source, in the order of the sources.
};

/// A source as status shows it.
struct SourceStatus {
  std::string name;
  bool running = true;
  std::string reason;                            ///< Why it is stopped, or waits.
  std::map<std::int32_t, std::int64_t> ends;     ///< First offset not yet written, where the source knows.
};

/// One thread calls step or run; status and replay_dead_letters may be called from any.
class Detector {
 public:
  /// Recovers, opens the sources where the log's marks say, and logs where this run begins. A source that does not answer is
  /// tried again later; one that refuses is stopped and shows it. bad_input: the configuration; refused: recovery will not.
  static Result<std::unique_ptr<Detector>> start(DetectParts parts, std::vector<DetectSource> sources, DetectSettings settings);

  /// One round over the sources. True where anything was read. An error ends the detector: it must be started anew.
  Result<bool> step();
  /// Until `stop`, or an error. After a clean stop everything read is committed and in a snapshot.
  Result<void> run(const std::atomic<bool>& stop);
  /// Every source has given all it ever will, and it is committed.
  bool exhausted() const;

  std::vector<SourceStatus> status() const;
  /// Decodes dead letters again (empty: all sources, all reasons), in the detector's thread. Waits for it; unavailable where the
  /// detector does not run or is over.
  Result<v1::ReplayDeadLettersResponse> replay_dead_letters(std::string source, std::string reason);

  /// Goes on with other rules, between two batches and in the detector's thread: nothing is read twice or left out.
  /// Correlations that did not change keep their windows (see Fold::inherit()). unavailable as for replay_dead_letters.
  Result<void> follow(NewRules rules);
  /// What a compile of the next rules can build on.
  std::shared_ptr<const sigma::LiveEngine> engine() const;

  const Recovered& recovered() const { return recovered_; }
  const StageTwo& stage_two() const { return recovered_.stage_two; }
  /// Commits what waits and writes a snapshot.
  Result<void> settle();

 private:
  struct Reader {
    std::unique_ptr<Source> source;
    std::unique_ptr<ingest::Mapper> mapper;
    std::unique_ptr<StageOne> stage_one;
    std::vector<Mark> stored;          ///< Where the log says that this source stands.
    bool open = false;
    bool ended = false;                ///< The source is exhausted, and the log knows it.
    bool counted_running = false;
    Microseconds backoff{};
    Instant next_try{};
    Instant last_tick{};
    SourceStatus status;
  };
  /// What another thread wants done in the detector's.
  struct Order {
    std::function<Result<void>()> carry_out;         ///< Answers whoever waits. An error ends the detector.
    std::function<void(const std::string& why)> turn_down;
  };

  Detector(DetectParts parts, DetectSettings settings, Recovered recovered);
  Result<void> open_sources(std::vector<DetectSource> sources);
  bool all_ended() const;
  /// True where nothing waits for a disk or a store that did not answer.
  Result<bool> catch_up();
  /// Asks the source for its partitions and logs where this run begins.
  Result<void> open(Reader& reader, Frames& out);
  Result<bool> read_from(Reader& reader, std::chrono::milliseconds wait);
  /// What a poll gave, or why it did not.
  Result<bool> poll(Reader& reader, std::chrono::milliseconds wait, Frames& out);
  void source_answered(Reader& reader);
  void source_failed(Reader& reader, const Error& error);
  Result<void> append(Frames&& frames);
  /// False, and a reason in `waiting_`, where the answer was `unavailable`.
  Result<bool> is_done(const Result<void>& outcome, std::string_view what);
  Result<void> commit();
  Result<void> snapshot_if_due();
  Result<void> take_snapshot();
  void drop_old_log(LogOffset older_snapshot);
  /// Has `work` done in the detector's thread, and waits for it.
  template <typename T>
  Result<T> order(std::function<Result<T>()> work);
  Result<void> serve_orders();
  Result<v1::ReplayDeadLettersResponse> replay(const std::string& source, const std::string& reason);
  Result<void> take_over(NewRules& rules);
  void end(const Error& error);
  void count() const;

  DetectParts parts_;
  DetectSettings settings_;
  Recovered recovered_;
  std::vector<Reader> readers_;
  Frames unsynced_;                                  ///< Appended, and not known to be durable: not folded.
  std::string waiting_;                              ///< What the disk or the store said; empty while all is well.
  Instant last_commit_{}, last_snapshot_{};
  std::set<std::string> degraded_;           ///< Correlations whose memory limit was said.
  std::int64_t records_since_snapshot_ = 0;
  LogOffset snapshot_at_ = 0;
  bool snapshot_of_other_rules_ = false;             ///< The one at snapshot_at_: a start would have to build the windows anew.
  std::deque<std::pair<Instant, LogOffset>> past_;   ///< Where the log ended when: changed rules need that much of it.
  bool busy_ = false;

  mutable std::mutex mutex_;                         ///< Guards what follows, and the readers' statuses.
  std::condition_variable wake_;
  std::shared_ptr<const sigma::LiveEngine> engine_;
  std::deque<Order> orders_;
  std::string over_;                                 ///< Why the detector ended.
};

}  // namespace tocsin::detect
