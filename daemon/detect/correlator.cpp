// correlator.cpp: holding a batch until its progress frame, then folding it.
#include "daemon/detect/correlator.h"

#include "daemon/base/promise.h"

namespace tocsin::detect {
namespace {

store::DeadLetterRow row_of(v1::DeadLetterFrame&& dead) {
  store::DeadLetterRow row;
  row.source = dead.source();
  row.partition = dead.partition();
  row.offset = dead.offset();
  row.reason = dead.reason();
  row.detail = dead.detail();
  row.key = std::move(*dead.mutable_key());
  row.value = std::move(*dead.mutable_value());
  row.record_time = instant_of(dead.record_time());
  row.recorded_at = instant_of(dead.wall_time());
  return row;
}

std::int64_t filed(const v1::ProgressFrame& progress) { return progress.applied() + progress.late() + progress.dead() + progress.gap(); }

void append(Effects&& from, Effects& to) {
  const auto move_all = [](auto& a, auto& b) { b.insert(b.end(), std::make_move_iterator(a.begin()), std::make_move_iterator(a.end())); };
  move_all(from.alerts, to.alerts);
  move_all(from.updates, to.updates);
  move_all(from.affected, to.affected);
}

}  // namespace

Correlator::Correlator(std::shared_ptr<const sigma::RuleSet> rules, sigma::FoldSettings settings)
    : fold_(std::make_unique<sigma::Fold>(rules, std::move(settings))), ruleset_(rules->fingerprint()) {}

void Correlator::follow(const std::shared_ptr<const sigma::RuleSet>& rules) {
  auto next = std::make_unique<sigma::Fold>(rules, fold_->settings());
  next->inherit(std::move(*fold_));
  fold_ = std::move(next);
  ruleset_ = rules->fingerprint();
}

Result<void> Correlator::take(v1::LogFrame frame, Pending& pending) {
  switch (frame.body_case()) {
    case v1::LogFrame::kMatch:
      held_[{frame.match().source(), frame.match().partition()}].push_back(std::move(frame));
      return {};
    case v1::LogFrame::kDeadLetter:
      held_[{frame.dead_letter().source(), frame.dead_letter().partition()}].push_back(std::move(frame));
      return {};
    case v1::LogFrame::kProgress:
      return take_progress(frame, pending);
    case v1::LogFrame::kReplay:
      for (v1::MatchFrame& match : *frame.mutable_replay()->mutable_matches()) {
        if (match.ruleset() != ruleset_) met_another_ruleset_ = true;
        v1::LogFrame alone;
        alone.mutable_match()->Swap(&match);
        append(fold_->apply(alone), pending.effects);
      }
      pending.replayed.push_back({frame.replay().source(), frame.replay().partition(), frame.replay().offset()});
      return {};
    case v1::LogFrame::BODY_NOT_SET:
      break;
  }
  return refused("the match log holds a frame that this version does not know: run the version that wrote it");
}

Result<void> Correlator::take_progress(const v1::LogFrame& frame, Pending& pending) {
  const v1::ProgressFrame& progress = frame.progress();
  const PartitionKey key{progress.source(), progress.partition()};
  const std::int64_t from = progress.next() - filed(progress);
  const auto [at, fresh] = partitions_.try_emplace(key);
  store::PartitionRow& row = at->second;
  if (fresh) {
    row.source = key.first;
    row.partition = key.second;
    // The log's beginning may have been dropped: what lies before is counted in the store, not here.
    row.start = row.next = from;
  }
  if (row.next != from) {
    return refused(fmt::format("accounting is broken at {}/{}: everything below offset {} is filed, but the next batch counts from {}: "
                               "some record would be counted {}",
                               key.first, key.second, row.next, from, from < row.next ? "twice" : "never"));
  }
  if (auto held = held_.extract(key); !held.empty()) {
    for (v1::LogFrame& each : held.mapped()) {
      const bool is_match = each.has_match();
      const std::int64_t offset = is_match ? each.match().offset() : each.dead_letter().offset();
      if (offset < row.next || offset >= progress.next()) continue;
      if (!is_match) {
        pending.dead_letters.push_back(row_of(std::move(*each.mutable_dead_letter())));
        continue;
      }
      if (each.match().ruleset() != ruleset_) met_another_ruleset_ = true;
      append(fold_->apply(each), pending.effects);
    }
  }
  row.next = progress.next();
  row.applied += progress.applied();
  row.late += progress.late();
  row.dead += progress.dead();
  row.gap += progress.gap();
  row.duplicate += progress.duplicate();
  row.events += progress.events();
  row.max_event_time = std::max(row.max_event_time, progress.max_event_time());
  row.record_hash = progress.record_hash();
  pending.touched.insert(key);
  append(fold_->apply(frame), pending.effects);
  return {};
}

Result<v1::Checkpoint> Correlator::checkpoint() const {
  TOCSIN_ASSERT(at_batch_end());
  v1::Checkpoint out;
  out.set_ruleset(ruleset_);
  for (const auto& [key, row] : partitions_) {
    v1::ProgressFrame& to = *out.add_partitions();
    to.set_source(row.source);
    to.set_partition(row.partition);
    to.set_start(row.start);
    to.set_next(row.next);
    to.set_applied(row.applied);
    to.set_late(row.late);
    to.set_dead(row.dead);
    to.set_gap(row.gap);
    to.set_duplicate(row.duplicate);
    to.set_events(row.events);
    to.set_max_event_time(row.max_event_time);
    to.set_record_hash(row.record_hash);
  }
  // Protobuf writes nothing over 2 GiB; such a checkpoint would look good and hold no state.
  if (!fold_->save().SerializeToString(out.mutable_fold())) return unavailable("the state of the correlations is over 2 GiB: no snapshot can be written");
  return out;
}

Result<void> Correlator::restore(const v1::Checkpoint& checkpoint) {
  if (checkpoint.ruleset() != ruleset_) return bad_input("it was made by another rule set");
  v1::FoldSnapshot state;
  if (!state.ParseFromString(checkpoint.fold())) return bad_input("its state does not parse");
  TOCSIN_TRY(fold_->load(state));
  for (const v1::ProgressFrame& from : checkpoint.partitions()) {
    store::PartitionRow& row = partitions_[{from.source(), from.partition()}];
    row.source = from.source();
    row.partition = from.partition();
    row.start = from.start();
    row.next = from.next();
    row.applied = from.applied();
    row.late = from.late();
    row.dead = from.dead();
    row.gap = from.gap();
    row.duplicate = from.duplicate();
    row.events = from.events();
    row.max_event_time = from.max_event_time();
    row.record_hash = from.record_hash();
    if (!row.balanced()) return bad_input("its counters do not add up");
  }
  return {};
}

Result<void> Correlator::adopt(const std::vector<store::PartitionRow>& stored, bool whole) {
  std::map<PartitionKey, store::PartitionRow> rows;
  for (const store::PartitionRow& row : stored) rows[{row.source, row.partition}] = row;
  for (const auto& [key, ours] : partitions_) {
    const auto at = rows.find(key);
    if (at == rows.end()) return refused(fmt::format("the match log holds progress of {}/{} that the store has lost", key.first, key.second));
    const store::PartitionRow& theirs = at->second;
    const bool same = !whole || (ours.start == theirs.start && ours.applied == theirs.applied && ours.late == theirs.late &&
                                 ours.dead == theirs.dead && ours.gap == theirs.gap && ours.duplicate == theirs.duplicate && ours.events == theirs.events);
    if (ours.next != theirs.next || !same) {
      return refused(fmt::format("accounting is broken at {}/{}: the log counts next {} applied {} late {} dead {} gap {} duplicate {}, "
                                 "the store next {} applied {} late {} dead {} gap {} duplicate {}",
                                 key.first, key.second, ours.next, ours.applied, ours.late, ours.dead, ours.gap, ours.duplicate, theirs.next,
                                 theirs.applied, theirs.late, theirs.dead, theirs.gap, theirs.duplicate));
    }
  }
  if (whole && partitions_.size() != rows.size()) return refused("the store counts a source partition that the match log has never seen");
  partitions_ = std::move(rows);
  return {};
}

}  // namespace tocsin::detect
