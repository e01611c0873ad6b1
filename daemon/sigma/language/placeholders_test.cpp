// placeholders_test.cpp: lists of values from files, and rules that name them.
#include "daemon/sigma/language/placeholders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Placeholders kKnown = {{"admins", {"ana", "svc-*"}}, {"hosts", {"pc1", "pc2"}}, {"odd.name", {"a+b", "c?d"}}};

Result<RuleSet> read(const std::string& selection, const Placeholders& known = kKnown) {
  auto file = yaml::parse("r.yml", detection("  sel: " + selection + "\n  condition: sel\n"));
  if (!file) return Failure(file.error());
  RuleSettings settings;
  settings.placeholders = known;
  return RuleSet::read({*file}, settings);
}

bool yes(const std::string& selection, const std::string& value) {
  auto rules = read(selection);
  if (!rules) throw std::runtime_error(rules.error().text);
  return matches(*rules, {text("f", value)});
}

TEST(Placeholders, stand_for_any_of_their_values) {
  EXPECT_TRUE(yes("{f|expand: '%admins%'}", "Ana"));
  EXPECT_TRUE(yes("{f|expand: '%admins%'}", "svc-backup")) << "wildcards of values count";
  EXPECT_FALSE(yes("{f|expand: '%admins%'}", "eva"));
  EXPECT_TRUE(yes("{f|expand: ['%admins%', eva]}", "eva"));
  EXPECT_TRUE(yes("{'f|expand|contains': '%odd.name%'}", "xa+bx"));
  EXPECT_TRUE(yes("{'f|contains|expand': '%admins%'}", "xanax")) << "in either order";
}

TEST(Placeholders, several_in_one_value_stand_for_every_combination) {
  for (const char* each : {"pc1/ana", "pc2/ana", "pc2/svc-x"}) EXPECT_TRUE(yes("{f|expand: '%hosts%/%admins%'}", each)) << each;
  EXPECT_FALSE(yes("{f|expand: '%hosts%/%admins%'}", "pc3/ana"));
  EXPECT_TRUE(yes("{'f|expand|all': ['%hosts%*', '*%admins%']}", "pc1 ana")) << "each value is met by any of its ways";
}

TEST(Placeholders, only_expand_reads_them_and_escapes_keep_them) {
  EXPECT_TRUE(yes("{f: '%admins%'}", "%admins%"));
  EXPECT_TRUE(yes(R"({f|expand: '\%admins\%'})", "%admins%"));
  EXPECT_TRUE(yes("{f|expand: '100%'}", "100%"));
  EXPECT_TRUE(yes("{f|expand: 'a%%b'}", "a%%b"));
}

TEST(Placeholders, stand_for_themselves_within_a_regular_expression) {
  EXPECT_TRUE(yes("{'f|re|expand': '^%odd.name%$'}", "a+b"));
  EXPECT_FALSE(yes("{'f|re|expand': '^%odd.name%$'}", "aab"));
  EXPECT_TRUE(yes("{'f|re|expand': '^%odd.name%$'}", "cxd"));
  EXPECT_TRUE(yes("{'f|re|expand': '^%admins%$'}", "svc-7"));
}

TEST(Placeholders, an_unresolved_one_rejects_the_rule_with_a_caret) {
  EXPECT_EQ(read("{f|expand: 'x %admns%'}").error().text, "r.yml:5:22: nothing says what `%admns%` stands for\n"
                                                          "  5 |   sel: {f|expand: 'x %admns%'}\n"
                                                          "    |                      ^^^^^^^ did you mean `admins`?");
  EXPECT_THAT(read("{f|expand: '%admins%'}", {}).error().text, HasSubstr("give its values with `--placeholders`"));
  EXPECT_THAT(read("{f|expand: '%../../etc/passwd%'}").error().text, HasSubstr("nothing says what `%../../etc/passwd%` stands for")) << "a name is never a path";
  EXPECT_THAT(read("{f|expand: null}").error().text, HasSubstr("`expand` needs a text"));
}

TEST(Placeholders, too_many_combinations_are_refused) {
  Placeholders many;
  for (int i = 0; i < 400; ++i) many["n"].push_back(std::to_string(i));
  EXPECT_THAT(read("{f|expand: '%n%%n%'}", many).error().text, HasSubstr(fmt::format("more than {} values", limits::kRulePatternsMax)));
  EXPECT_THAT(read("{f|expand: ['%n%', '%n%']}", many) ? "read" : "refused", HasSubstr("read"));
}

struct Folder {
  Folder() { std::filesystem::create_directories(path + "/sub"); }
  ~Folder() { std::filesystem::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path + "/" + name) << text; }
  std::string path = testing::TempDir() + "placeholders_" + std::to_string(getpid());
};

TEST(Placeholders, come_from_text_files_and_yaml_maps) {
  const Folder folder;
  folder.write("admins.txt", "# who may\nana\n\nDOMAIN\\svc-*  \r\n");
  folder.write("sub/more.yml", "admins: [eva]\nhosts: pc1\n");
  folder.write("notes.md", "nothing");
  auto known = load_placeholders({folder.path});
  ASSERT_TRUE(known) << known.error().text;
  EXPECT_EQ(known->size(), 2U);
  EXPECT_THAT(known->at("admins"), ElementsAre("ana", "DOMAIN\\svc-*", "eva"));
  EXPECT_THAT(known->at("hosts"), ElementsAre("pc1"));
}

TEST(Placeholders, files_without_values_are_faults_all_at_once) {
  const Folder folder;
  folder.write("a.txt", "# nobody\n");
  folder.write("b.yml", "x: {y: z}\nz: []\nn: ~\n");
  folder.write("c.yml", "- a\n");
  const auto known = load_placeholders({folder.path, "/no/such/list"});
  ASSERT_FALSE(known);
  for (const char* each : {"a.txt:1:1: no value", "b.yml:1:4: a value of `x` must be a text", "b.yml:2:1: `z` has no value", "b.yml:3:4", "c.yml:1:1: placeholders are a map", "/no/such/list"}) {
    EXPECT_THAT(known.error().text, HasSubstr(each));
  }
}

}  // namespace
}  // namespace tocsin::sigma
