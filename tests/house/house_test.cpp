// house_test.cpp: the tree as it is passes every check, and a small tree that violates a check is caught by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/house/checks.h"
#include "tests/support/temp_folder.h"

namespace tocsin::house {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Tree& ours() {
  static const Tree tree{fs::path(TOCSIN_SOURCE_DIR)};
  return tree;
}

/// A tree of a few files on the disk, so that the walk is tested as well.
Tree fixture(std::initializer_list<std::pair<std::string, std::string>> files) {
  const tocsin::testing::TempFolder folder;
  for (const auto& [path, text] : files) {
    fs::create_directories((fs::path(folder.path()) / path).parent_path());
    std::ofstream(fs::path(folder.path()) / path) << text;
  }
  return Tree(folder.path());
}

struct Named {
  std::string_view name;
  Check* check;
  friend void PrintTo(const Named& named, std::ostream* out) { *out << named.name; }
};

class House : public ::testing::TestWithParam<Named> {};

TEST_P(House, is_in_order) {
  const Findings findings = GetParam().check(ours());
  for (const std::string& finding : findings) ADD_FAILURE() << finding;
}

INSTANTIATE_TEST_SUITE_P(our, House,
                         ::testing::Values(Named{"conformance_is_tested", conformance_is_tested}, Named{"first_lines_say_what_a_file_is", first_lines_say_what_a_file_is}, Named{"includes_point_down", includes_point_down},
                                         Named{"libraries_stay_in_their_folders", libraries_stay_in_their_folders}, Named{"limits_are_hit_in_tests", limits_are_hit_in_tests},
                                         Named{"names_and_notes_are_clean", names_and_notes_are_clean}, Named{"nothing_is_empty", nothing_is_empty},
                                         Named{"readmes_are_true", readmes_are_true}, Named{"rules_carry_their_tests", rules_carry_their_tests},
                                         Named{"table_rows_have_file_and_test", table_rows_have_file_and_test}, Named{"tables_are_sorted", tables_are_sorted},
                                         Named{"top_level_is_fixed", top_level_is_fixed}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(HouseOnOurTree, reads_enough_of_it_to_judge) {
  EXPECT_GT(ours().files().size(), 200U);
  EXPECT_NE(ours().find("daemon/base/limits.h"), nullptr);
  EXPECT_FALSE(ours().has("build"));
}

TEST(Includes, an_arrow_up_is_found) {
  EXPECT_THAT(includes_point_down(fixture({{"daemon/model/x.cpp", "#include \"daemon/casebook/casebook.h\"\n"}})),
              ElementsAre("daemon/model/x.cpp:1: includes daemon/casebook/casebook.h, which is above it (floor 2 → 4)"));
}

TEST(Includes, a_neighbour_is_found) {
  EXPECT_THAT(includes_point_down(fixture({{"daemon/courier/x.h", "\n#include \"daemon/report/report.h\"\n"}})),
              ElementsAre("daemon/courier/x.h:2: includes daemon/report/report.h, its neighbour on floor 5"));
}

TEST(Includes, a_folder_without_a_floor_is_found) {
  EXPECT_THAT(includes_point_down(fixture({{"daemon/extras/x.cpp", "int x;\n"}})), ElementsAre(HasSubstr("stands on no floor")));
}

TEST(Includes, production_code_that_needs_tests_is_found) {
  EXPECT_THAT(includes_point_down(fixture({{"daemon/log/x.cpp", "#include \"tests/support/temp_folder.h\"\n"}, {"daemon/log/x_test.cpp", "#include \"tests/support/temp_folder.h\"\n"}})),
              ElementsAre(HasSubstr("daemon/log/x.cpp:1")));
}

TEST(Includes, grpc_below_its_floor_and_a_relative_path_are_found) {
  EXPECT_THAT(includes_point_down(fixture({{"daemon/store/x.cpp", "#include \"tocsin/v1/service.grpc.pb.h\"\n#include \"rows.h\"\n"}})),
              ElementsAre(HasSubstr("only serve and cli speak gRPC"), HasSubstr("not written from the root")));
}

TEST(Includes, main_knows_only_the_verbs) {
  EXPECT_THAT(includes_point_down(fixture({{"daemon/main.cpp", "#include \"daemon/store/store.h\"\n#include \"daemon/cli/cli.h\"\n"}})), ElementsAre(HasSubstr("main knows only the verbs")));
}

TEST(Libraries, one_that_leaks_is_found) {
  EXPECT_THAT(libraries_stay_in_their_folders(fixture({{"daemon/casebook/x.cpp", "#include <sqlite3.h>\n#include <map>\n#include <sys/stat.h>\n"}, {"daemon/store/x.cpp", "#include <sqlite3.h>\n"}})),
              ElementsAre("daemon/casebook/x.cpp:1: <sqlite3.h> belongs to daemon/store"));
}

TEST(Libraries, one_that_nobody_chose_and_a_test_library_in_the_product_are_found) {
  EXPECT_THAT(libraries_stay_in_their_folders(fixture({{"daemon/log/x.cpp", "#include <nlohmann/json.hpp>\n#include <gtest/gtest.h>\n"}})),
              ElementsAre(HasSubstr("has no row"), HasSubstr("is for tests")));
}

TEST(Conformance, a_row_whose_test_is_not_there_and_a_modifier_without_a_row_are_found) {
  const std::string rows = "| `all` | every value | `m_test.cpp` Modifiers.all, Modifiers.gone |\n| x | y | `n_test.cpp` N.x |\n| z | z | `m_test.cpp` |\n";
  EXPECT_THAT(conformance_is_tested(fixture({{"rules/README.md", rows},
                                             {"daemon/sigma/language/modifiers.cpp", "constexpr Modifier kModifiers[] = {\n    {\"all\", all},\n    {\"cidr\", cidr},\n};\n"},
                                             {"daemon/sigma/language/m_test.cpp", "TEST(Modifiers, all) {}\n"}})),
              ElementsAre("rules/README.md:1: daemon/sigma/language/m_test.cpp has no test Modifiers.gone", "rules/README.md:2: no test file `n_test.cpp` below daemon/sigma",
                          "rules/README.md:3: names a file, but no test of it", "rules/README.md: says nothing of the modifier `cidr`"));
}

TEST(FirstLine, one_that_says_nothing_or_names_another_file_is_found) {
  EXPECT_THAT(first_lines_say_what_a_file_is(fixture({{"daemon/log/a.h", "#pragma once\n"}, {"daemon/log/b.cpp", "// c.cpp: what another file is.\n"}, {"daemon/log/c.cpp", "// c.cpp: frames on a disk.\n"},
                                                      {"tests/x", "#!/usr/bin/env bash\nset -e\n"}, {"tests/y.py", "\"\"\"y.py: makes a topic.\"\"\"\n"}})),
              ElementsAre(HasSubstr("daemon/log/a.h:1"), HasSubstr("daemon/log/b.cpp:1"), HasSubstr("tests/x:1")));
}

TEST(Names, banned_words_and_notes_are_found_and_longer_words_are_not) {
  EXPECT_THAT(names_and_notes_are_clean(fixture({{"daemon/log/a.cpp", "class FrameManager {};\nclass Informer {};\nint database;  // TODO: later\n"}, {"daemon/log/log_utils.h", "struct Implied {};\n"}})),
              ElementsAre(HasSubstr("a.cpp:1: `Manager`"), HasSubstr("a.cpp:3: TODO"), HasSubstr("log_utils.h: `Utils`")));
}

TEST(Empty, a_file_of_blank_lines_is_found) {
  EXPECT_THAT(nothing_is_empty(fixture({{"rules/x.yml", "\n\n"}, {"rules/y.yml", "a: 1\n"}})), ElementsAre("rules/x.yml: is empty"));
}

TEST(Tables, rows_are_read_whatever_stands_in_their_texts) {
  EXPECT_THAT(table_rows("x\nconstexpr Row kRows[] = {\n    {\"a\", f, \"with } and { in it\"}, {\"b\", {\"c\"}},\n    {\"d\", g},\n};\n{\"e\"}", "kRows"), ElementsAre("a", "b", "d"));
  EXPECT_THAT(table_rows("nothing", "kRows"), IsEmpty());
}

TEST(Tables, one_out_of_order_or_twice_is_found) {
  EXPECT_THAT(tables_are_sorted(fixture({{"notifiers/notifiers.cpp", "constexpr Row kRows[] = {\n{\"sms\", a},\n{\"email\", b},\n{\"email\", b},\n};\n"}})),
              ElementsAre(HasSubstr("`email` must stand before `sms`"), HasSubstr("`email` stands twice")));
}

TEST(Tables, a_row_without_file_or_test_and_a_file_without_row_are_found) {
  EXPECT_THAT(table_rows_have_file_and_test(fixture({{"daemon/cli/cli.cpp", "constexpr Verb kVerbs[] = {\n    {\"check\", add_check},\n    {\"run\", add_run},\n};\n"},
                                                     {"daemon/cli/check_verb.cpp", "x\n"}, {"daemon/cli/stop_verb.cpp", "x\n"}, {"daemon/cli/check_test.cpp", "run({\"check\"})\n"}})),
              ElementsAre(HasSubstr("row `run` has no file daemon/cli/run_verb.cpp"), HasSubstr("daemon/cli/stop_verb.cpp: has no row")));
}

TEST(Tables, a_row_that_no_test_names_is_found) {
  EXPECT_THAT(table_rows_have_file_and_test(fixture({{"notifiers/notifiers.cpp", "constexpr Row kRows[] = {\n{\"fax\", a},\n};\n"}, {"notifiers/fax.cpp", "x\n"}, {"notifiers/contract_test.cpp", "faxes\n"}})),
              ElementsAre(HasSubstr("row `fax` is named by no test")));
}

TEST(Limits, one_that_no_test_hits_is_found) {
  EXPECT_THAT(limits_are_hit_in_tests(fixture({{"daemon/base/limits.h", "inline constexpr int kHit = 1;  ///< Why.\ninline constexpr int kMissed = 2;   ///< Why.\ninline constexpr int kHitToo{3};\n"},
                                               {"daemon/base/x_test.cpp", "EXPECT_EQ(limits::kHit, limits::kHitToo)\n"}, {"daemon/base/x.cpp", "kMissed\n"}})),
              ElementsAre(HasSubstr("kMissed is hit in no test"), HasSubstr("no reason: inline constexpr int kHitToo")));
}

TEST(Rules, one_without_tests_is_found) {
  EXPECT_THAT(rules_carry_their_tests(fixture({{"rules/detections/a/x.yml", "title: x\ntocsin:\n  title_zh: x\n  tests:\n    - expect: {alerts: 1}\n"},
                                               {"rules/mappings/m.yml", "# m.yml: x\nname: n\nsamples:\n"}, {"rules/jurisdictions/j.yml", "# j.yml: x\nid: j\n"}})),
              ElementsAre(HasSubstr("no test of it stays quiet"), HasSubstr("j.yml: no test"), HasSubstr("m.yml: its name")));
}

TEST(Readmes, a_path_that_is_not_there_and_a_folder_that_is_left_out_are_found) {
  EXPECT_THAT(readmes_are_true(fixture({{"README.md", "Read `daemon/README.md`, `/etc/tocsin/tocsin.yml` and `rules/none.yml`.\n\n| `daemon/` | the daemon |\n"}, {"daemon/README.md", "`base/x.cpp`\n"},
                                        {"daemon/base/x.cpp", "x\n"}, {"rules/x.yml", "x\n"}})),
              ElementsAre("README.md: there is no `rules/none.yml`", "README.md: the table of folders leaves out `rules/`"));
}

TEST(TopLevel, a_new_entry_is_found) {
  EXPECT_THAT(top_level_is_fixed(fixture({{"scripts/x", "x\n"}, {"daemon/x", "x\n"}, {"build/x", "x\n"}})), ElementsAre(HasSubstr("scripts")));
}

}  // namespace
}  // namespace tocsin::house
