// replay_test.cpp: what the fuzzers, and people, once found, again in every ordinary build.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/fuzz/targets.h"

namespace tocsin::fuzz {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(FuzzReplay, what_was_found_stays_mended_and_no_target_is_left_out) {
  for (const Target& target : targets()) {
    const fs::path folder = fs::path(TOCSIN_SOURCE_DIR) / "tests/fuzz/found" / target.name;
    ASSERT_TRUE(fs::is_directory(folder)) << folder;
    std::size_t inputs = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
      SCOPED_TRACE(entry.path());
      const std::string bytes = bytes_of(entry.path());
      EXPECT_FALSE(bytes.empty()) << entry.path();
      target.run(bytes);
      ++inputs;
    }
    EXPECT_GT(inputs, 0U) << "nothing was replayed for " << target.name;
  }
}

TEST(FuzzReplay, every_found_file_belongs_to_a_target) {
  const fs::path folder = fs::path(TOCSIN_SOURCE_DIR) / "tests/fuzz/found";
  ASSERT_TRUE(fs::is_directory(folder));
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(std::any_of(targets().begin(), targets().end(), [&](const Target& each) { return each.name == name; })) << name;
  }
}

TEST(FuzzReplay, the_table_is_sorted) {
  EXPECT_TRUE(std::is_sorted(targets().begin(), targets().end(), [](const Target& a, const Target& b) { return a.name < b.name; }));
}

TEST(FuzzReplay, random_bytes_harm_no_target) {
  std::mt19937 random(1);
  for (const Target& target : targets()) {
    for (int i = 0; i < 300; ++i) {
      std::string bytes(random() % 200, ' ');
      for (char& c : bytes) c = static_cast<char>(random());
      target.run(bytes);
    }
  }
}

}  // namespace
}  // namespace tocsin::fuzz
