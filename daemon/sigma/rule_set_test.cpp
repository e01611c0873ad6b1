// rule_set_test.cpp: log sources, what a match carries, links to correlations, fingerprints, folders.
#include "daemon/sigma/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "daemon/base/promise.h"
#include "daemon/sigma/rule_files.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<v1::RuleMatch> match(const RuleSet& rules, const Event& event) {
  std::vector<v1::RuleMatch> out;
  match(rules, event, out);
  return out;
}

RuleSet good(const std::string& text) {
  auto set = read_rules(text);
  if (!set) throw std::runtime_error(set.error().text);
  return std::move(*set);
}

std::vector<std::string> shown(const google::protobuf::RepeatedPtrField<v1::FieldValue>& values) {
  std::vector<std::string> out;
  for (const v1::FieldValue& value : values) out.push_back(value.field() + "=" + value.value());
  return out;
}

TEST(RuleSet, a_rule_looks_only_at_its_log_source) {
  const RuleSet rules = good("title: T\nid: t\nlogsource: {product: AWS, service: cloudtrail}\ndetection: {a: {f: x}, condition: a}\n");
  EXPECT_TRUE(matches(rules, {text("f", "x")}, {"aws", "", "cloudtrail"}));
  EXPECT_TRUE(matches(rules, {text("f", "x")}, {"aws", "any", "cloudtrail"})) << "a key the rule leaves out is any";
  EXPECT_FALSE(matches(rules, {text("f", "x")}, {"aws", "", ""}));
  EXPECT_FALSE(matches(rules, {text("f", "x")}, {"gcp", "", "cloudtrail"}));
}

TEST(RuleSet, a_detection_match_carries_group_and_evidence) {
  const RuleSet rules = good(detection("  sel: {f: a, g|exists: true}\n  condition: sel\n") + "fields: [extra]\n");
  const auto out = match(rules, event_of(rules, {text("f", "A"), list("g", {"1", "2", "3", "4", "5"}), text("actor.id", "ana"), text("extra", std::string(300, 'x'))}));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].rule_id(), "d1");
  EXPECT_EQ(out[0].base_rule_id(), "d1");
  EXPECT_THAT(shown(out[0].group()), ElementsAre("actor.id=ana"));
  EXPECT_THAT(shown(out[0].evidence()), ElementsAre("f=A", "g=1", "g=2", "g=3", "g=4", "g=… and 1 more",
                                                     "extra=" + std::string(256, 'x') + "…", "actor.id=ana"));
}

constexpr const char* kCorrelation =
    "---\ntitle: C\nid: c\ncorrelation:\n  type: value_count\n  rules: [d1]\n  group-by: [u, h]\n  timespan: 10m\n"
    "  condition: {field: v, gte: 5}\n";

TEST(RuleSet, products_of_long_lists_are_refused_instead_of_built) {
  const RuleSet rules = good(detection("  sel: {f: a}\n  condition: sel\n") + kCorrelation);
  std::vector<std::string> many;
  for (int i = 0; i < 5'000; ++i) many.push_back(fmt::format("value-{}", i));
  const auto begin = std::chrono::steady_clock::now();
  std::vector<v1::RuleMatch> out;
  std::size_t room = limits::kFrameBytesMax;
  EXPECT_FALSE(match(rules, event_of(rules, {text("f", "a"), list("u", many), list("h", many), list("v", {"1"})}), out, room)) << "25 million groups";
  room = limits::kFrameBytesMax;
  EXPECT_FALSE(match(rules, event_of(rules, {text("f", "a"), list("u", many), text("h", "pc"), list("v", many)}), out, room)) << "5,000 groups of 5,000 hashes";
  room = limits::kFrameBytesMax;
  EXPECT_TRUE(match(rules, event_of(rules, {text("f", "a"), list("u", {"a", "b"}), text("h", "pc"), list("v", many)}), out, room));
  EXPECT_EQ(out.size(), 2U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(RuleSet, the_base_of_a_correlation_does_not_alert_itself) {
  const std::string base = detection("  sel: {f: a}\n  condition: sel\n");
  const RuleSet silent = good(base + kCorrelation);
  const auto event = [](const RuleSet& rules) {
    return event_of(rules, {text("f", "a"), text("u", "ana"), text("h", "pc"), list("v", {"1", "2", "1"})});
  };
  const auto out = match(silent, event(silent));
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].rule_id(), "c");
  EXPECT_EQ(out[0].base_rule_id(), "d1");
  EXPECT_THAT(shown(out[0].group()), ElementsAre("u=ana", "h=pc"));
  EXPECT_EQ(out[0].value_hashes_size(), 2);
  EXPECT_EQ(out[0].value_hashes(0).size(), 16U);
  EXPECT_FALSE(silent.find("d1")->alerts());

  for (const char* generate : {"generate: true\n", "  generate: true\n"}) {
    const RuleSet loud = good(base + kCorrelation + generate);
    EXPECT_EQ(match(loud, event(loud)).size(), 2U) << generate;
  }
}

TEST(RuleSet, an_event_without_a_group_by_value_does_not_count) {
  const RuleSet rules = good(detection("  sel: {f: a}\n  condition: sel\n") + kCorrelation);
  EXPECT_TRUE(match(rules, event_of(rules, {text("f", "a"), text("u", "ana")})).empty());
  EXPECT_TRUE(match(rules, event_of(rules, {text("f", "a"), text("u", "ana"), null("h")})).empty());
  EXPECT_EQ(match(rules, event_of(rules, {text("f", "a"), text("u", "ana"), text("h", "")})).size(), 1U);
}

TEST(RuleSet, several_group_by_values_are_several_groups) {
  const RuleSet rules = good(detection("  sel: {f: a}\n  condition: sel\n") + kCorrelation);
  const auto out = match(rules, event_of(rules, {text("f", "a"), list("u", {"b", "a"}), list("h", {"1", "2"})}));
  ASSERT_EQ(out.size(), 4U);
  EXPECT_THAT(shown(out[0].group()), ElementsAre("u=a", "h=1"));
  EXPECT_THAT(shown(out[3].group()), ElementsAre("u=b", "h=2"));
  EXPECT_EQ(out[0].value_hashes_size(), 0) << "without the counted field there is nothing to count";
}

TEST(RuleSet, equal_values_have_equal_hashes_and_tuples_do_not_run_together) {
  const RuleSet rules = good(detection("  sel: {f: a}\n  condition: sel\n") +
                             "---\ntitle: C\nid: c\ncorrelation: {type: value_count, rules: [d1], timespan: 1m, condition: {field: [v, w], gte: 2}}\n");
  const auto hash = [&](const Field& v, const Field& w) {
    return match(rules, event_of(rules, {text("f", "a"), v, w}))[0].value_hashes(0);
  };
  EXPECT_EQ(hash(number("v", "1"), text("w", "x")), hash(text("v", "1"), text("w", "x")));
  EXPECT_NE(hash(text("v", "ab"), text("w", "c")), hash(text("v", "a"), text("w", "bc")));
}

TEST(RuleSet, aliases_name_a_field_per_rule) {
  const RuleSet rules = good(detection("  sel: {f: a}\n  condition: sel\n", "one") + "---\n" + detection("  sel: {f: b}\n  condition: sel\n", "two") +
                             "---\ntitle: C\nid: c\ncorrelation:\n  type: event_count\n  rules: [one, two]\n  group-by: [who]\n  timespan: 1m\n"
                             "  aliases: {who: {one: src, two: dst}}\n  condition: {gte: 2}\n");
  const std::vector<Field> both = {text("src", "s"), text("dst", "d")};
  auto a = match(rules, event_of(rules, {text("f", "a"), both[0], both[1]}));
  auto b = match(rules, event_of(rules, {text("f", "b"), both[0], both[1]}));
  ASSERT_EQ(a.size() + b.size(), 2U);
  EXPECT_THAT(shown(a[0].group()), ElementsAre("who=s"));
  EXPECT_THAT(shown(b[0].group()), ElementsAre("who=d"));
}

TEST(RuleSet, subjects_are_a_field_of_hashes) {
  const RuleSet rules = good(detection("  sel: {subjects.ref|exists: true}\n  condition: sel\n"));
  Event event = event_of(rules, {});
  EXPECT_TRUE(match(rules, event).empty());
  event.subjects.push_back({identity({"x"}), "customer", 1});
  EXPECT_EQ(match(rules, event).size(), 1U);
}

TEST(RuleSet, the_fingerprint_is_of_meaning_not_of_prose) {
  const std::string a = detection("  sel: {f: a}\n  condition: sel\n", "a");
  const std::string b = detection("  sel: {f: b}\n  condition: sel\n", "b");
  const std::string base = good(a + "---\n" + b).fingerprint();
  EXPECT_EQ(base, good(b + "---\n" + a).fingerprint());
  EXPECT_EQ(base, good("# a comment\n" + a + "description: other words\ntocsin: {tests: []}\n---\n" + b).fingerprint());
  EXPECT_NE(base, good(a + "tocsin: {title_zh: 题}\n---\n" + b).fingerprint());
  EXPECT_NE(base, good(a).fingerprint());
  EXPECT_NE(good(detection("  sel: {f: '1'}\n  condition: sel\n")).fingerprint(), good(detection("  sel: {f: 1}\n  condition: sel\n")).fingerprint());
}

TEST(RuleSet, the_id_of_what_an_extension_counts_is_no_rules_own) {
  const std::string taken = detection("  sel: {f: b}\n  condition: sel\n", "x (matches)") + "---\n";
  const std::string seen = detection("  sel: {f: a}\n  condition: sel\n", "x") + "tocsin: {first_seen: {fields: [g], history: 30d, learn: 7d}}\n";
  EXPECT_THAT(faults_of(taken + seen), HasSubstr("r.yml:2:5: ` (matches)` at the end of an id or a name is kept for what an extension counts"));
  EXPECT_THAT(faults_of(seen + "---\n" + taken), HasSubstr("is kept for what an extension counts"));
  EXPECT_THAT(faults_of(seen + "---\nname: x (matches)\n" + detection("  sel: {f: c}\n  condition: sel\n", "y")), HasSubstr("r.yml:9:7: ` (matches)` at the end"));
}

TEST(RuleSet, folders_are_read_whole_and_sorted) {
  char folder[] = "/tmp/rule_set_XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::filesystem::path root = folder;
  std::filesystem::create_directories(root / "sub");
  std::ofstream(root / "b.yml") << detection("  sel: {f: a}\n  condition: sel\n", "b");
  std::ofstream(root / "sub/a.yaml") << detection("  sel: {f: a}\n  condition: sel\n", "a");
  std::ofstream(root / "notes.md") << "no rule";
  auto set = RuleSet::load({folder, (root / "b.yml").string()});
  ASSERT_TRUE(set) << set.error().text;
  EXPECT_EQ(set->rules().size(), 2U);
  std::ofstream(root / "c.yml") << "";
  std::ofstream(root / "d.yml") << "a: [";
  set = RuleSet::load({folder, "/no/such/place"});
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().text, HasSubstr("/no/such/place: no such file or folder"));
  EXPECT_THAT(set.error().text, HasSubstr("c.yml:1:1: the file is empty"));
  EXPECT_THAT(set.error().text, HasSubstr("d.yml"));
  std::filesystem::remove_all(root);
}

/// A folder of rule files, gone with the test.
struct RuleFolder {
  RuleFolder() { TOCSIN_ASSERT(mkdtemp(name) != nullptr); }
  ~RuleFolder() { std::filesystem::remove_all(name); }
  std::string path(const std::string& file) const { return std::string(name) + "/" + file; }
  void write(const std::string& file, const std::string& text) const { std::ofstream(path(file)) << text; }
  char name[32] = "/tmp/rule_folder_XXXXXX";
};

std::vector<std::string> ids_of(const RuleSet& rules) {
  std::vector<std::string> out;
  for (const Rule& rule : rules.rules()) out.push_back(rule.id);
  return out;
}

TEST(LoadRules, one_bad_document_takes_no_other_down) {
  const RuleFolder folder;
  folder.write("a.yml", detection("  sel: {f: a}\n  condition: sel\n", "a") + "---\n" + detection("  sel: {f|contain: a}\n  condition: sel\n", "bad") +
                            "---\n" + detection("  sel: {f: a}\n  condition: sel\n", "b"));
  folder.write("b.yml", "a: [");
  folder.write("c.yml", detection("  sel: {f: a}\n  condition: sel\n", "c"));
  folder.write("d.yml", detection("  sel: {f: a}\n  condition: sel\n", "c"));
  folder.write("e.yml", "");
  auto loaded = load_rules({folder.name});
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_THAT(ids_of(loaded->rules), ElementsAre("a", "b", "c"));
  EXPECT_NE(loaded->rules.find("c"), nullptr);
  EXPECT_EQ(loaded->rules.find("bad"), nullptr);
  ASSERT_EQ(loaded->rejected.size(), 4U);
  EXPECT_EQ(loaded->rejected[0].file, folder.path("a.yml"));
  EXPECT_EQ(loaded->rejected[0].line, 8U);
  EXPECT_EQ(loaded->rejected[0].id, "bad");
  EXPECT_EQ(loaded->rejected[0].title, "T");
  EXPECT_THAT(loaded->rejected[0].faults, ElementsAre(HasSubstr("a.yml:12:11: unknown modifier `contain`")));
  EXPECT_THAT(loaded->rejected[1].faults, ElementsAre(HasSubstr("b.yml:2:1: not YAML")));
  EXPECT_THAT(loaded->rejected[2].faults, ElementsAre(HasSubstr("d.yml:2:5: `c` is already the id of the rule `T` in " + folder.path("c.yml") + ":1")));
  EXPECT_THAT(loaded->rejected[3].faults, ElementsAre(HasSubstr("e.yml:1:1: the file is empty")));

  RuleSettings strict;
  strict.strict = true;
  loaded = load_rules({folder.name}, strict);
  ASSERT_FALSE(loaded);
  for (const char* each : {"unknown modifier", "not YAML", "is already the id", "is empty"}) EXPECT_THAT(loaded.error().text, HasSubstr(each));
}

TEST(LoadRules, a_correlation_on_a_rejected_rule_is_rejected_and_says_why) {
  const auto file = yaml::parse("r.yml", detection("  sel: {f|contain: a}\n  condition: sel\n") + kCorrelation + "---\n" +
                                             detection("  sel: {f: a}\n  condition: sel\n", "other"));
  auto loaded = link_rules({*file});
  ASSERT_TRUE(loaded);
  EXPECT_THAT(ids_of(loaded->rules), ElementsAre("other"));
  ASSERT_EQ(loaded->rejected.size(), 2U);
  EXPECT_THAT(loaded->rejected[1].faults, ElementsAre(HasSubstr("r.yml:12:11: this correlation is built on the rule `d1`, which is rejected in r.yml:1")));
}

TEST(LoadRules, the_base_of_a_rejected_correlation_stays_silent) {
  const auto file = yaml::parse("r.yml", detection("  sel: {f: a}\n  condition: sel\n") + std::string(kCorrelation) + "level: hgih\n");
  auto loaded = link_rules({*file});
  ASSERT_TRUE(loaded);
  ASSERT_THAT(ids_of(loaded->rules), ElementsAre("d1"));
  EXPECT_FALSE(loaded->rules.find("d1")->alerts()) << "each event as an alert is not what its author meant";
}

TEST(LoadRules, a_path_that_is_not_there_is_always_an_error) {
  const RuleFolder folder;
  EXPECT_THAT(load_rules({folder.name}).error().text, HasSubstr("no rule (*.yml, *.yaml) in this folder"));
  folder.write("bad.yml", "a: [");
  const auto loaded = load_rules({folder.name, "/no/such/place"});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().text, HasSubstr("/no/such/place: no such file or folder"));
  EXPECT_THAT(loaded.error().text, HasSubstr("not YAML"));
}

TEST(RuleCache, an_unchanged_file_is_not_read_again_and_its_rules_are_the_same_objects) {
  const RuleFolder folder;
  folder.write("a.yml", detection("  sel: {f: a}\n  condition: sel\n", "a"));
  folder.write("b.yml", detection("  sel: {g: a}\n  condition: sel\n", "b"));
  folder.write("c.yml", detection("  sel: {h: a}\n  condition: sel\n", "c"));
  RuleCache cache;
  auto first = load_rules({folder.name}, {}, cache);
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(cache.parsed(), 3U);
  folder.write("b.yml", detection("  sel: {new: b}\n  condition: sel\n", "b"));
  std::filesystem::remove(folder.path("c.yml"));
  auto second = load_rules({folder.name}, {}, cache);
  ASSERT_TRUE(second) << second.error().text;
  EXPECT_EQ(cache.parsed(), 1U);
  EXPECT_THAT(ids_of(second->rules), ElementsAre("a", "b"));
  EXPECT_EQ(first->rules.find("a"), second->rules.find("a"));
  EXPECT_NE(first->rules.find("b"), second->rules.find("b"));
  EXPECT_NE(first->rules.fingerprint(), second->rules.fingerprint());
  for (const char* field : {"f", "g", "actor.id"}) EXPECT_EQ(first->rules.fields().find(field), second->rules.fields().find(field)) << field;
  EXPECT_TRUE(matches(second->rules, {text("new", "b")}));
  EXPECT_TRUE(matches(first->rules, {text("g", "a")})) << "the old set is whole as long as someone holds it";
  // The same bytes with new times are read, and seen to be the same.
  folder.write("a.yml", detection("  sel: {f: a}\n  condition: sel\n", "a"));
  auto third = load_rules({folder.name}, {}, cache);
  ASSERT_TRUE(third);
  EXPECT_EQ(cache.parsed(), 0U);
  EXPECT_EQ(third->rules.find("a"), second->rules.find("a"));
}

TEST(RuleCache, a_table_of_forgotten_fields_begins_anew) {
  const RuleFolder folder;
  RuleCache cache;
  std::size_t most = 0, last = 0;
  for (int round = 0; round < 6; ++round) {
    std::string many;
    for (int i = 0; i < 500; ++i) many += fmt::format("    f{}x{}: a\n", round, i);
    folder.write("a.yml", detection("  sel:\n" + many + "  condition: sel\n"));
    auto loaded = load_rules({folder.name}, {}, cache);
    ASSERT_TRUE(loaded) << loaded.error().text;
    last = loaded->rules.fields().size();
    most = std::max(most, last);
  }
  EXPECT_GT(most, 1'500U) << "slots stay while they can";
  EXPECT_LT(most, 3'000U);
  EXPECT_LT(last, most);
}

TEST(RuleSet, matches_fast_enough_with_the_shipped_rules) {
  auto rules = RuleSet::load({TOCSIN_SOURCE_DIR "/rules/detections"});
  ASSERT_TRUE(rules) << rules.error().text;
  const LogSource access{"tocsin", "access", ""};
  const Event quiet = event_of(*rules, {text("actor.id", "ana"), list("actor.roles", {"billing"}), text("actor.type", "employee"),
                                        text("action.verb", "Update"), list("resource.classifications", {"personal"})}, access);
  std::vector<v1::RuleMatch> out;
  const auto start = std::chrono::steady_clock::now();
  constexpr int kEvents = 100'000;
  Matcher matcher(std::make_shared<const RuleSet>(std::move(*rules)));
  std::size_t said_yes = 0;
  for (int i = 0; i < kEvents; ++i) {
    for (const std::uint32_t rule : matcher.match(quiet)) said_yes += matcher.rules().rules()[rule].alerts() ? 1 : 0;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_EQ(said_yes, 0U);
  RecordProperty("events_per_second", static_cast<int>(kEvents / seconds));
  std::cout << "  " << static_cast<long>(kEvents / seconds) << " quiet events/s\n";
  EXPECT_LT(seconds, 20.0) << "a sanity bound only: sanitizers and busy machines are slow";
}

}  // namespace
}  // namespace tocsin::sigma
