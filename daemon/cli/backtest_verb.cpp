// backtest_verb.cpp: `tocsin backtest --rules A [--against B] FILE…`: counts per rule, and what a change of rules changes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "daemon/cli/event_reading.h"
#include "daemon/cli/rows.h"
#include "daemon/detect/backtest.h"

namespace tocsin::cli {
namespace {

using detect::Backtest;
using detect::RuleCount;
using Kind = detect::RuleDifference::Kind;

struct Words : EventWords {
  std::vector<std::string> files, against;
  bool all = false;
};

std::string time_cell(Instant time) { return time == Instant{} ? "" : rfc3339(time); }
/// Events of a detection, alerts of a correlation.
std::int64_t hits(const sigma::Rule& rule, const RuleCount& count) { return rule.correlation() != nullptr ? count.alerts : count.events; }
std::string rate(std::int64_t hits, std::int64_t events) { return fmt::format("{:.2f}", events == 0 ? 0.0 : static_cast<double>(hits) * 1e5 / static_cast<double>(events)); }

std::string examples(char sign, const std::vector<detect::InputLine>& lines, bool named) {
  std::string out;
  for (const detect::InputLine& each : lines) out += fmt::format("{}{}{}{}", out.empty() ? "" : " ", sign, named ? each.file + ":" : "", each.line);
  return out;
}

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::same: return "same";
    case Kind::changed: return "changed";
    case Kind::added: return "added";
    case Kind::removed: return "removed";
  }
  return "";
}

/// `[#######-------] 47%  1234567 events`, drawn over itself a few times a second.
class Bar {
 public:
  explicit Bar(std::ostream& out) : out_(out), shown_(&out == &std::cerr && ::isatty(STDERR_FILENO) != 0) {}
  void draw(const Backtest::Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now < next_) return;
    next_ = now + std::chrono::milliseconds(100);
    constexpr int kCells = 30;
    const double part = progress.of == 0 ? 0 : std::min(1.0, static_cast<double>(progress.bytes) / static_cast<double>(progress.of));
    const int full = static_cast<int>(part * kCells);
    out_ << fmt::format("\r[{}{}] {:3.0f} %  {} events", std::string(full, '#'), std::string(kCells - full, '-'), part * 100, progress.events) << std::flush;
    drawn_ = true;
  }
  void clear() {
    if (drawn_) out_ << "\r\x1b[K" << std::flush;
  }

 private:
  std::ostream& out_;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point next_{};
};

void print_counts(const Call& call, const sigma::RuleSet& rules, const Backtest& test, bool all) {
  Rows rows;
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < test.counts().size(); ++i) {
    const std::int64_t n = hits(rules.rules()[i], test.counts()[i]);
    if (n > 0 || all) order.emplace_back(-n, i);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [negative, i] : order) {
    const sigma::Rule& rule = rules.rules()[i];
    const RuleCount& count = test.counts()[i];
    rows.push_back({rule.id, rule.level, kind_of(rule), std::to_string(-negative), rate(-negative, test.events()), time_cell(count.first), time_cell(count.last), rule.title});
  }
  Output output = call.output();
  print_rows(output, "rules", {{"rule"}, {"level"}, {"kind"}, {"hits", true}, {"per_100000", true}, {"first"}, {"last"}, {"title"}}, rows);
}

void print_differences(const Call& call, const Backtest& test, bool all, bool named) {
  Rows rows;
  for (const Backtest::Compared& each : test.compare()) {
    const std::int64_t now = hits(*each.rule, each.now), before = hits(*each.rule, each.difference.before);
    const bool differs = now != before || each.difference.gained > 0 || each.difference.lost > 0;
    if (!differs && each.difference.kind == Kind::same && !all) continue;
    const std::string gained = examples('+', each.difference.gained_at, named), lost = examples('-', each.difference.lost_at, named);
    rows.push_back({each.rule->id, std::string(word_of(each.difference.kind)), kind_of(*each.rule), std::to_string(before), std::to_string(now), std::to_string(each.difference.gained),
                    std::to_string(each.difference.lost), gained + (gained.empty() || lost.empty() ? "" : " ") + lost, each.rule->title});
  }
  Output output = call.output();
  print_rows(output, "rules", {{"rule"}, {"text"}, {"kind"}, {"before", true}, {"now", true}, {"gained", true}, {"lost", true}, {"lines"}, {"title"}}, rows);
}

Ending backtest(const Call& call, const Words& words) {
  const auto files = event_files(words.files);
  if (!files) return files.error();
  const auto rules = load_event_rules(call, words);
  if (!rules) return rules.error();
  auto mapper = mapper_of(words.mappings, (*rules)->fields());
  if (!mapper) return mapper.error();
  std::shared_ptr<const sigma::RuleSet> old_rules;
  std::optional<ingest::Mapper> old_mapper;
  std::optional<detect::Version> against;
  if (!words.against.empty()) {
    EventWords other = words;
    other.paths = words.against;
    auto loaded = load_event_rules(call, other);
    if (!loaded) return loaded.error();
    old_rules = *loaded;
    auto made = mapper_of(words.mappings, old_rules->fields());
    if (!made) return made.error();
    old_mapper.emplace(std::move(*made));
    against = {old_rules, &*old_mapper};
  }
  Bar bar(call.world.err);
  Backtest test({*rules, &*mapper}, against, words.routing, [&](const Backtest::Progress& progress) { bar.draw(progress); });
  for (const std::string& file : *files) {
    if (const auto read = test.read(file); !read) {
      bar.clear();
      return ending_of(read.error());
    }
  }
  test.close();
  bar.clear();
  if (against) print_differences(call, test, words.all, files->size() > 1);
  else print_counts(call, **rules, test, words.all);
  const auto unsaid = test.unsaid();
  if (unsaid.timeless > 0) call.world.err << fmt::format("{} events without a time did not count for correlations\n", unsaid.timeless);
  if (unsaid.given_up > 0) call.world.err << fmt::format("{} times a correlation gave up a group or an event: its counts are at least what is said\n", unsaid.given_up);
  if (call.format == Format::table) call.world.err << fmt::format("{} events, {} dead lines, {} rules\n", test.events(), test.dead(), (*rules)->rules().size());
  return {};
}

}  // namespace

void add_backtest(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("backtest", "what a rule set finds in NDJSON files, counted per rule, or how it differs from another version")->fallthrough();
  auto words = std::make_shared<Words>();
  sub->add_option("files", words->files, "NDJSON files; - is standard input (the default)");
  add_event_options(*sub, *words);
  sub->add_option("--against", words->against, "the version of the rules to compare with: what --rules gains and loses, with lines; repeats")->allow_extra_args(false);
  sub->add_flag("--all", words->all, "also rules that found nothing, or that did not change");
  sub->callback([&call, words] { call.action = [&call, words] { return backtest(call, *words); }; });
}

}  // namespace tocsin::cli
