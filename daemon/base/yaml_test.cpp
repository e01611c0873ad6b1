// yaml_test.cpp: marks, carets, and files that want to hurt.
#include "daemon/base/yaml.h"

#include <gtest/gtest.h>

#include "daemon/base/limits.h"

namespace tocsin::yaml {
namespace {

std::string error_of(std::string text) {
  auto file = parse("x.yml", std::move(text));
  return file ? "no error" : file.error().text;
}

TEST(Yaml, a_tree_keeps_texts_quotes_and_marks) {
  const auto file = parse("x.yml", "a: [1, \"1\"]\n身份: {b: ~}\n---\nsecond\n");
  ASSERT_TRUE(file) << file.error().text;
  ASSERT_EQ(file->documents.size(), 2U);
  const Node& root = file->documents[0];
  const Node& list = *root.find("a");
  EXPECT_TRUE(list.is_list());
  EXPECT_FALSE(list.items[0].quoted);
  EXPECT_TRUE(list.items[1].quoted);
  EXPECT_EQ(list.items[1].mark.column, 8U);
  const Node& null = *root.find("身份")->find("b");
  EXPECT_TRUE(null.is_null());
  EXPECT_EQ(null.mark.line, 2U);
  EXPECT_EQ(null.mark.column, 9U);   // Characters, not bytes.
  EXPECT_EQ(root.find("c"), nullptr);
  EXPECT_EQ(file->documents[1].text, "second");
}

TEST(Yaml, a_duplicate_key_points_at_its_second_place) {
  EXPECT_EQ(error_of("one: 1\ntwo: 2\none: 3\n"),
            "x.yml:3:1: key `one` is written twice\n"
            "  3 | one: 3\n"
            "    | ^^^");
}

TEST(Yaml, a_key_that_is_no_text_is_refused) {
  EXPECT_NE(error_of("{[a]: b}").find("x.yml:1:2: a key must be a plain text"), std::string::npos);
}

TEST(Yaml, syntax_faults_have_their_place) {
  EXPECT_NE(error_of("a: [1, 2\nb: 3\n").find("x.yml:2:"), std::string::npos) << error_of("a: [1, 2\nb: 3\n");
  EXPECT_NE(error_of("a:\n\t- b\n").find("x.yml:2:1: not YAML: "), std::string::npos) << error_of("a:\n\t- b\n");
  EXPECT_NE(error_of("a: *nobody\n").find("x.yml:1:4: not YAML: "), std::string::npos) << error_of("a: *nobody\n");
  EXPECT_NE(error_of(std::string("a: \xff\n")).find("not YAML"), std::string::npos);
}

TEST(Yaml, the_caret_stands_below_wide_characters_and_tabs) {
  const auto file = parse("x.yml", "名字: {a: \"\tb\", c: d}\n");
  ASSERT_TRUE(file) << file.error().text;
  const Node& at = *file->documents[0].find("名字")->find("c");
  EXPECT_EQ(fault(*file, at, "bad", "hint").value().text,
            "x.yml:1:18: bad\n"
            "  1 | 名字: {a: \"\tb\", c: d}\n"
            "    |            \t       ^ hint");
}

TEST(Yaml, an_alias_bomb_is_refused_before_it_expands) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 10; ++j) bomb += fmt::format("{}*a{}", j == 0 ? "" : ", ", i - 1);
    bomb += "]\n";
  }
  EXPECT_NE(error_of(bomb).find(fmt::format("more than {} nodes", limits::kYamlNodesMax)), std::string::npos);
}

TEST(Yaml, an_alias_of_a_long_text_is_refused_before_it_expands) {
  std::string bomb = "a: &a " + std::string(100'000, 'x') + "\nb: [";
  for (int i = 0; i < 10'000; ++i) bomb += "*a, ";
  EXPECT_NE(error_of(bomb + "]\n").find(fmt::format("more than {} bytes", limits::kYamlBytesMax)), std::string::npos);
}

TEST(Yaml, aliases_are_copies_of_what_they_name) {
  const auto file = parse("x.yml", "a: &a {b: [1, &c two]}\nd: *a\ne: *c\n");
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_EQ(file->documents[0].find("d")->find("b")->items[1].text, "two");
  EXPECT_EQ(file->documents[0].find("e")->text, "two");
  EXPECT_NE(error_of("a: &a 1\nb: &a 2\n").find("duplicate anchor"), std::string::npos);
  EXPECT_NE(error_of("a: &a 1\n---\nb: *a\n").find("undefined alias"), std::string::npos) << "anchors end with their document";
}

TEST(Yaml, anchors_within_anchors_count_every_copy_that_they_keep) {
  std::string nested = "bomb: ", items;
  for (int i = 0; i < 60; ++i) nested += "&a" + std::to_string(i) + " [";
  for (int i = 0; i < 10'000; ++i) items += "x, ";
  EXPECT_NE(error_of(nested + items + std::string(60, ']') + "\n").find("nodes (aliases count"), std::string::npos) << "10,000 nodes, kept 60 times";
  EXPECT_NE(error_of("a: &a [&b [&c '" + std::string(4U << 20U, 'x') + "']]\n").find("bytes (aliases count"), std::string::npos);
  EXPECT_TRUE(parse("x.yml", "a: &a [" + items + "]\nb: *a\n---\na: &a [" + items + "]\n"));
}

TEST(Yaml, an_alias_cannot_pass_the_depth) {
  std::string text = "a0: &a0 [x]\n";
  for (std::size_t i = 1; i <= limits::kYamlDepthMax; ++i) text += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  EXPECT_NE(error_of(text).find("nested deeper than"), std::string::npos);
}

TEST(Yaml, tags_other_than_of_texts_are_refused) {
  const auto file = parse("x.yml", "a: !!str 5\nb: ! 6\n");
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_TRUE(file->documents[0].find("a")->quoted);
  EXPECT_TRUE(file->documents[0].find("b")->quoted);
  EXPECT_NE(error_of("a: !!python/object:os.system 5\n").find("x.yml:1:4: the tag `tag:yaml.org,2002:python/object:os.system` is not read"), std::string::npos);
}

TEST(Yaml, a_fault_in_a_long_line_shows_what_stands_around_it) {
  const auto file = parse("x.yml", "[" + std::string(500'000, ' ') + "身: 1, " + std::string(500'000, ' ') + "]\n");
  ASSERT_TRUE(file) << file.error().text;
  const std::string text = fault(*file, file->documents[0].items[0].entries[0].key, "bad").value().text;
  EXPECT_LT(text.size(), 600U);
  EXPECT_NE(text.find("x.yml:1:500002: bad\n  1 | …" + std::string(100, ' ') + "身"), std::string::npos) << text;
  EXPECT_NE(text.find("\n    | " + std::string(101, ' ') + "^"), std::string::npos) << text;
}

TEST(Yaml, an_alias_that_holds_itself_is_refused) {
  EXPECT_NE(error_of("a: &a [*a]\n").find("nested deeper than"), std::string::npos);
}

TEST(Yaml, depth_is_bounded) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parse("x.yml", nested(limits::kYamlDepthMax)));
  EXPECT_NE(error_of(nested(limits::kYamlDepthMax + 2)).find(fmt::format("nested deeper than {}", limits::kYamlDepthMax)), std::string::npos);
  EXPECT_FALSE(parse("x.yml", nested(900'000)));   // Must neither crash nor take long.
}

TEST(Yaml, size_is_bounded) {
  std::string big = "a: \"" + std::string(limits::kYamlBytesMax - 6, 'x') + "\"\n";
  ASSERT_EQ(big.size(), limits::kYamlBytesMax);
  EXPECT_TRUE(parse("x.yml", big));
  EXPECT_NE(error_of(big + "#").find("x.yml:1:1: 10485761 bytes; at most 10485760 are read"), std::string::npos);
}

TEST(Yaml, an_empty_file_has_no_documents) {
  EXPECT_TRUE(parse("x.yml", "")->documents.empty());
  EXPECT_TRUE(parse("x.yml", "# only a comment\n")->documents.empty());
}

TEST(Yaml, a_file_that_is_not_there_says_so) { EXPECT_EQ(load("/nowhere/x.yml").error().text, "/nowhere/x.yml: No such file or directory"); }

TEST(Yaml, only_near_words_are_suggested) {
  EXPECT_EQ(did_you_mean("contain", {"endswith", "contains", "re"}), "did you mean `contains`?");
  EXPECT_EQ(did_you_mean("zebra", {"endswith", "contains"}), "");
  EXPECT_EQ(did_you_mean("re", {}), "");
}

}  // namespace
}  // namespace tocsin::yaml
