// shipped_pack_test.cpp: the pack keeps what its README says: each promise R01 to R25 stands in one file, told in two languages and tested.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "daemon/base/file.h"
#include "daemon/sigma/authoring/rule_tests.h"
#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

namespace fs = std::filesystem;

const fs::path kDetections = TOCSIN_SOURCE_DIR "/rules/detections";

std::string readme() {
  auto text = read_file(TOCSIN_SOURCE_DIR "/rules/README.md");
  return text ? *text : throw std::runtime_error(text.error().text);
}

std::shared_ptr<const RuleSet> shipped() {
  auto set = RuleSet::load({kDetections.string()});
  if (!set) throw std::runtime_error(set.error().text);
  return std::make_shared<const RuleSet>(std::move(*set));
}

/// All `R` and two digits of a text, as `R07`.
std::vector<std::string> promises_in(std::string_view text) {
  const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  std::vector<std::string> out;
  for (std::size_t at = text.find('R'); at != std::string_view::npos; at = text.find('R', at + 1)) {
    if (digit(at + 1) && digit(at + 2)) out.emplace_back(text.substr(at, 3));
  }
  return out;
}

/// Has the text a Han character? In UTF-8 those of the basic plane begin with E4 to E9.
bool is_chinese(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE4 && static_cast<unsigned char>(c) <= 0xE9; });
}

TEST(ShippedPack, each_promise_stands_in_one_file_and_the_readme_names_it) {
  const auto pack = shipped();
  std::map<std::string, std::set<std::string>> found, written;
  for (const Rule& rule : pack->rules()) {
    if (!rule.alerts()) continue;
    const auto promises = promises_in(rule.promise);
    EXPECT_EQ(promises.size(), 1U) << rule.file << ": `" << rule.title << "` guards one promise, in brackets: " << rule.promise;
    for (const std::string& promise : promises) found[promise].insert(fs::path(rule.file).lexically_relative(kDetections.parent_path()).string());
  }
  const std::string text = readme();
  for (std::size_t at = text.find("\n| R"); at != std::string::npos; at = text.find("\n| R", at + 1)) {
    const std::string row = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    const std::size_t open = row.find('`');
    ASSERT_NE(open, std::string::npos) << row;
    written[row.substr(2, 3)].insert(row.substr(open + 1, row.find('`', open + 1) - open - 1));
    EXPECT_TRUE(row.find("hard") != std::string::npos || row.find("soft") != std::string::npos) << row;
  }
  EXPECT_EQ(found, written);
  EXPECT_EQ(found.size(), 25U) << "R01 to R25";
  for (const auto& [promise, files] : found) EXPECT_EQ(files.size(), 1U) << promise;
}

TEST(ShippedPack, each_rule_says_what_it_means_in_two_languages) {
  const auto pack = shipped();
  std::set<std::string> titles, ids;
  for (const Rule& rule : pack->rules()) {
    if (rule.id.ends_with(" (matches)")) continue;   // What an extension counts: a rule's other half.
    EXPECT_TRUE(titles.insert(rule.title).second) << rule.title << " is the title of two rules";
    EXPECT_FALSE(rule.description.empty()) << rule.title;
    EXPECT_EQ(rule.status, "stable") << rule.title;
    EXPECT_FALSE(rule.falsepositives.empty()) << rule.title;
    if (!rule.alerts()) {
      EXPECT_EQ(rule.level, "informational") << rule.title << " alerts nobody by itself";
      EXPECT_TRUE(rule.tests.empty()) << rule.title << ": its correlation's tests go through it";
      continue;
    }
    EXPECT_TRUE(is_chinese(rule.title_zh)) << rule.title;
    EXPECT_TRUE(titles.insert(rule.title_zh).second) << rule.title_zh << " is the title of two rules";
    std::string prose = rule.description;
    std::replace(prose.begin(), prose.end(), '\n', ' ');
    EXPECT_NE(prose.find("Check first"), std::string::npos) << rule.title << ": the description says what to check first";
    EXPECT_NE(rule.level, "informational") << rule.title;
  }
}

TEST(ShippedPack, each_rule_has_a_firing_a_quiet_and_a_near_miss_test) {
  const auto pack = shipped();
  for (const Rule& rule : pack->rules()) {
    if (!rule.alerts()) continue;
    int fires = 0, quiet = 0, near = 0;
    for (const RuleTest& test : rule.tests) {
      const bool near_miss = test.name.starts_with("near miss: ");
      EXPECT_FALSE(near_miss && test.alerts > 0) << test.place << ": a near miss does not fire";
      ++(near_miss ? near : test.alerts > 0 ? fires : quiet);
    }
    EXPECT_GT(fires, 0) << rule.file << ": " << rule.title;
    EXPECT_GT(quiet, 0) << rule.file << ": " << rule.title;
    EXPECT_GT(near, 0) << rule.file << ": " << rule.title;
  }
}

TEST(ShippedPack, each_file_names_author_and_date) {
  for (const auto& entry : fs::recursive_directory_iterator(kDetections)) {
    if (!entry.is_regular_file()) continue;
    const auto text = read_file(entry.path().string());
    ASSERT_TRUE(text) << text.error().text;
    EXPECT_NE(text->find("\nauthor: Tocsin\n"), std::string::npos) << entry.path();
    EXPECT_NE(text->find("\ndate: 20"), std::string::npos) << entry.path();
  }
}

TEST(ShippedPack, the_readmes_rule_in_ten_lines_has_ten_lines_and_passes_its_tests) {
  const std::string text = readme();
  const std::string begin = "## A rule in ten lines\n\n```yaml\n";
  const std::size_t at = text.find(begin);
  ASSERT_NE(at, std::string::npos);
  const std::string rule = text.substr(at + begin.size(), text.find("```\n", at + begin.size()) - at - begin.size());
  EXPECT_EQ(std::count(rule.begin(), rule.end(), '\n'), 10);
  auto set = read_rules(rule, "README.md");
  ASSERT_TRUE(set) << set.error().text;
  const auto outcomes = run_rule_tests(std::make_shared<const RuleSet>(std::move(*set)));
  EXPECT_EQ(outcomes.size(), 2U);
  for (const RuleTestOutcome& outcome : outcomes) EXPECT_TRUE(outcome.passed) << outcome.name << "\n" << outcome.difference;
}

}  // namespace
}  // namespace tocsin::sigma
