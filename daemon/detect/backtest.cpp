// backtest.cpp: both versions read each line at once, so that what differs can be shown with its line.
#include "daemon/detect/backtest.h"

#include "daemon/ingest/line_blocks.h"

namespace tocsin::detect {
namespace {

void note(RuleCount& count, Instant time) {
  if (time == Instant{}) return;
  if (count.first == Instant{} || time < count.first) count.first = time;
  if (time > count.last) count.last = time;
}

void add_example(std::vector<InputLine>& to, const std::string& path, std::int64_t line) {
  if (to.size() < Backtest::kExamples) to.push_back({path, line});
}

}  // namespace

Backtest::Side::Side(const Version& version, sigma::Matcher::Routing routing)
    : rules(version.rules), matcher(rules, routing), mapper(*version.mapper), counts(rules->rules().size()), stamps(counts.size(), -1),
      twin(counts.size(), kNone), alerts(rules, std::nullopt, [this](const v1::Alert& alert) {
        RuleCount& count = counts[places.at(alert.rule_id())];
        ++count.alerts;
        note(count, instant_of(alert.triggered_at().seconds() * 1'000'000 + alert.triggered_at().nanos() / 1000));
      }) {
  for (std::size_t i = 0; i < counts.size(); ++i) places.emplace(rules->rules()[i].id, i);
}

std::span<const std::uint32_t> Backtest::Side::match(std::size_t event, std::int64_t line) {
  const std::span<const std::uint32_t> found = matcher.match(events[event]);
  for (const std::uint32_t rule : found) {
    ++counts[rule].events;
    note(counts[rule], events[event].time);
  }
  if (!found.empty() && !alerts.idle()) {
    mapper.complete(events[event]);
    if (!alerts.take(events[event], found, line)) ++too_many;
  }
  return found;
}

Backtest::Backtest(Version version, std::optional<Version> against, sigma::Matcher::Routing routing, Tell tell) : now_(version, routing), tell_(std::move(tell)) {
  if (!against) return;
  before_ = std::make_unique<Side>(*against, routing);
  differences_.resize(now_.counts.size());
  std::map<std::string_view, std::uint32_t> old;
  for (std::uint32_t i = 0; i < before_->counts.size(); ++i) old.emplace(before_->rules->rules()[i].id, i);
  for (std::uint32_t i = 0; i < now_.counts.size(); ++i) {
    const auto at = old.find(now_.rules->rules()[i].id);
    if (at == old.end()) {
      differences_[i].kind = RuleDifference::Kind::added;
      continue;
    }
    now_.twin[i] = at->second;
    before_->twin[at->second] = i;
    if (now_.rules->rules()[i].canonical != before_->rules->rules()[at->second].canonical) differences_[i].kind = RuleDifference::Kind::changed;
  }
}

Result<void> Backtest::read(const std::string& path) {
  TOCSIN_ASSIGN(ingest::LineBlocks blocks, ingest::LineBlocks::open(path));
  record_.topic = path;
  record_.timestamp = blocks.written();
  ++record_.position.partition;
  for (;;) {
    TOCSIN_ASSIGN(const bool more, blocks.fill());
    if (!more) return {};
    std::string_view line;
    while (blocks.next(line)) {
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      record_.value.assign(line);
      record_.position.offset = blocks.number();
      take(path, blocks.number());
    }
    if (tell_) tell_({blocks.bytes(), blocks.size(), events_});
  }
}

void Backtest::take(const std::string& path, std::int64_t line) {
  ingest::DeadLetter dead;
  const bool read = now_.map(record_, dead);
  // The same mapping reads the same events for both: only the fields that their rules ask for differ.
  if (!read || (before_ && (!before_->map(record_, dead) || before_->events.size() != now_.events.size()))) {
    ++dead_;
    return;
  }
  for (std::size_t i = 0; i < now_.events.size(); ++i) {
    ++events_;
    const auto found = now_.match(i, line);
    if (before_) differ(found, before_->match(i, line), path, line);
  }
}

void Backtest::differ(std::span<const std::uint32_t> now, std::span<const std::uint32_t> before, const std::string& path, std::int64_t line) {
  for (const std::uint32_t rule : now) now_.stamps[rule] = events_;
  for (const std::uint32_t rule : before) before_->stamps[rule] = events_;
  for (const std::uint32_t rule : now) {
    if (now_.twin[rule] != kNone && before_->stamps[now_.twin[rule]] == events_) continue;
    ++differences_[rule].gained;
    add_example(differences_[rule].gained_at, path, line);
  }
  for (const std::uint32_t rule : before) {
    const std::uint32_t twin = before_->twin[rule];
    if (twin == kNone || now_.stamps[twin] == events_) continue;
    ++differences_[twin].lost;
    add_example(differences_[twin].lost_at, path, line);
  }
}

Backtest::Unsaid Backtest::unsaid() const {
  Unsaid out;
  for (const Side* side : {&now_, static_cast<const Side*>(before_.get())}) {
    if (side == nullptr) continue;
    out.timeless += side->alerts.timeless();
    out.given_up += side->alerts.dropped() + side->too_many;
  }
  return out;
}

void Backtest::close() {
  now_.alerts.close();
  if (before_) before_->alerts.close();
}

std::vector<Backtest::Compared> Backtest::compare() const {
  std::vector<Compared> out;
  if (!before_) return out;
  for (std::uint32_t i = 0; i < now_.counts.size(); ++i) {
    out.push_back({&now_.rules->rules()[i], now_.counts[i], differences_[i]});
    if (now_.twin[i] != kNone) out.back().difference.before = before_->counts[now_.twin[i]];
  }
  for (std::uint32_t i = 0; i < before_->counts.size(); ++i) {
    if (before_->twin[i] != kNone) continue;
    RuleDifference gone{RuleDifference::Kind::removed, before_->counts[i], 0, before_->counts[i].events, {}, {}};
    out.push_back({&before_->rules->rules()[i], {}, std::move(gone)});
  }
  return out;
}

}  // namespace tocsin::detect
