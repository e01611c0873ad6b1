// live_engine_test.cpp: a rule set that follows another one gives the same answers as one compiled anew, for less.
#include "daemon/sigma/engine/live_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "daemon/sigma/rule_files.h"
#include "daemon/sigma/test_rules.h"
#include "tests/support/temp_folder.h"

namespace tocsin::sigma {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Rules r0…r39, one a file: `f` is the rule's number.
class LiveEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 40; ++i) write(i, fmt::format("{{f: v{}}}", i));
  }

  std::string path(int rule) const { return fmt::format("{}/r{:02}.yml", folder_.path(), rule); }
  void write(int rule, const std::string& selection) const {
    std::ofstream(path(rule)) << detection("  s: " + selection + "\n  condition: s\n", fmt::format("r{}", rule));
  }

  std::shared_ptr<const RuleSet> load() { return load(cache_); }
  std::shared_ptr<const RuleSet> load(RuleCache& cache) const {
    auto loaded = load_rules({folder_.path()}, {}, cache);
    if (!loaded) throw std::runtime_error(loaded.error().text);
    return std::make_shared<const RuleSet>(std::move(loaded->rules));
  }

  /// Ids that say yes; the same by an engine that was compiled anew.
  static std::vector<std::string> found(const LiveEngine& engine, const std::vector<Field>& fields, const LogSource& source = {"p", "", ""}) {
    const Event event = event_of(*engine.rules(), fields, source);
    const auto ids = [&](std::span<const std::uint32_t> places) {
      std::vector<std::string> out;
      for (const std::uint32_t place : places) out.push_back(engine.rules()->rules()[place].id);
      return out;
    };
    LiveMatcher live(std::shared_ptr<const LiveEngine>(std::shared_ptr<const LiveEngine>(), &engine));
    Matcher anew(engine.rules());
    const auto out = ids(live.match(event));
    EXPECT_EQ(out, ids(anew.match(event)));
    return out;
  }

  tocsin::testing::TempFolder folder_;
  RuleCache cache_;
};

TEST_F(LiveEngineTest, one_changed_rule_is_compiled_and_no_other) {
  const auto first = LiveEngine::compile(load());
  EXPECT_EQ(first->compiled(), 40U);
  write(7, "{g: other}");
  const auto second = LiveEngine::compile(load(), *first);
  EXPECT_EQ(second->compiled(), 1U);
  EXPECT_THAT(found(*second, {text("f", "v7")}), IsEmpty()) << "the old text is gone";
  EXPECT_THAT(found(*second, {text("g", "other"), text("f", "v8")}), ElementsAre("r7", "r8")) << "in the order of rules()";
  EXPECT_THAT(found(*first, {text("f", "v7")}), ElementsAre("r7")) << "the old engine is whole as long as someone holds it";
}

TEST_F(LiveEngineTest, rules_that_come_and_go_move_the_places_of_the_others) {
  const auto first = LiveEngine::compile(load());
  std::filesystem::remove(path(0));
  write(3, "{f: [v3, v39]}");
  const auto second = LiveEngine::compile(load(), *first);
  EXPECT_THAT(found(*second, {text("f", "v0")}), IsEmpty());
  EXPECT_THAT(found(*second, {list("f", {"v1", "v39"})}), ElementsAre("r1", "r3", "r39"));
  // The third stands on the first too: what changed twice is not found twice.
  write(3, "{f: v39}");
  write(0, "{f: v0}");
  const auto third = LiveEngine::compile(load(), *second);
  EXPECT_EQ(third->compiled(), 1U) << "r0 is again what the first engine holds";
  EXPECT_THAT(found(*third, {list("f", {"v0", "v3", "v39"})}), ElementsAre("r0", "r3", "r39"));
}

TEST_F(LiveEngineTest, a_new_log_source_is_a_new_rule) {
  const auto first = LiveEngine::compile(load());
  std::ofstream(path(5)) << "title: T\nid: r5\nlogsource: {product: q}\ndetection: {s: {f: v5}, condition: s}\n";
  const auto second = LiveEngine::compile(load(), *first);
  EXPECT_EQ(second->compiled(), 1U);
  EXPECT_THAT(found(*second, {text("f", "v5")}), IsEmpty());
  EXPECT_THAT(found(*second, {text("f", "v5")}, {"q", "", ""}), ElementsAre("r5"));
}

TEST_F(LiveEngineTest, prose_alone_is_no_change_but_the_new_words_are_those_of_rules) {
  const auto first = LiveEngine::compile(load());
  std::ofstream(path(5)) << "title: T\ndescription: New words\nid: r5\nlogsource: {product: p}\ndetection: {s: {f: v5}, condition: s}\n";
  const auto second = LiveEngine::compile(load(), *first);
  EXPECT_EQ(second->compiled(), 0U);
  EXPECT_THAT(found(*second, {text("f", "v5")}), ElementsAre("r5"));
  EXPECT_EQ(second->rules()->find("r5")->description, "New words");
}

TEST_F(LiveEngineTest, where_much_has_changed_all_is_compiled_anew) {
  const auto first = LiveEngine::compile(load());
  const int most = static_cast<int>(40 / LiveEngine::kSecondShare);
  for (int i = 0; i < most; ++i) write(i, fmt::format("{{f: w{}}}", i));
  EXPECT_EQ(LiveEngine::compile(load(), *first)->compiled(), static_cast<std::size_t>(most));
  for (int i = 0; i <= most; ++i) write(i, fmt::format("{{f: x{}}}", i));
  const auto second = LiveEngine::compile(load(), *first);
  EXPECT_EQ(second->compiled(), 40U);
  EXPECT_EQ(second->layers().size(), 1U);
  EXPECT_THAT(found(*second, {list("f", {"v0", "x1", "v9"})}), ElementsAre("r1", "r9"));
}

TEST_F(LiveEngineTest, rules_that_are_gone_are_not_looked_for_for_ever) {
  const auto first = LiveEngine::compile(load());
  for (int i = 0; i < 20; ++i) std::filesystem::remove(path(i));
  const auto second = LiveEngine::compile(load(), *first);
  EXPECT_EQ(second->compiled(), 20U);
  EXPECT_THAT(found(*second, {list("f", {"v0", "v20"})}), ElementsAre("r20"));
}

TEST_F(LiveEngineTest, slots_of_another_table_are_not_believed) {
  const auto first = LiveEngine::compile(load());
  write(0, "{before_all_others: 1}");
  RuleCache other;
  const auto second = LiveEngine::compile(load(other), *first);
  EXPECT_EQ(second->compiled(), 40U);
  EXPECT_THAT(found(*second, {text("f", "v9")}), ElementsAre("r9"));
}

}  // namespace
}  // namespace tocsin::sigma
