// match_lines.cpp: block → line → events → rules → lines.
#include "daemon/detect/match_lines.h"

namespace tocsin::detect {

MatchLines::MatchLines(std::shared_ptr<const sigma::RuleSet> rules, ingest::Mapper& mapper, const MatchSettings& settings, LineBuffer::Write hits,
                       LineBuffer::Write complaints)
    : matcher_(rules, settings.routing), mapper_(mapper), hits_(std::move(hits)), complaints_(std::move(complaints)), lines_(matcher_.rules(), hits_) {
  if (settings.refire == Refire::every) {
    stream_.emplace(std::move(rules), sigma::StreamSettings{settings.lateness.value_or(std::chrono::minutes(10)), settings.seed});
    give_ = [this](const sigma::StreamHit& hit) { counts_.alerts += static_cast<std::int64_t>(lines_.add(hit, *counted_)); };
    return;
  }
  alerts_.emplace(std::move(rules), settings.lateness, [this](const v1::Alert& alert) {
    lines_.add(alert);
    ++counts_.alerts;
  });
}

Result<void> MatchLines::read(const std::string& path, bool named) {
  TOCSIN_ASSIGN(ingest::LineBlocks blocks, ingest::LineBlocks::open(path));
  lines_.set_file(named ? std::string_view(path) : std::string_view());
  record_.topic = path;
  record_.timestamp = blocks.written();
  ++record_.position.partition;
  for (;;) {
    TOCSIN_ASSIGN(const bool more, blocks.fill());
    if (!more) break;
    std::string_view line;
    while (blocks.next(line)) {
      // A line of blanks is no event, and no mistake either.
      if (!line.empty() && (line.front() > ' ' || line.find_first_not_of(" \t\r") != std::string_view::npos)) take(line, blocks.number());
    }
    if (blocks.live()) TOCSIN_TRY(flush());
  }
  return flush();
}

void MatchLines::take(std::string_view line, std::int64_t number) {
  ++counts_.lines;
  record_.value.assign(line);
  record_.position.offset = number;
  if (!mapper_.map(record_, events_, dead_)) return complain(number, dead_.reason, dead_.detail);
  for (Event& event : events_) {
    ++counts_.events;
    const std::span<const std::uint32_t> found = matcher_.match(event);
    if (found.empty()) continue;
    counts_.matches += static_cast<std::int64_t>(lines_.add(number, found));
    correlate(event, found, number);
  }
}

void MatchLines::correlate(Event& event, std::span<const std::uint32_t> found, std::int64_t number) {
  if (alerts_) {
    if (alerts_->idle()) return;
    mapper_.complete(event);
    if (!alerts_->take(event, found, number)) complain_of_many(number);
    return;
  }
  bases_.clear();
  std::copy_if(found.begin(), found.end(), std::back_inserter(bases_), [&](std::uint32_t rule) { return stream_->feeds(rule); });
  if (bases_.empty()) return;
  if (event.time == Instant{}) {
    ++counts_.timeless;
    return;
  }
  // Where people are named, their clear identifiers must be known in order to be hidden.
  if (stream_->names_people() || mapper_.names_people()) mapper_.complete(event);
  counted_ = &event;
  if (!stream_->take(event, bases_, give_)) complain_of_many(number);
}

void MatchLines::complain_of_many(std::int64_t number) {
  complain(number, "too_many_matches", "its groups and values are more than a correlation may count at once");
}

void MatchLines::complain(std::int64_t number, std::string_view reason, std::string_view detail) {
  ++counts_.dead;
  complaints_.add(fmt::format("{}:{}: {}: {}\n", record_.topic, number, reason, detail));
}

Result<void> MatchLines::flush() {
  const bool told = complaints_.flush();
  if (hits_.flush() && told) return {};
  return unavailable("the output takes nothing more");
}

Result<void> MatchLines::close() {
  if (alerts_) {
    alerts_->close();
    counts_.timeless = alerts_->timeless();
    counts_.given_up = alerts_->dropped();
    counts_.late = alerts_->late();
  } else {
    const sigma::windows::CounterCounts windows = stream_->counts();
    counts_.late = static_cast<std::int64_t>(windows.late);
    counts_.given_up = static_cast<std::int64_t>(windows.keys_evicted + windows.entries_dropped);
  }
  return flush();
}

}  // namespace tocsin::detect
