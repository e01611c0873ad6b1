// paths_test.cpp: keys lead where the path leads, whichever way a producer nests them.
#include "daemon/ingest/paths.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace tocsin::ingest {
namespace {

TEST(Paths, literally_dotted_keys_stand_for_nested_ones) {
  Paths paths;
  paths.add("a.b.c", {});
  EXPECT_NE(paths.follow(0, "a.b.c"), 0U);
  EXPECT_EQ(paths.follow(paths.follow(0, "a"), "b.c"), paths.follow(0, "a.b.c"));
  EXPECT_EQ(paths.follow(paths.follow(0, "a.b"), "c"), paths.follow(0, "a.b.c"));
  EXPECT_EQ(paths.follow(0, "b"), 0U);
  EXPECT_EQ(paths.follow(0, "a.x"), 0U);
  EXPECT_EQ(paths.follow(0, "A.b.c"), 0U) << "keys are compared as they are written";
  EXPECT_TRUE(paths.leads_on(paths.follow(0, "a")));
  EXPECT_FALSE(paths.leads_on(paths.follow(0, "a.b.c")));
}

TEST(Paths, a_dot_at_an_end_has_an_empty_key_beside_it) {
  Paths paths;
  paths.add("who.", {});
  paths.add("who..id", {});
  paths.add(".x", {});
  const auto who = paths.follow(0, "who");
  EXPECT_TRUE(paths.wants(who).empty());
  EXPECT_EQ(paths.wants(paths.follow(who, "")).size(), 1U);
  EXPECT_EQ(paths.follow(who, "id"), 0U);
  EXPECT_EQ(paths.wants(paths.follow(paths.follow(who, ""), "id")).size(), 1U) << "below what stands there, and not beside it";
  EXPECT_EQ(paths.wants(paths.follow(paths.follow(0, ""), "x")).size(), 1U);
}

TEST(Paths, ten_thousand_paths_are_each_found_and_no_other) {
  Paths paths;
  for (std::uint32_t i = 0; i < 10'000; ++i) paths.add(fmt::format("root{}.leaf{}", i % 100, i), {.role = Want::Role::slot, .at = i});
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const auto step = paths.follow(paths.follow(0, fmt::format("root{}", i % 100)), fmt::format("leaf{}", i));
    ASSERT_NE(step, 0U);
    ASSERT_EQ(paths.wants(step).size(), 1U);
    EXPECT_EQ(paths.wants(step)[0].at, i);
    EXPECT_EQ(paths.follow(0, fmt::format("leaf{}", i)), 0U);
  }
}

TEST(Paths, a_path_of_a_thousand_dots_stays_small_and_is_found_nested_or_whole) {
  Paths paths;
  std::string path = "s";
  for (int i = 0; i < 1'000; ++i) path += ".s";
  paths.add(path, {});
  std::uint32_t step = 0;
  for (int i = 0; i < 1'001; ++i) step = paths.follow(step, "s");
  EXPECT_EQ(step, paths.follow(0, path));
  EXPECT_EQ(paths.wants(step).size(), 1U);
}

TEST(Paths, a_star_is_where_keys_lead_that_no_other_path_names) {
  Paths paths;
  paths.add("u.*.f", {});
  paths.add("u.known.g", {});
  const auto u = paths.follow(0, "u");
  EXPECT_EQ(paths.follow(u, "other"), 0U) << "a star is asked for apart";
  EXPECT_NE(paths.follow(paths.any(u), "f"), 0U);
  EXPECT_EQ(paths.follow(paths.follow(u, "known"), "f"), 0U);
  EXPECT_EQ(paths.any(0), 0U);
}

}  // namespace
}  // namespace tocsin::ingest
