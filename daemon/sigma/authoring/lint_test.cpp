// lint_test.cpp: each code says what it promises, and a good rule gets none.
#include "daemon/sigma/authoring/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tocsin::sigma {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<LintFinding> findings(const std::string& text, const LintSettings& settings = {}) {
  auto file = yaml::parse("r.yml", text);
  if (!file) throw std::runtime_error(file.error().text);
  return lint({*file}, settings);
}

std::vector<std::string> codes(const std::string& text, const LintSettings& settings = {}) {
  std::vector<std::string> out;
  for (const LintFinding& each : findings(text, settings)) out.emplace_back(each.code);
  return out;
}

/// A rule without any finding but those of the given detection.
std::string rule(const std::string& detection, const std::string& more = {}, const std::string& id = "6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11") {
  return "title: T" + id.substr(0, 2) + "\nid: " + id + "\nstatus: test\nlevel: high\nlogsource: {product: windows, category: process_creation}\n" + more +
         "detection:\n" + detection;
}
const std::string kPlain = "  sel: {Image|endswith: '\\cmd.exe'}\n  condition: sel\n";

TEST(Lint, rules_that_a_collection_joins_are_judged_as_joined) {
  EXPECT_THAT(codes("action: global\nstatus: test\nlevel: high\nlogsource: {product: windows, category: process_creation}\ndetection: {sel1: {Image|endswith: '\\cmd.exe'}}\n---\n"
                    "title: A\nid: 6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11\ndetection: {condition: 1 of sel*}\n"), IsEmpty());
}

TEST(Lint, TS020_leaves_selections_alone_that_the_condition_below_tocsin_may_ask) {
  EXPECT_THAT(codes(rule("  sel: {Image|endswith: '\\cmd.exe'}\n  night: {Image|endswith: '\\x.exe'}\n  condition: sel\n",
                         "tocsin: {detection: {monday: {time|weekday: mon}, condition: sel and night and monday}}\n")), IsEmpty());
}

TEST(Lint, TS053_of_shipped_rules_not_of_filters_and_bases_however_they_are_named) {
  const LintSettings shipped{.shipped = true, .fields = {}, .placeholders = {}};
  const auto tests = [&](const std::string& text) {
    const auto all = codes(text, shipped);
    return std::count(all.begin(), all.end(), "TS053");
  };
  const std::string base = rule(kPlain, "name: base\n"), other = rule(kPlain, "name: other\n", "7a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11");
  EXPECT_EQ(tests(base), 1);
  EXPECT_EQ(tests(base + "---\n" + other + "---\ntitle: C\nid: c\ncorrelation: {type: temporal, timespan: 1m, condition: base and other}\n"), 1) << "of the correlation alone";
  EXPECT_EQ(tests(base + "---\ntitle: C\nid: c\ngenerate: true\ncorrelation: {type: event_count, rules: [base], timespan: 1m, condition: {gte: 2}}\n"), 2) << "it alerts itself";
  EXPECT_EQ(tests("title: F\nid: f\nlogsource: {product: windows}\nfilter: {rules: any, sel: {User: x}, condition: not sel}\n"), 0);
}

TEST(Lint, codes_are_sorted_unique_and_explained) {
  const std::vector<LintCode> table = lint_codes();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end(), [](const LintCode& a, const LintCode& b) { return a.code < b.code; }));
  for (std::size_t i = 1; i < table.size(); ++i) EXPECT_NE(table[i].code, table[i - 1].code);
  for (const LintCode& each : table) EXPECT_FALSE(each.explanation.empty());
}

TEST(Lint, a_good_rule_has_no_finding) { EXPECT_THAT(codes(rule(kPlain)), IsEmpty()); }

TEST(Lint, TS001_is_what_the_engine_refuses_at_its_place) {
  const auto found = findings(rule("  sel: {Image|endwith: x}\n  condition: sel\n"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "TS001");
  EXPECT_EQ(found[0].file, "r.yml");
  EXPECT_EQ(found[0].at.line, 7U);
  EXPECT_THAT(found[0].message, HasSubstr("unknown modifier `endwith`"));
}

TEST(Lint, TS002_and_TS003_names_and_titles_that_stand_twice) {
  EXPECT_THAT(codes(rule(kPlain) + "---\n" + rule(kPlain)), ElementsAre("TS003", "TS002"));
  EXPECT_THAT(codes(rule(kPlain) + "---\n" + rule(kPlain, {}, "7a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11")), IsEmpty());
}

TEST(Lint, TS004_to_TS010_the_frame_of_a_rule) {
  EXPECT_THAT(codes(rule(kPlain, {}, "no-uuid")), ElementsAre("TS004"));
  EXPECT_THAT(codes(rule(kPlain, "date: 2025/01/02\nmodified: 2025-02-30\n")), ElementsAre("TS005", "TS005"));
  EXPECT_THAT(codes(rule(kPlain, "date: 2024-02-29\n")), IsEmpty());
  EXPECT_THAT(codes("title: T\nid: 6a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11\nlogsource: {product: windows}\ndetection:\n" + kPlain), ElementsAre("TS006", "TS007"));
  const auto tags = findings(rule(kPlain, "tags: [attack.t1059, atack.t1059, alone]\n"));
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0].code, "TS008");
  EXPECT_EQ(tags[0].hint, "did you mean `attack`?");
  auto text = rule(kPlain);
  text.replace(text.find("process_creation"), 16, "process_creatoin");
  const auto source = findings(text);
  ASSERT_EQ(source.size(), 1U);
  EXPECT_EQ(source[0].code, "TS009");
  EXPECT_EQ(source[0].hint, "did you mean `process_creation`?");
  EXPECT_THAT(codes(rule(kPlain, "related: [{id: 7a0c0c2e-8f4e-4f0e-9f5a-0c9b7b1f2d11, type: obsoletes}]\n")), Contains("TS010")) << "beside TS001: it cannot be run either";
}

TEST(Lint, TS020_and_TS021_selections_and_conditions_fit_each_other) {
  EXPECT_THAT(codes(rule("  sel: {Image: x.exe}\n  filter: {Image: y.exe}\n  condition: sel\n")), ElementsAre("TS020"));
  EXPECT_THAT(codes(rule("  sel: {Image: x.exe}\n  condition: sel and not 1 of filter_*\n")), ElementsAre("TS021"));
  EXPECT_THAT(codes(rule("  sel_a: {Image: x.exe}\n  sel_b: {Image: y.exe}\n  condition: 1 of sel_*\n")), IsEmpty());
}

TEST(Lint, TS022_and_TS023_conditions_that_do_not_depend_on_the_event) {
  EXPECT_THAT(codes(rule("  sel: {Image: x.exe}\n  condition: sel and not sel\n")), ElementsAre("TS022"));
  EXPECT_THAT(codes(rule("  sel: {Image: x.exe}\n  filter: {Image: x.exe}\n  condition: sel and not filter\n")), ElementsAre("TS022")) << "equal selections answer alike";
  EXPECT_THAT(codes(rule("  sel: {Image: x.exe}\n  b: {Image: y.exe}\n  condition: sel or not sel or b\n")), ElementsAre("TS023"));
  EXPECT_THAT(codes(rule("  sel: {Image: x.exe}\n  b: {Image: y.exe}\n  condition: (sel or b) and not (sel and b)\n")), IsEmpty());
}

TEST(Lint, TS030_to_TS036_values) {
  const auto of = [](const std::string& item) { return codes(rule("  sel: {" + item + "}\n  condition: sel\n")); };
  EXPECT_THAT(of("Image|re: '.*a+'"), ElementsAre("TS030"));
  EXPECT_THAT(of("Image|re: 'a+.*'"), ElementsAre("TS030"));
  EXPECT_THAT(of("Image|re: 'plain'"), ElementsAre("TS031"));
  EXPECT_THAT(of("Image|re: '^plain$'"), IsEmpty());
  EXPECT_THAT(of("Image|contains: '*abc*'"), ElementsAre("TS032"));
  EXPECT_THAT(of("Image|startswith: 'abc*'"), ElementsAre("TS032"));
  EXPECT_THAT(of("Image: 'a**b'"), ElementsAre("TS032"));
  EXPECT_THAT(of("Image: ['*\\\\abc', '*def']"), IsEmpty()) << "with a backslash the rewrite is not obvious";
  EXPECT_THAT(of("Image: ['*abc', '*def']"), ElementsAre("TS033"));
  EXPECT_THAT(of("Image: ['*abc', 'def*']"), IsEmpty());
  EXPECT_THAT(of("Image|contains: ab"), ElementsAre("TS034"));
  EXPECT_THAT(of("Image: [abc, def, abc]"), ElementsAre("TS035"));
  EXPECT_THAT(of("Image|base64offset: abc"), ElementsAre("TS036"));
  EXPECT_THAT(of("Image|base64offset|contains: abc"), IsEmpty());
}

TEST(Lint, TS037_fields_that_no_mapping_fills) {
  const auto found = findings(rule("  sel: {Imag: x.exe}\n  condition: sel\n"), {.shipped = false, .fields = {"Image", "User"}, .placeholders = {}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "TS037");
  EXPECT_EQ(found[0].hint, "did you mean `Image`?");
  EXPECT_THAT(codes(rule(kPlain), {.shipped = false, .fields = {"Image"}, .placeholders = {}}), IsEmpty());
}

TEST(Lint, TS050_to_TS054_only_of_rules_that_are_shipped) {
  EXPECT_THAT(codes(rule(kPlain), {.shipped = true, .fields = {}, .placeholders = {}}), ElementsAre("TS050", "TS051", "TS052", "TS053", "TS054"));
  EXPECT_THAT(codes(rule(kPlain, "falsepositives: [none]\ntocsin: {title_zh: 题, promise: p, tests: [{it: a, given: [], expect: {alerts: 1}}, {it: b, given: [], expect: {alerts: 0}}]}\n"),
                    {.shipped = true, .fields = {}, .placeholders = {}}), IsEmpty());
}

TEST(Lint, what_we_ship_has_no_error) {
  std::vector<yaml::File> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TOCSIN_SOURCE_DIR "/rules/detections")) {
    if (entry.path().extension() != ".yml") continue;
    auto file = yaml::load(entry.path().string());
    ASSERT_TRUE(file) << file.error().text;
    files.push_back(std::move(*file));
  }
  ASSERT_FALSE(files.empty());
  for (const LintFinding& found : lint(files, {.shipped = true, .fields = {}, .placeholders = {}})) {
    if (found.severity == Severity::error) ADD_FAILURE() << found.file << ":" << found.at.line << ": " << found.code << " " << found.message;
  }
}

}  // namespace
}  // namespace tocsin::sigma
