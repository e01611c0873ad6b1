// rule_fingerprint_test.cpp: what changes the fingerprint of one rule, and what does not.
#include <gtest/gtest.h>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

/// The fingerprint of one rule, by its id.
Id128 print_of(const std::string& text, std::string_view id, const RuleSettings& settings = {}) {
  const auto file = yaml::parse("r.yml", text);
  const auto rules = RuleSet::read({*file}, settings);
  if (!rules) throw std::runtime_error(rules.error().text);
  for (std::size_t i = 0; i < rules->rules().size(); ++i) {
    if (rules->rules()[i].id == id) return rules->fingerprint(i);
  }
  throw std::runtime_error("no such rule");
}

const std::string kOne = detection("  sel: {f: a}\n  condition: sel\n", "one") + "---\n";
const std::string kTwo = detection("  sel: {f: b}\n  condition: sel\n", "two") + "---\n";
const std::string kOnTwo = "title: C\nid: c\ncorrelation: {type: event_count, rules: [two], timespan: 1m, condition: {gte: 2}, generate: true}\n---\n";
const std::string kOnThat = "title: D\nid: d\ncorrelation: {type: event_count, rules: [c], timespan: 1h, condition: {gte: 2}}\n---\n";

TEST(RuleFingerprint, does_not_move_with_order_comments_prose_and_other_rules) {
  const std::string all = kOne + kTwo + kOnTwo + kOnThat;
  for (const char* id : {"one", "two", "c", "d"}) {
    EXPECT_EQ(print_of(all, id), print_of(kOnThat + kOnTwo + "# words\n" + kTwo + kOne, id)) << id;
    EXPECT_EQ(print_of(all, id), print_of(all + detection("  sel: {f: c}\n  condition: sel\n", "three"), id)) << id;
  }
  EXPECT_EQ(print_of(kTwo, "two"), print_of(kTwo + kOnTwo + kOnThat, "two")) << "who counts it does not change what it finds";
  EXPECT_EQ(print_of(kTwo, "two"), print_of("description: many words\ntocsin: {tests: []}\n" + kTwo, "two"));
  const std::string other = detection("  sel: {f: z}\n  condition: sel\n", "one") + "---\n" + kTwo + kOnTwo + kOnThat;
  for (const char* id : {"two", "c", "d"}) EXPECT_EQ(print_of(all, id), print_of(other, id)) << id;
  EXPECT_NE(print_of(all, "one"), print_of(other, "one"));
  EXPECT_NE(print_of(all, "one"), print_of(all, "two"));
}

TEST(RuleFingerprint, moves_with_the_rules_below_and_their_filters) {
  const std::string all = kOne + kTwo + kOnTwo + kOnThat;
  const std::string changed = kOne + detection("  sel: {f: z}\n  condition: sel\n", "two") + "---\n" + kOnTwo + kOnThat;
  const auto filter = [](const std::string& value, const std::string& id = "f1") {
    return "title: F\nid: " + id + "\nlogsource: {product: p}\nfilter: {rules: [two], me: {user: " + value + "}, condition: not me}\n---\n";
  };
  EXPECT_EQ(print_of(all, "one"), print_of(all + filter("me"), "one"));
  for (const char* id : {"two", "c", "d"}) {
    EXPECT_NE(print_of(all, id), print_of(changed, id)) << id;
    EXPECT_NE(print_of(all, id), print_of(all + filter("me"), id)) << id;
    EXPECT_NE(print_of(all + filter("you"), id), print_of(all + filter("me"), id)) << id;
    EXPECT_EQ(print_of(all + filter("me") + filter("you", "f2"), id), print_of(all + filter("you", "f2") + filter("me"), id)) << "in either order: " << id;
  }
}

TEST(RuleFingerprint, moves_with_the_values_of_its_placeholders_alone) {
  RuleSettings now, later;
  now.placeholders = {{"admins", {"ana", "svc-*"}}, {"hosts", {"pc"}}};
  later.placeholders = {{"admins", {"ana", "svc-*", "eva"}}, {"hosts", {"pc"}}};
  for (const char* item : {"'f|expand': '%admins%'", "'f|re|expand': '^%admins%$'"}) {
    const std::string text = detection(fmt::format("  sel: {{{}}}\n  condition: sel\n", item), "e") + "---\n" +
                             detection("  sel: {f|expand: '%hosts%'}\n  condition: sel\n", "h") + "---\n" + kOne;
    EXPECT_NE(print_of(text, "e", now), print_of(text, "e", later)) << item;
    EXPECT_EQ(print_of(text, "h", now), print_of(text, "h", later)) << item;
    EXPECT_EQ(print_of(text, "one", now), print_of(text, "one", later)) << item;
    const auto file = yaml::parse("r.yml", text);
    EXPECT_NE(RuleSet::read({*file}, now)->fingerprint(), RuleSet::read({*file}, later)->fingerprint()) << item;
  }
  const std::string filter = kOne + "title: F\nid: f1\nlogsource: {product: p}\nfilter: {rules: any, me: {user|expand: '%admins%'}, condition: not me}\n";
  EXPECT_NE(print_of(filter, "one", now), print_of(filter, "one", later)) << "of its filter";
}

TEST(RuleFingerprint, of_an_extension_and_of_what_it_counts_are_two) {
  const std::string seen = detection("  sel: {f: a}\n  condition: sel\n", "x") + "tocsin: {first_seen: {fields: [g], history: 30d, learn: 7d}}\n";
  EXPECT_NE(print_of(seen, "x"), print_of(seen, "x (matches)"));
  const std::string filter = "---\ntitle: F\nid: f1\nlogsource: {product: p}\nfilter: {rules: [x], me: {user: me}, condition: not me}\n";
  EXPECT_NE(print_of(seen, "x"), print_of(seen + filter, "x")) << "the filter narrows what it counts";
}

TEST(RuleFingerprint, moves_with_the_group_of_its_alerts) {
  RuleSettings other;
  other.group_field = "src.ip";
  EXPECT_NE(print_of(kOne, "one"), print_of(kOne, "one", other));
}

}  // namespace
}  // namespace tocsin::sigma
