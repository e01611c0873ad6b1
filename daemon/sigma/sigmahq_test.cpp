// sigmahq_test.cpp: the public rule corpus loads, and one of its cloud rules fires. Needs ../shared beside the repository.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "daemon/sigma/test_rules.h"

namespace tocsin::sigma {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = fs::path(TOCSIN_SOURCE_DIR) / "../shared/data/sigmahq/rules";

#define NEEDS_THE_CORPUS() \
  if (!fs::exists(kCorpus)) GTEST_SKIP() << "SKIPPED: no SigmaHQ corpus at " << kCorpus.lexically_normal()

TEST(SigmaHq, a_cloudtrail_rule_fires_on_stop_logging) {
  NEEDS_THE_CORPUS();
  auto rules = RuleSet::load({(kCorpus / "cloud/aws").string()});
  ASSERT_TRUE(rules) << rules.error().text;
  const Event event = event_of(*rules, {text("eventSource", "cloudtrail.amazonaws.com"), text("eventName", "StopLogging")}, {"aws", "", "cloudtrail"});
  std::vector<v1::RuleMatch> out;
  match(*rules, event, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(rules->find(out[0].rule_id())->title, "AWS CloudTrail Important Change");
}

TEST(SigmaHq, nearly_the_whole_corpus_loads_and_the_rest_says_why) {
  NEEDS_THE_CORPUS();
  std::size_t files = 0, loaded = 0;
  std::map<std::string, std::size_t> reasons;
  for (const auto& entry : fs::recursive_directory_iterator(kCorpus)) {
    if (entry.path().extension() != ".yml") continue;
    ++files;
    auto rules = RuleSet::load({entry.path().string()});
    if (rules) {
      ++loaded;
      continue;
    }
    const std::string& text = rules.error().text;
    const std::size_t begin = text.find(": ") + 2;
    ++reasons[text.substr(begin, text.find('\n') - begin)];
  }
  std::cout << "  SigmaHQ: " << loaded << " of " << files << " files load\n";
  for (const auto& [reason, n] : reasons) std::cout << "    " << n << " × " << reason << "\n";
  EXPECT_GT(files, 3'000U);
  EXPECT_GT(loaded * 100, files * 98);
}

}  // namespace
}  // namespace tocsin::sigma
