// detector.cpp: the order in which records become durable, then folded, then stored; and what happens when one of them fails.
#include "daemon/detect/detector.h"

#include <utility>

#include "daemon/base/failpoint.h"

namespace tocsin::detect {
namespace {

constexpr Microseconds kBackoffMin = std::chrono::milliseconds(100);
constexpr Microseconds kBackoffMax = std::chrono::seconds(10);
constexpr Microseconds kTickEvery = std::chrono::seconds(1);

v1::LogFrame idle_marker(const store::PartitionRow& row, Instant now) {
  v1::LogFrame out;
  v1::ProgressFrame& frame = *out.mutable_progress();
  frame.set_source(row.source);
  frame.set_partition(row.partition);
  frame.set_start(row.start);
  frame.set_next(row.next);
  frame.set_max_event_time(row.max_event_time);
  frame.set_wall_time(micros_of(now));
  frame.set_idle(true);
  frame.set_record_hash(row.record_hash);
  return out;
}

}  // namespace

Detector::Detector(DetectParts parts, DetectSettings settings, Recovered recovered)
    : parts_(std::move(parts)), settings_(settings), recovered_(std::move(recovered)), snapshot_at_(recovered_.from) {
  last_commit_ = last_snapshot_ = parts_.clock.now();
}

Result<std::unique_ptr<Detector>> Detector::start(DetectParts parts, std::vector<DetectSource> sources, DetectSettings settings) {
  Result<Recovered> recovered =
      recover(parts.store, parts.casebook, parts.log, parts.snapshots, parts.rules, {.lateness = settings.stage_one.lateness}, parts.say);
  if (!recovered) return while_doing("recovering detection", std::move(recovered).error());
  parts.say.info("detection recovered", {{"from", recovered->from},
                                         {"log_end", parts.log.end()},
                                         {"frames", recovered->frames},
                                         {"alerts_compared", recovered->compared},
                                         {"alerts_stored", recovered->emitted}});
  std::unique_ptr<Detector> detector(new Detector(std::move(parts), settings, std::move(*recovered)));
  TOCSIN_TRY(detector->open_sources(std::move(sources)));
  return detector;
}

Result<void> Detector::open_sources(std::vector<DetectSource> sources) {
  std::map<std::string, std::vector<Mark>> marks;
  for (const auto& [key, row] : recovered_.stage_two.correlator().partitions()) {
    marks[row.source].push_back({row.partition, row.start, row.next, row.max_event_time, row.record_hash});
  }
  engine_ = sigma::LiveEngine::compile(parts_.rules);   // Once for all sources.
  Frames frames;
  for (DetectSource& each : sources) {
    Reader& reader = readers_.emplace_back();
    reader.source = std::move(each.source);
    reader.mapper = std::move(each.mapper);
    const std::string& name = reader.source->name();
    reader.status.name = name;
    reader.stage_one = std::make_unique<StageOne>(name, *reader.mapper, sigma::LiveMatcher(engine_), parts_.clock, settings_.stage_one);
    reader.stored = marks[name];
    if (Result<void> opened = open(reader, frames); !opened) {
      if (opened.error().kind == ErrorKind::bad_input) return opened;
      source_failed(reader, opened.error());
    }
    marks.erase(name);
  }
  // A source that was taken out of the configuration must not hold the watermark for ever.
  for (const auto& [key, row] : recovered_.stage_two.correlator().partitions()) {
    if (marks.contains(row.source)) frames.push_back(idle_marker(row, parts_.clock.now()));
  }
  TOCSIN_TRY(append(std::move(frames)));
  TOCSIN_TRY(catch_up());
  return {};
}

Result<void> Detector::append(Frames&& frames) {
  std::string bytes;
  for (v1::LogFrame& frame : frames) {
    bytes.clear();
    frame.SerializeToString(&bytes);
    TOCSIN_TRY(parts_.log.append(bytes));
    unsynced_.push_back(std::move(frame));
  }
  return {};
}

Result<bool> Detector::is_done(const Result<void>& outcome, std::string_view what) {
  if (outcome) {
    if (!waiting_.empty()) parts_.say.info("detection goes on", {{"what", what}});
    waiting_.clear();
    return true;
  }
  if (outcome.error().kind != ErrorKind::unavailable) return while_doing(what, outcome.error());
  if (waiting_.empty()) parts_.say.warn("detection waits", {{"what", what}, {"why", outcome.error().text}});
  waiting_ = outcome.error().text;
  return false;
}

Result<bool> Detector::catch_up() {
  StageTwo& two = recovered_.stage_two;
  if (!unsynced_.empty()) {
    const Result<LogOffset> synced = parts_.log.sync();
    TOCSIN_ASSIGN(const bool durable, is_done(synced ? Result<void>() : Result<void>(Failure(synced.error())), "writing the match log"));
    if (!durable) return false;
    TOCSIN_TRY(two.take(std::exchange(unsynced_, {})));
  }
  // Counters alone wait a second for company, but not where none can come.
  const bool due = two.has_effects() || (two.has_pending() && (all_ended() || parts_.clock.now() - last_commit_ >= settings_.commit_every));
  if (!due) return true;
  return is_done(commit(), "storing effects");
}

Result<void> Detector::commit() {
  StageTwo& two = recovered_.stage_two;
  const auto began = std::chrono::steady_clock::now();
  const StageTwoCounts before = two.counts();
  Result<void> done = two.commit(parts_.log.end());
  const StageTwoCounts& now = two.counts();
  if (now.unbalanced > before.unbalanced) {
    parts_.say.error("accounting is broken: applied + late + dead + gap is not next - start");
    parts_.metrics.add("tocsin_invariant_breaches_total", static_cast<double>(now.unbalanced - before.unbalanced), {{"invariant", "accounting"}});
  }
  if (now.known_alerts > before.known_alerts) {
    parts_.say.error("an alert was proved for the first time, but the store holds it already", {{"alerts", now.known_alerts - before.known_alerts}});
    parts_.metrics.add("tocsin_invariant_breaches_total", static_cast<double>(now.known_alerts - before.known_alerts), {{"invariant", "alert_once"}});
  }
  TOCSIN_TRY(std::move(done));
  last_commit_ = parts_.clock.now();
  parts_.metrics.observe("tocsin_commit_seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  count();
  for (const auto& [rule, dropped] : two.correlator().fold().dropped()) {
    if (!degraded_.insert(rule).second) continue;
    parts_.say.error("a correlation has met its memory limit: its oldest matches are dropped, and its counts may be too small", {{"rule", rule}, {"dropped", dropped}});
  }
  return {};
}

Result<bool> Detector::step() {
  Result<bool> outcome = [&]() -> Result<bool> {
    TOCSIN_TRY(serve_orders());
    TOCSIN_ASSIGN(const bool clear, catch_up());
    // Backpressure is not polling: the broker keeps what we do not take.
    if (!clear) return false;
    bool any = false;
    const auto wait = busy_ || readers_.empty() ? std::chrono::milliseconds(0) : settings_.batch_wait / static_cast<int>(readers_.size());
    for (Reader& reader : readers_) {
      TOCSIN_ASSIGN(const bool read, read_from(reader, wait));
      any |= read;
      TOCSIN_ASSIGN(const bool still_clear, catch_up());
      if (!still_clear) return any;
    }
    busy_ = any;
    TOCSIN_TRY(snapshot_if_due());
    return any;
  }();
  if (!outcome) end(outcome.error());
  return outcome;
}

Result<void> Detector::open(Reader& reader, Frames& out) {
  std::vector<StartAt> places;
  // The record before our place comes once more, so that its hash can say whether the source is still the same one.
  for (const Mark& mark : reader.stored) {
    const bool proof = mark.record_hash != 0 && mark.next > mark.start;
    places.push_back({mark.partition, proof ? mark.next - 1 : mark.next, proof});
  }
  Result<std::vector<StartAt>> starts = reader.source->open(places);
  if (!starts) return while_doing(fmt::format("opening source {}", reader.status.name), std::move(starts).error());
  reader.stage_one->begin(reader.stored, *starts, out);
  reader.open = true;
  return {};
}

Result<bool> Detector::poll(Reader& reader, std::chrono::milliseconds wait, Frames& out) {
  if (!reader.open) TOCSIN_TRY(open(reader, out));
  TOCSIN_ASSIGN(const Batch batch, reader.source->poll(settings_.batch_records, wait));
  TOCSIN_TRY(reader.stage_one->take(batch, out));
  records_since_snapshot_ += static_cast<std::int64_t>(batch.records.size());
  const std::lock_guard lock(mutex_);
  for (const PartitionState& state : batch.partitions) reader.status.ends[state.partition] = state.end;
  return !batch.records.empty();
}

Result<bool> Detector::read_from(Reader& reader, std::chrono::milliseconds wait) {
  const Instant now = parts_.clock.now();
  Frames frames;
  bool any = false;
  bool has_ended = false;
  if (reader.status.running && !reader.ended && now >= reader.next_try) {
    if (const Result<bool> polled = poll(reader, wait, frames); polled) {
      any = *polled;
      source_answered(reader);
      reader.ended = has_ended = reader.source->exhausted();
    } else {
      source_failed(reader, polled.error());
    }
  }
  if (reader.open && (has_ended || now - reader.last_tick >= kTickEvery)) {
    reader.last_tick = now;
    reader.stage_one->tick(reader.ended, frames);
  }
  if (!frames.empty()) TOCSIN_TRY(append(std::move(frames)));
  return any;
}

void Detector::source_answered(Reader& reader) {
  reader.backoff = {};
  if (std::exchange(reader.counted_running, true) && reader.status.reason.empty()) return;
  parts_.metrics.set("tocsin_source_running", 1, {{"source", reader.status.name}});
  const std::lock_guard lock(mutex_);
  if (!reader.status.reason.empty()) parts_.say.info("a source answers again", {{"source", reader.status.name}});
  reader.status.reason.clear();
}

void Detector::source_failed(Reader& reader, const Error& error) {
  const bool again = error.kind == ErrorKind::unavailable;
  reader.backoff = std::clamp<Microseconds>(reader.backoff * 2, kBackoffMin, kBackoffMax);
  reader.next_try = parts_.clock.now() + reader.backoff;
  parts_.metrics.add("tocsin_source_errors_total", 1, {{"source", reader.status.name}, {"kind", std::string(name_of(error.kind))}});
  parts_.metrics.set("tocsin_source_running", again ? 1 : 0, {{"source", reader.status.name}});
  reader.counted_running = false;
  const std::lock_guard lock(mutex_);
  if (again && reader.status.reason.empty()) parts_.say.warn("a source does not answer", {{"source", reader.status.name}, {"why", error.text}});
  if (!again) parts_.say.error("a source is stopped: a person must look", {{"source", reader.status.name}, {"why", error.text}});
  reader.status.running = again;
  reader.status.reason = error.text;
}

Result<void> Detector::run(const std::atomic<bool>& stop) {
  while (!stop.load()) {
    TOCSIN_ASSIGN(const bool any, step());
    if (any) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, settings_.batch_wait, [&] { return stop.load() || !orders_.empty(); });
  }
  Result<void> settled = settle();
  end(Error{ErrorKind::unavailable, "detection was stopped"});
  return settled;
}

bool Detector::all_ended() const {
  return std::all_of(readers_.begin(), readers_.end(), [](const Reader& reader) { return reader.ended; });
}

bool Detector::exhausted() const { return unsynced_.empty() && !recovered_.stage_two.has_pending() && all_ended(); }

Result<void> Detector::settle() {
  TOCSIN_ASSIGN(const bool clear, catch_up());
  if (!clear) return unavailable(waiting_);
  if (recovered_.stage_two.has_pending()) TOCSIN_TRY(commit());
  return take_snapshot();
}

std::vector<SourceStatus> Detector::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<SourceStatus> out;
  for (const Reader& reader : readers_) out.push_back(reader.status);
  return out;
}

void Detector::end(const Error& error) {
  const std::lock_guard lock(mutex_);
  over_ = error.text;
  for (Order& order : orders_) order.turn_down(over_);
  orders_.clear();
}

void Detector::count() const {
  Metrics& metrics = parts_.metrics;
  for (const auto& [key, row] : recovered_.stage_two.correlator().partitions()) {
    const auto with = [&](const std::string& name, const std::string& value) {
      return Metrics::Labels{{"source", row.source}, {"partition", std::to_string(row.partition)}, {name, value}};
    };
    const std::pair<const char*, std::int64_t> dispositions[] = {
        {"applied", row.applied}, {"late", row.late}, {"dead", row.dead}, {"gap", row.gap}, {"duplicate", row.duplicate}};
    for (const auto& [word, number] : dispositions) metrics.raise_to("tocsin_records_total", static_cast<double>(number), with("disposition", word));
    const Metrics::Labels place{{"source", row.source}, {"partition", std::to_string(row.partition)}};
    metrics.set("tocsin_partition_balanced", row.balanced() ? 1 : 0, place);
    metrics.set("tocsin_partition_next_offset", static_cast<double>(row.next), place);
    metrics.set("tocsin_partition_start_offset", static_cast<double>(row.start), place);
  }
  metrics.set("tocsin_match_log_bytes", static_cast<double>(parts_.log.end() - parts_.log.begin()));
  metrics.set("tocsin_correlation_groups", static_cast<double>(recovered_.stage_two.correlator().fold().groups()));
  for (const auto& [rule, dropped] : recovered_.stage_two.correlator().fold().dropped()) {
    metrics.raise_to("tocsin_correlation_dropped_total", static_cast<double>(dropped), {{"rule", rule}});
  }
}

}  // namespace tocsin::detect
