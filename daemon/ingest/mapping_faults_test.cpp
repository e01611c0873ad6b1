// mapping_faults_test.cpp: each fault of a mapping file is told at its place.
#include <gtest/gtest.h>

#include "daemon/base/file.h"
#include "daemon/ingest/mapping.h"
#include "tests/support/temp_folder.h"

namespace tocsin::ingest {
namespace {

/// What is said of a file that begins with a name and a time.
std::string said(std::string_view text) {
  const tocsin::testing::TempFolder folder;
  const std::string path = folder.path() + "/m.yml";
  EXPECT_TRUE(write_file(path, fmt::format("name: m\ntime: {{record: true}}\n{}", text)));
  const auto mapping = load_mapping(path);
  return mapping ? "" : mapping.error().text.substr(folder.path().size() + 1);
}

TEST(MappingFaults, people_whose_identifiers_could_be_shown_are_refused_at_their_place) {
  EXPECT_EQ(said("subjects:\n  - {path: who.*, id: id}\n").substr(0, 30), "m.yml:4:12: `*` stands for nam");
  EXPECT_EQ(said("subjects:\n  - {path: \"*\"}\n").substr(0, 12), "m.yml:4:12: ");
  EXPECT_EQ(said("subjects: [{path: ok}, {path: who, id: \"*\"}]\n").substr(0, 12), "m.yml:3:40: ");
  EXPECT_EQ(said("strip_blanks: true\nsubjects: [{path: who, id: AccountName}]\n").substr(0, 12), "m.yml:4:28: ");
  EXPECT_EQ(said("categories: who.id\nsubjects: [{path: who, id: id}]\n").substr(0, 12), "m.yml:3:13: ");
  EXPECT_EQ(said("fields: {a: [b, who.id]}\nsubjects: [{path: who, id: id}]\n").substr(0, 12), "m.yml:3:13: ");
  EXPECT_EQ(said("log_source: {product_from: who}\nsubjects: [{path: who}]\n").substr(0, 12), "m.yml:3:28: ");
  EXPECT_EQ(said("differences: [{target: a, from: who, minus: b}]\nsubjects: [{path: who}]\n").substr(0, 12), "m.yml:3:33: ");
  EXPECT_EQ(said("strip_blanks: true\nsubjects: [{path: who.AccountName, count: n}]\n"), "");
  EXPECT_EQ(said("roots: [who.*, \"\"]\nsubjects: [{path: a*b, id: id, count: n}]\n"), "") << "a star that is not the whole key is a key";
}

TEST(MappingFaults, a_case_asks_for_texts_numbers_and_truths) {
  const auto when = [](std::string_view wanted) { return said(fmt::format("log_source:\n  cases:\n    - {{when: {{x: {}}}, category: c}}\n", wanted)); };
  for (const char* wanted : {"a", "1", "1.5", "true", "\"\"", "[a, 1, false]"}) EXPECT_EQ(when(wanted), "") << wanted;
  for (const char* wanted : {"null", "{a: 1}", "[]", "[a, [b]]", "[null]"}) EXPECT_EQ(when(wanted).substr(0, 12), "m.yml:5:18: ") << wanted;
}

TEST(MappingFaults, all_of_a_file_are_told_in_the_order_of_their_places) {
  const std::string all = said("types: {a: int}\nfields: {f: 7}\nsubjects: [{path: who.*}]\n");
  const std::size_t type = all.find("m.yml:3:12: "), field = all.find("m.yml:4:13: "), star = all.find("m.yml:5:19: ");
  ASSERT_NE(star, std::string::npos) << all;
  EXPECT_LT(type, field);
  EXPECT_LT(field, star);
}

TEST(MappingFaults, a_mapping_that_never_was_a_file_is_refused_as_well) {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->set_record(true);
  mapping.add_subjects()->set_path("who.*");
  const auto refused = Mapping::compile(mapping, FieldTable());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text.substr(0, 32), "mapping `m`: subjects.0.path: `*");
}

}  // namespace
}  // namespace tocsin::ingest
