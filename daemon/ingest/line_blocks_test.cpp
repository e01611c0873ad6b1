// line_blocks_test.cpp: every line is given once with its number, wherever the blocks end.
#include "daemon/ingest/line_blocks.h"

#include <gtest/gtest.h>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"

namespace tocsin::ingest {
namespace {

std::vector<std::string> lines_of(const std::string& text, std::vector<std::int64_t>* numbers = nullptr) {
  auto folder = TemporaryFolder::make();
  const std::string path = folder->path() + "/f";
  EXPECT_TRUE(write_file(path, text));
  auto blocks = LineBlocks::open(path);
  std::vector<std::string> out;
  for (;;) {
    const auto more = blocks->fill();
    EXPECT_TRUE(more) << more.error().text;
    if (!*more) return out;
    std::string_view line;
    while (blocks->next(line)) {
      out.emplace_back(line);
      if (numbers != nullptr) numbers->push_back(blocks->number());
    }
  }
}

TEST(LineBlocks, lines_are_given_without_their_breaks) {
  EXPECT_EQ(lines_of(""), (std::vector<std::string>{}));
  EXPECT_EQ(lines_of("a\n\nb"), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(lines_of("a\nb\n"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(lines_of("\n"), (std::vector<std::string>{""}));
  EXPECT_EQ(lines_of("\xEF\xBB\xBF{}\n"), (std::vector<std::string>{"{}"})) << "the byte order mark of Windows is no part of the line";
}

TEST(LineBlocks, lines_that_cross_blocks_stay_whole) {
  std::string text;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 9000; ++i) {
    expected.push_back(std::string(i % 701, static_cast<char>('a' + i % 26)));
    text += expected.back() + "\n";
  }
  std::vector<std::int64_t> numbers;
  EXPECT_EQ(lines_of(text, &numbers), expected);
  EXPECT_EQ(numbers.front(), 1);
  EXPECT_EQ(numbers.back(), 9000);
}

TEST(LineBlocks, a_line_over_kEventBytesMax_comes_once_and_cut) {
  const std::string longest(limits::kEventBytesMax, 'x');
  for (const std::size_t more : {0U, 1U, 2U, 5'000'000U}) {
    std::vector<std::int64_t> numbers;
    const auto lines = lines_of("a\n" + longest + std::string(more, 'x') + "\nb\n", &numbers);
    ASSERT_EQ(lines.size(), 3U) << more;
    EXPECT_EQ(lines[1].size() > limits::kEventBytesMax, more > 0) << more;
    EXPECT_EQ(lines[2], "b");
    EXPECT_EQ(numbers, (std::vector<std::int64_t>{1, 2, 3}));
  }
}

TEST(LineBlocks, what_cannot_be_read_is_told) {
  EXPECT_EQ(LineBlocks::open("/nowhere/f").error().kind, ErrorKind::bad_input);
  EXPECT_EQ(LineBlocks::open("/").error().text, "/ is a folder; name the files in it");
}

}  // namespace
}  // namespace tocsin::ingest
