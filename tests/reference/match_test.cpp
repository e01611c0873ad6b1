// match_test.cpp: engine and reference give one answer to random rules and events that nearly fulfil them.
#include <gtest/gtest.h>

#include <chrono>

#include "daemon/sigma/authoring/explain.h"
#include "tests/reference/engine.h"
#include "tests/reference/evaluate.h"
#include "tests/reference/make_event.h"
#include "tests/reference/make_item.h"
#include "tests/reference/run.h"

namespace tocsin::reference {
namespace {

using Routing = sigma::Matcher::Routing;

std::string yaml_of(const std::vector<MadeRule>& rules) {
  std::string out;
  for (const MadeRule& rule : rules) out += (out.empty() ? "" : "---\n") + reference::yaml_of(rule);
  return out;
}

sigma::RuleSettings settings() {
  sigma::RuleSettings out;
  out.placeholders = {placeholders().begin(), placeholders().end()};
  return out;
}

/// Both engines over the same rules.
struct Both {
  std::string error;
  std::shared_ptr<const sigma::RuleSet> engine_rules;
  std::vector<Rule> rules;
  std::unique_ptr<sigma::Matcher> routed, unrouted;
  tocsin::Event event;

  explicit Both(const std::string& text) {
    auto file = yaml::parse("r.yml", text);
    if (!file) {
      error = file.error().text;
      return;
    }
    auto set = sigma::RuleSet::read({*file}, settings());
    auto read = read_rules(*file, placeholders());
    if (!set) error = "engine: " + set.error().text;
    if (!read) error += "reference: " + read.error().text;
    if (!error.empty()) return;
    engine_rules = std::make_shared<const sigma::RuleSet>(std::move(*set));
    rules = std::move(*read);
    routed = std::make_unique<sigma::Matcher>(engine_rules);
    unrouted = std::make_unique<sigma::Matcher>(engine_rules, Routing::off);
  }

  /// Ids of the rules that say yes.
  std::set<std::string> found(Routing routing) {
    std::set<std::string> out;
    for (const std::uint32_t place : (routing == Routing::off ? *unrouted : *routed).match(event)) out.insert(engine_rules->rules()[place].id);
    return out;
  }
};

const Rule& find(const std::vector<Rule>& rules, const std::string& id) {
  return *std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.id == id; });
}

/// The first of the rules has another answer in the engine than in the reference.
bool disagree(const std::vector<MadeRule>& made, const Event& event, Routing routing) {
  Both both(yaml_of(made));
  if (!both.error.empty()) return false;
  fill(*both.engine_rules, event, both.event);
  return both.found(routing).contains(made[0].id) != says_yes(find(both.rules, made[0].id), event, routing == Routing::off);
}

/// Drops what can be dropped while the two still disagree, and says what is left.
std::string smallest_case(std::vector<MadeRule> made, Event event, Routing routing) {
  if (!disagree(made, event, routing)) return "only in the whole set, and not once more";
  for (std::size_t step = made.size() / 2; step > 0; step /= 2) {
    for (std::size_t at = 1; at < made.size();) {
      std::vector<MadeRule> less = made;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(at), less.begin() + static_cast<std::ptrdiff_t>(std::min(at + step, less.size())));
      if (disagree(less, event, routing)) {
        made = less;
      } else {
        at += step;
      }
    }
  }
  for (bool again = true; again;) {
    again = false;
    for (const MadeRule& less : smaller(made[0])) {
      std::vector<MadeRule> rules = made;
      rules[0] = less;
      if (!disagree(rules, event, routing)) continue;
      made = rules;
      again = true;
      break;
    }
    for (const Event& less : smaller(event)) {
      if (!disagree(made, less, routing)) continue;
      event = less;
      again = true;
      break;
    }
  }
  Both both(yaml_of(made));
  const bool expected = says_yes(find(both.rules, made[0].id), event, routing == Routing::off);
  return fmt::format("{}event: {}\nrouting: {}\nreference: {}, engine: {}\n", yaml_of(made), text_of(event),
                     routing == Routing::off ? "off" : "log source", expected ? "yes" : "no", expected ? "no" : "yes");
}

constexpr std::string_view kFeatures[] = {
    "*", "1 of", "?", "\\*", "all", "all of", "and", "any of", "backslash", "base64", "base64offset", "beyond ASCII", "boolean", "cased", "cidr", "contains",
    "day", "dotall", "empty", "endswith", "exists false", "exists true", "expand", "fieldref", "filter", "gt", "gte", "hour", "i", "ignorecase", "keywords", "keywords all", "list",
    "list of conditions", "list of selections", "lt", "lte", "m", "minute", "month", "multiline", "neq", "nested list", "not", "null", "number", "of _*", "of pattern", "of them", "or",
    "re", "s", "startswith", "text", "utf16", "utf16be", "utf16le", "week", "wide", "windash", "year",
};

class TwoAnswers {
 public:
  explicit TwoAnswers(const PropertyRun& run) : run_(run) {}

  void batch(std::uint64_t number, int rules, int events) {
    Dice dice(run_.seed * 1'000'003 + number);
    std::vector<MadeRule> made;
    for (int i = 0; i < rules; ++i) {
      MadeRule rule = make_rule(dice, fmt::format("r{}", i));
      const Both alone(reference::yaml_of(rule));
      if (alone.error.empty()) {
        made.push_back(std::move(rule));
      } else {
        if (++refused_[reason(alone.error)] == 1) refusals_ += alone.error + "\n" + reference::yaml_of(rule);
      }
    }
    rules_ += rules;
    Both both(yaml_of(made));
    ASSERT_EQ(both.error, "");
    for (std::size_t own = 0; own < made.size(); ++own) {
      const auto features = features_of(made[own]);
      for (int i = 0; i < events; ++i) {
        Event event = make_witness(dice, made[own]);
        for (int n = dice.percent(60) ? dice.between(1, 2) : 0; n > 0; --n) mutate(dice, event);
        const bool yes = compare(dice, made, both, own, event);
        for (const std::string& feature : features) ++(yes ? hits_ : misses_)[feature];
        ++(yes ? yes_ : no_);
      }
    }
  }

  void report() const {
    std::cout << fmt::format("  {} pairs of a rule and an event made for it, {:.1f} % match; {} pairs in all, {} explained; {} rules refused\n", yes_ + no_,
                             100.0 * static_cast<double>(yes_) / static_cast<double>(std::max<std::int64_t>(yes_ + no_, 1)), pairs_, explained_, refusals());
    for (const auto& [why, n] : refused_) std::cout << "    " << n << " × " << why << "\n";
    std::cout << refusals_;
  }

  void expect_coverage(std::int64_t least) const {
    EXPECT_GE(yes_ * 100, (yes_ + no_) * 30);
    EXPECT_LE(yes_ * 100, (yes_ + no_) * 70);
    for (const std::string_view feature : kFeatures) {
      const auto count = [&](const auto& map) {
        const auto at = map.find(std::string(feature));
        return at == map.end() ? 0 : at->second;
      };
      EXPECT_GE(count(hits_), least) << feature;
      EXPECT_GE(count(misses_), least) << feature;
    }
  }

  std::int64_t refusals() const {
    std::int64_t out = 0;
    for (const auto& [why, n] : refused_)
      if (why.find("not read by this version") == std::string::npos) out += n;
    return out;
  }
  std::int64_t rules() const { return rules_; }
  bool enough() const { return failures_ >= 6; }

 private:
  /// Without the place.
  static std::string reason(const std::string& error) {
    const std::string line = error.substr(0, error.find('\n'));
    return line.substr(line.find_last_of("0123456789:") == std::string::npos ? 0 : line.find(": ", line.find("r.yml")) + 1);
  }

  /// The reference is too slow to ask every rule about every event: it is asked about the rule that the event was made for
  /// and about some others, more of those that the engine found.
  bool compare(Dice& dice, const std::vector<MadeRule>& made, Both& both, std::size_t own, const Event& event) {
    fill(*both.engine_rules, event, both.event);
    bool own_answer = false;
    for (const Routing routing : {Routing::log_source, Routing::off}) {
      const auto found = both.found(routing);
      for (std::size_t i = 0; i < made.size(); ++i) {
        const bool engine = found.contains(made[i].id);
        if (i != own && !dice.percent(engine ? 3 : 1)) continue;
        const bool expected = says_yes(find(both.rules, made[i].id), event, routing == Routing::off);
        ++pairs_;
        if (i == own && routing == Routing::log_source) own_answer = expected;
        if (i == own && dice.percent(20)) explained(both, made[i].id, routing, engine);
        if (engine == expected || enough() || !wrong_.insert(fmt::format("{} {}", both.engine_rules->fingerprint(), made[i].id)).second) continue;
        ++failures_;
        std::vector<MadeRule> rules = made;
        std::swap(rules[0], rules[i]);
        if (disagree({rules[0]}, event, routing)) rules.resize(1);
        ADD_FAILURE() << smallest_case(rules, event, routing);
      }
    }
    return own_answer;
  }

  /// What an author is told must be what the matcher does.
  void explained(const Both& both, const std::string& id, Routing routing, bool engine) {
    ++explained_;
    const sigma::Explanation told = explain(*both.engine_rules, *both.engine_rules->find(id), both.event, routing);
    if (told.holds != engine && !enough() && ++failures_ > 0) ADD_FAILURE() << "explained otherwise than matched:\n" << to_text(told);
  }

  PropertyRun run_;
  std::map<std::string, std::int64_t> hits_, misses_, refused_;
  std::int64_t yes_ = 0, no_ = 0, pairs_ = 0, rules_ = 0, explained_ = 0;
  int failures_ = 0;
  std::string refusals_;                    ///< The first of each reason, in full.
  std::set<std::string> wrong_;             ///< Rules shown already.
};

TEST(Engine, answers_as_the_reference_does) {
  const PropertyRun run = PropertyRun::from_environment();
  TwoAnswers all(run);
  const std::uint64_t batches = run.full ? 110 : 3;
  for (std::uint64_t number = 0; number < batches && !all.enough(); ++number) all.batch(number, 200, run.full ? 50 : 10);
  all.report();
  all.expect_coverage(run.full ? 1'000 : 4);
  EXPECT_LE(all.refusals() * 20, all.rules()) << "the generator writes rules that are none";
}

}  // namespace
}  // namespace tocsin::reference
