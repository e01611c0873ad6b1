// stage_one.cpp: filing every record exactly once, in offset order.
#include "daemon/detect/stage_one.h"

#include <cstring>

#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "daemon/detect/matched_event.h"

namespace tocsin::detect {
namespace {

/// Silent partitions say so this often, until they are idle.
constexpr Microseconds kProgressEvery = std::chrono::seconds(1);

/// Of a dead letter's bytes, so that it fits a frame of the log.
constexpr std::size_t kDeadValueBytesMax = limits::kFrameBytesMax / 2;
constexpr std::size_t kDeadKeyBytesMax = 1U << 20U;

std::uint64_t hash_of(const Record& record) {
  const Id128 id = identity({record.key, record.value});
  std::uint64_t hash = 0;
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::uint32_t shard_of(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group) {
  // FNV-1a over names and values, each ended by a byte that UTF-8 never holds.
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto mix = [&](const std::string& text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3U;
    hash = (hash ^ 0xFFU) * 0x100000001b3U;
  };
  for (const v1::FieldValue& field : group) {
    mix(field.field());
    mix(field.value());
  }
  return static_cast<std::uint32_t>((hash ^ (hash >> 32U)) % limits::kShards);
}

StageOne::StageOne(std::string source, ingest::Mapper& mapper, sigma::LiveMatcher matcher, const Clock& clock, StageOneSettings settings)
    : source_(std::move(source)), mapper_(&mapper), matcher_(std::move(matcher)), clock_(clock), settings_(settings) {}

void StageOne::follow(sigma::LiveMatcher matcher, ingest::Mapper& mapper) {
  matcher_ = std::move(matcher);
  mapper_ = &mapper;
  events_.clear();   // They see into the mapper before.
}

void StageOne::begin(const std::vector<Mark>& stored, const std::vector<StartAt>& starts, Frames& out) {
  now_ = clock_.now();
  for (const StartAt& at : starts) partition_at(at.partition, at.next);
  for (const Mark& mark : stored) {
    Partition& partition = partition_at(mark.partition, mark.next);
    partition.mark = mark;
    partition.resumed_at = mark.next;
    partition.check = mark.record_hash != 0 && mark.next > mark.start;
  }
  for (auto& [number, partition] : partitions_) add_progress(partition, out);
}

StageOne::Partition& StageOne::partition_at(std::int32_t number, std::int64_t first_offset) {
  const auto [at, fresh] = partitions_.try_emplace(number);
  Partition& partition = at->second;
  if (fresh) {
    partition.mark = {.partition = number, .start = first_offset, .next = first_offset};
    partition.last_record = now_;
  }
  return partition;
}

Result<void> StageOne::check_resumed(Partition& partition, const Record& record) const {
  partition.check = false;
  if (record.position.offset != partition.mark.next - 1 || hash_of(record) == partition.mark.record_hash) return {};
  return refused(fmt::format("{}/{} is not the source that was read before: the record at offset {} has changed. Was the topic made anew, or did "
                             "the broker lose records? To read it as a new source, give it another name in the configuration",
                             source_, partition.mark.partition, record.position.offset));
}

Result<void> StageOne::take(const Batch& batch, Frames& out) {
  now_ = clock_.now();
  for (const Record& record : batch.records) {
    const auto at = partitions_.find(record.position.partition);
    if (at != partitions_.end() && at->second.check) TOCSIN_TRY(check_resumed(at->second, record));
  }
  for (const Record& record : batch.records) {
    Partition& partition = partition_at(record.position.partition, record.position.offset);
    partition.touched = true;
    const std::int64_t offset = record.position.offset;
    if (offset < partition.mark.next) {
      // The record before our place was asked for, to look whether the source is still the same one: it is no duplicate.
      if (offset != partition.resumed_at - 1) partition.delta.set_duplicate(partition.delta.duplicate() + 1);
      continue;
    }
    skip_to(partition, offset);
    switch (file(partition, record, out)) {
      case Disposition::applied: partition.delta.set_applied(partition.delta.applied() + 1); break;
      case Disposition::late: partition.delta.set_late(partition.delta.late() + 1); break;
      case Disposition::dead: partition.delta.set_dead(partition.delta.dead() + 1); break;
    }
    partition.mark.next = offset + 1;
    partition.last = &record;
    partition.last_record = now_;
    partition.idle = false;
  }
  for (const PartitionState& state : batch.partitions) {
    Partition& partition = partition_at(state.partition, state.next);
    if (state.next > partition.mark.next) {
      skip_to(partition, state.next);
      partition.touched = true;
    }
  }
  for (auto& [number, partition] : partitions_) {
    if (partition.last != nullptr) partition.mark.record_hash = hash_of(*std::exchange(partition.last, nullptr));
    if (std::exchange(partition.touched, false)) add_progress(partition, out);
  }
  return {};
}

void StageOne::skip_to(Partition& partition, std::int64_t offset) {
  if (offset <= partition.mark.next) return;
  partition.delta.set_gap(partition.delta.gap() + (offset - partition.mark.next));
  partition.mark.next = offset;
  partition.mark.record_hash = 0;
  partition.last = nullptr;
}

bool StageOne::map(const Record& record, ingest::DeadLetter& dead) {
  if (!mapper_->map(record, events_, dead)) return false;
  // Windows, lateness and watermarks are times: what has none belongs to tools that only match.
  if (std::all_of(events_.begin(), events_.end(), [](const Event& event) { return event.time != Instant{}; })) return true;
  dead = {"no_time", "the event does not say when it happened"};
  return false;
}

StageOne::Disposition StageOne::file(Partition& partition, const Record& record, Frames& out) {
  bool late = false;
  std::int64_t newest = partition.mark.max_event_time;
  ingest::DeadLetter dead;
  std::vector<v1::MatchFrame> matches;
  if (map(record, dead)) {
    auto found = match(partition, record, late, newest);
    bool over = !found;
    if (found) matches = std::move(*found);
    for (const v1::MatchFrame& frame : matches) over = over || frame.ByteSizeLong() + 64 > limits::kFrameBytesMax;
    if (over) dead = {"too_many_matches", fmt::format("the matches of this record's {} events are over the limit of one log frame", events_.size())};
  }
  if (!dead.reason.empty()) {
    v1::DeadLetterFrame& frame = *out.emplace_back().mutable_dead_letter();
    frame.set_source(source_);
    frame.set_partition(record.position.partition);
    frame.set_offset(record.position.offset);
    frame.set_reason(std::string(dead.reason));
    frame.set_detail(dead.detail);
    frame.set_key(record.key.substr(0, kDeadKeyBytesMax));
    if (record.value.size() > kDeadValueBytesMax) {
      frame.set_detail(fmt::format("{} ({} bytes; the first {} are kept)", dead.detail, record.value.size(), kDeadValueBytesMax));
    }
    frame.set_value(record.value.substr(0, kDeadValueBytesMax));
    frame.set_record_time(micros_of(record.timestamp));
    frame.set_wall_time(micros_of(now_));
    return Disposition::dead;
  }
  for (v1::MatchFrame& frame : matches) *out.emplace_back().mutable_match() = std::move(frame);
  partition.mark.max_event_time = newest;
  partition.delta.set_events(partition.delta.events() + static_cast<std::int64_t>(events_.size()));
  return late ? Disposition::late : Disposition::applied;
}

std::optional<std::vector<v1::MatchFrame>> StageOne::match(const Partition& partition, const Record& record, bool& late, std::int64_t& newest) {
  std::vector<v1::MatchFrame> frames;
  std::size_t room = limits::kFrameBytesMax;   // Of the whole record.
  const std::int64_t newest_before = partition.mark.max_event_time;
  const std::int64_t skewed_from = micros_of(now_ + settings_.skew);
  for (Event& event : events_) {
    const std::int64_t time = micros_of(event.time);
    const bool skewed = time > skewed_from;
    const bool event_late = newest_before != 0 && time < newest_before - settings_.lateness.count();
    late |= event_late;
    if (!skewed) newest = std::max(newest, time);
    const std::span<const std::uint32_t> found = matcher_.match(event);
    if (found.empty()) continue;
    mapper_->complete(event);
    if (!matcher_.rules().report(found, event, matches_, room)) return std::nullopt;
    for (v1::RuleMatch& match : matches_) {
      const std::uint32_t shard = shard_of(match.group());
      auto frame = std::find_if(frames.begin(), frames.end(), [&](const v1::MatchFrame& each) { return each.shard() == shard; });
      if (frame == frames.end()) {
        frame = frames.emplace(frames.end());
        frame->set_source(source_);
        frame->set_partition(record.position.partition);
        frame->set_offset(record.position.offset);
        frame->set_shard(shard);
        frame->set_ruleset(matcher_.rules().fingerprint());
      }
      const bool known = frame->events_size() > 0 && frame->events(frame->events_size() - 1).index() == event.index;
      v1::MatchedEvent& to = known ? *frame->mutable_events(frame->events_size() - 1) : *frame->add_events();
      if (!known) add_event(event, event_late, skewed, to);
      to.add_matches()->Swap(&match);
    }
  }
  return frames;
}

void StageOne::add_progress(Partition& partition, Frames& out) {
  v1::ProgressFrame& frame = *out.emplace_back().mutable_progress();
  frame.Swap(&partition.delta);
  frame.set_source(source_);
  frame.set_partition(partition.mark.partition);
  frame.set_start(partition.mark.start);
  frame.set_next(partition.mark.next);
  frame.set_max_event_time(partition.mark.max_event_time);
  frame.set_wall_time(micros_of(now_));
  frame.set_idle(partition.idle);
  frame.set_record_hash(partition.mark.record_hash);
  partition.last_progress = now_;
}

void StageOne::tick(bool exhausted, Frames& out) {
  now_ = clock_.now();
  for (auto& [number, partition] : partitions_) {
    if (partition.idle) continue;
    partition.idle = exhausted || now_ - partition.last_record >= settings_.idle_after;
    if (partition.idle || now_ - partition.last_progress >= kProgressEvery) add_progress(partition, out);
  }
}

bool StageOne::replay(const Record& record, Frames& out, std::string& why) {
  now_ = clock_.now();
  const auto partition = partitions_.find(record.position.partition);
  if (partition == partitions_.end()) {
    why = "its source does not have this partition";
    return false;
  }
  ingest::DeadLetter dead;
  if (!map(record, dead)) {
    why = dead.detail;
    return false;
  }
  bool late = false;
  std::int64_t newest = 0;
  v1::LogFrame whole;
  v1::ReplayFrame& frame = *whole.mutable_replay();
  frame.set_source(source_);
  frame.set_partition(record.position.partition);
  frame.set_offset(record.position.offset);
  frame.set_wall_time(micros_of(now_));
  auto found = match(partition->second, record, late, newest);
  if (!found) {
    why = "its matches are over the limit of one log frame";
    return false;
  }
  for (v1::MatchFrame& each : *found) frame.add_matches()->Swap(&each);
  if (whole.ByteSizeLong() > limits::kFrameBytesMax) {
    why = "its matches are over the limit of one log frame";
    return false;
  }
  out.push_back(std::move(whole));
  // The fold wakes a partition that speaks: this says that it has gone on sleeping.
  add_progress(partition->second, out);
  return true;
}

}  // namespace tocsin::detect
