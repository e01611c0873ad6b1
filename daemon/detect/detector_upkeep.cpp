// detector_upkeep.cpp: what the loop does beside reading: snapshots, dropping old log, orders of other threads.
#include "daemon/base/failpoint.h"
#include "daemon/detect/detector.h"

namespace tocsin::detect {
namespace {

/// From an event to the end of the bucket of its alert, and on through the correlations below. `known` has one place per rule:
/// chains may fan out and meet again, and each link is walked once.
Microseconds memory_of(const sigma::RuleSet& rules, std::size_t rule, std::vector<std::optional<Microseconds>>& known) {
  if (known[rule]) return *known[rule];
  const sigma::Correlation& correlation = *rules.rules()[rule].correlation();
  Microseconds below{}, own = correlation.bucket() + correlation.timespan;
  for (const std::size_t base : correlation.bases) {
    if (rules.rules()[base].correlation() != nullptr) below = std::max(below, memory_of(rules, base, known));
  }
  if (const auto* kind = std::get_if<sigma::FirstSeen>(&correlation.extension)) own += kind->history;
  if (const auto* kind = std::get_if<sigma::Baseline>(&correlation.extension)) own += kind->learn;
  return *(known[rule] = own + below);
}

/// How much of the past a changed rule set needs to build its windows again.
Microseconds memory_of(const sigma::RuleSet& rules, Microseconds lateness) {
  Microseconds longest{};
  std::vector<std::optional<Microseconds>> known(rules.rules().size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (rules.rules()[i].correlation() != nullptr) longest = std::max(longest, memory_of(rules, i, known));
  }
  return longest + lateness;
}

}  // namespace

Result<void> Detector::snapshot_if_due() {
  const bool due = snapshot_of_other_rules_ || records_since_snapshot_ >= settings_.snapshot_records || parts_.clock.now() - last_snapshot_ >= settings_.snapshot_every;
  if (!due) return {};
  if (recovered_.stage_two.has_pending()) {
    TOCSIN_ASSIGN(const bool stored, is_done(commit(), "storing effects"));
    if (!stored) return {};
  }
  Result<void> taken = take_snapshot();
  if (taken || taken.error().kind == ErrorKind::refused) return taken;
  // Without it the next start takes longer; nothing is lost.
  parts_.say.warn("no snapshot was written", {{"why", taken.error().text}});
  last_snapshot_ = parts_.clock.now();
  return {};
}

Result<void> Detector::take_snapshot() {
  StageTwo& two = recovered_.stage_two;
  last_snapshot_ = parts_.clock.now();
  records_since_snapshot_ = 0;
  if ((two.committed() == snapshot_at_ && !snapshot_of_other_rules_) || !two.correlator().at_batch_end() || two.has_pending() || !unsynced_.empty()) return {};
  TOCSIN_ASSIGN(v1::Checkpoint checkpoint, two.correlator().checkpoint());
  checkpoint.set_tenant(parts_.store.tenant());
  checkpoint.set_log_id(parts_.log.id());
  checkpoint.set_log_offset(two.committed());
  TOCSIN_ASSIGN(const SavedSnapshot saved, parts_.snapshots.save(checkpoint));
  {
    TOCSIN_ASSIGN(store::Transaction tx, parts_.store.begin());
    TOCSIN_TRY(tx.put_snapshot({two.committed(), parts_.rules->fingerprint(), saved.name + "\n" + saved.fingerprint, last_snapshot_}));
    TOCSIN_TRY(tx.commit());
  }
  failpoint("snapshot_recorded");
  snapshot_at_ = two.committed();
  snapshot_of_other_rules_ = false;
  past_.emplace_back(last_snapshot_, snapshot_at_);
  TOCSIN_ASSIGN(const LogOffset older, parts_.snapshots.keep_two());
  drop_old_log(older);
  return {};
}

void Detector::drop_old_log(LogOffset older_snapshot) {
  const Instant horizon = last_snapshot_ - memory_of(*parts_.rules, settings_.stage_one.lateness);
  while (past_.size() > 1 && past_[1].first <= horizon) past_.pop_front();
  if (past_.empty() || past_.front().first > horizon) return;
  const Result<void> dropped = parts_.log.drop_before(std::min(older_snapshot, past_.front().second));
  if (!dropped) parts_.say.warn("old segments of the match log stay", {{"why", dropped.error().text}});
}

template <typename T>
Result<T> Detector::order(std::function<Result<T>()> work) {
  const auto answer = std::make_shared<std::promise<Result<T>>>();
  std::future<Result<T>> answered = answer->get_future();
  {
    const std::lock_guard lock(mutex_);
    if (!over_.empty()) return unavailable("detection does not run: " + over_);
    Order& order = orders_.emplace_back();
    order.carry_out = [answer, work = std::move(work)]() -> Result<void> {
      Result<T> outcome = work();
      const Result<void> fatal = !outcome && outcome.error().kind == ErrorKind::refused ? Result<void>(Failure(outcome.error())) : Result<void>();
      answer->set_value(std::move(outcome));
      return fatal;
    };
    order.turn_down = [answer](const std::string& why) { answer->set_value(unavailable(why)); };
  }
  wake_.notify_all();
  return answered.get();
}

Result<void> Detector::serve_orders() {
  while (true) {
    Order order;
    {
      const std::lock_guard lock(mutex_);
      if (orders_.empty()) return {};
      order = std::move(orders_.front());
      orders_.pop_front();
    }
    TOCSIN_TRY(order.carry_out());
  }
}

Result<void> Detector::follow(NewRules rules) {
  const auto next = std::make_shared<NewRules>(std::move(rules));
  return order<void>([this, next] { return take_over(*next); });
}

std::shared_ptr<const sigma::LiveEngine> Detector::engine() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

Result<void> Detector::take_over(NewRules& rules) {
  if (rules.mappers.size() != readers_.size()) return bad_input("new rules need a mapper for each source");
  // What was matched under the old rules is folded under them.
  TOCSIN_ASSIGN(const bool clear, catch_up());
  if (!clear) return unavailable(waiting_);
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    readers_[i].stage_one->follow(sigma::LiveMatcher(rules.engine), *rules.mappers[i]);
    readers_[i].mapper = std::move(rules.mappers[i]);
  }
  recovered_.stage_two.correlator().follow(rules.engine->rules());
  parts_.rules = rules.engine->rules();
  snapshot_of_other_rules_ = true;
  const std::lock_guard lock(mutex_);
  engine_ = std::move(rules.engine);
  return {};
}

Result<v1::ReplayDeadLettersResponse> Detector::replay_dead_letters(std::string source, std::string reason) {
  return order<v1::ReplayDeadLettersResponse>([this, source = std::move(source), reason = std::move(reason)] { return replay(source, reason); });
}

Result<v1::ReplayDeadLettersResponse> Detector::replay(const std::string& source, const std::string& reason) {
  v1::ReplayDeadLettersResponse out;
  TOCSIN_ASSIGN(const bool clear, catch_up());
  if (!clear) return unavailable(waiting_);
  std::vector<store::DeadLetterRow> letters;
  {
    TOCSIN_ASSIGN(const store::View view, parts_.store.read());
    TOCSIN_ASSIGN(letters, view.dead_letters({.source = source, .reason = reason, .unreplayed = true, .with_value = true}));
  }
  Frames frames;
  for (const store::DeadLetterRow& letter : letters) {
    const auto reader = std::find_if(readers_.begin(), readers_.end(), [&](const Reader& each) { return each.status.name == letter.source; });
    Record record;
    record.position = {letter.source, letter.partition, letter.offset};
    record.key = letter.key;
    record.value = letter.value;
    record.timestamp = letter.record_time;
    std::string why;
    const bool decoded = reader != readers_.end() && reader->open && reader->stage_one->replay(record, frames, why);
    if (!decoded && why.empty()) why = "its source is not read";
    if (!decoded) parts_.say.debug("still a dead letter", {{"source", letter.source}, {"partition", letter.partition}, {"offset", letter.offset}, {"why", why}});
    decoded ? out.set_replayed(out.replayed() + 1) : out.set_still_dead(out.still_dead() + 1);
  }
  TOCSIN_TRY(append(std::move(frames)));
  TOCSIN_ASSIGN(const bool done, catch_up());
  if (!done) return unavailable(waiting_ + " (the letters that decode are in the match log and will be stored)");
  return out;
}

}  // namespace tocsin::detect
