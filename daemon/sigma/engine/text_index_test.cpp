// text_index_test.cpp: the index and the search of one text find what a naive search finds, wherever it stands.
#include "daemon/sigma/engine/text_index.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/sigma/engine/find_text.h"
#include "daemon/sigma/engine/fold_case.h"

namespace tocsin::sigma {
namespace {

/// Few letters, so that parts of texts turn up in others.
std::string made_up(std::mt19937& dice, std::size_t least, std::size_t most) {
  std::string out(std::uniform_int_distribution<std::size_t>(least, most)(dice), '\0');
  for (char& c : out) c = "ab\\\0"[dice() % 4];
  return out;
}

std::vector<std::uint32_t> found(const TextIndex& index, FoundTexts& memory, std::string_view value) {
  std::vector<std::uint32_t> out;
  index.find(value, memory, out);
  std::sort(out.begin(), out.end());
  return out;
}

TEST(TextIndex, finds_each_text_once_as_a_naive_search_does) {
  std::mt19937 dice(7);
  for (const auto& [least, most] : {std::pair{1, 12}, std::pair{2, 3}, std::pair{4, 4}, std::pair{5, 9}, std::pair{7, 30}}) {
    for (int round = 0; round < 200; ++round) {
      std::vector<std::string> texts(1 + dice() % 20);
      for (std::string& text : texts) text = made_up(dice, static_cast<std::size_t>(least), static_cast<std::size_t>(most));
      const std::vector<std::string_view> views(texts.begin(), texts.end());
      const TextIndex index(views);
      FoundTexts memory;
      memory.grow(index.size());
      for (int i = 0; i < 10; ++i) {
        std::string value = made_up(dice, 0, 60);
        if (dice() % 2 == 0) value += texts[dice() % texts.size()] + made_up(dice, 0, 5);
        std::vector<std::uint32_t> expected;
        for (std::uint32_t id = 0; id < texts.size(); ++id) {
          if (value.find(texts[id]) != std::string::npos) expected.push_back(id);
        }
        ASSERT_EQ(found(index, memory, value), expected) << ::testing::PrintToString(value);
      }
    }
  }
}

TEST(TextIndex, holds_more_texts_than_it_files_behind_several_grams) {
  std::vector<std::string> texts;
  for (int i = 0; i < 5'000; ++i) texts.push_back("number " + std::to_string(i) + '.');
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const TextIndex index(views);
  FoundTexts memory;
  memory.grow(index.size());
  for (std::uint32_t i = 0; i < texts.size(); i += 7) EXPECT_EQ(found(index, memory, "a " + texts[i] + " b"), std::vector{i});
  EXPECT_TRUE(found(index, memory, "number 5000.").empty());
}

TEST(FindText, finds_the_first_place_as_string_view_does) {
  std::mt19937 dice(11);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = made_up(dice, 0, 70), part = made_up(dice, 0, 6);
    const char* const at = find_text(text, part);
    const std::size_t expected = text.find(part);
    ASSERT_EQ(at == nullptr ? std::string::npos : static_cast<std::size_t>(at - text.data()), expected) << ::testing::PrintToString(text);
  }
}

TEST(FoldCase, folds_every_byte_at_every_length_also_in_place) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (std::size_t length = 0; length <= all.size(); ++length) {
    std::string text = all.substr(all.size() - length), expected = text;
    for (char& c : expected) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    EXPECT_EQ(folded(text), expected);
    fold_case(text, text.data());
    EXPECT_EQ(text, expected);
    text = all.substr(60, length);
    expected = text;
    for (char& c : expected) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    EXPECT_EQ(folded(text), expected);
  }
}

}  // namespace
}  // namespace tocsin::sigma
