// subject_test.cpp: spellings of one person fall together, different people stay apart, nothing clear gets out.
#include "daemon/model/subject.h"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

SubjectKey key(char fill = 'k') { return {Secret(std::string(32, fill)), 1}; }
std::string ref(std::string_view type, std::string_view id) { return subject_of(key(), type, id).value().ref.hex(); }

TEST(Subject, spellings_of_one_person_give_one_ref) {
  EXPECT_EQ(ref("customer", " C-1\t"), ref("customer", "C-1"));
  EXPECT_EQ(ref("customer", "\xE3\x80\x80" "C-1\xE2\x80\x8B"), ref("customer", "C-1"));   // Ideographic blank, zero-width space.
  EXPECT_EQ(ref("customer", "Zoe\xCC\x88"), ref("customer", "Zo\xC3\xAB"));              // Decomposed and composed.
  EXPECT_EQ(ref("email", "Ann@Example.ORG"), ref("email", "Ann@example.org"));
  EXPECT_EQ(ref("phone", "138 0013 8000"), ref("phone", "+86-138-0013-8000"));
  EXPECT_EQ(ref("phone", "(010) 6552 9988"), ref("phone", "+861065529988"));
}

TEST(Subject, different_people_stay_apart) {
  EXPECT_NE(ref("customer", "1"), ref("customer", "2"));
  EXPECT_NE(ref("customer", "1"), ref("employee", "1"));
  EXPECT_NE(ref("email", "Ann@example.org"), ref("email", "ann@example.org"));
  EXPECT_NE(ref("ab", "c"), ref("a", "bc"));
  EXPECT_NE(subject_of(key('a'), "customer", "1")->ref, subject_of(key('b'), "customer", "1")->ref);
}

TEST(Subject, the_ref_is_the_documented_hash) {
  EXPECT_EQ(ref("customer", "C-1"), hex_of(hmac_sha256(std::string(32, 'k'), std::string_view("customer\0C-1", 12))).substr(0, 32));
}

TEST(Subject, what_is_no_phone_number_stays_as_written) {
  EXPECT_EQ(*normalised_id("phone", " 12 "), "12");
  EXPECT_EQ(*normalised_id("phone", "ext-7"), "ext-7");
  EXPECT_EQ(*normalised_id("phone", "020 7946 0958", "GB"), "+442079460958");
  EXPECT_EQ(*normalised_id("email", "no-at-sign"), "no-at-sign");
}

TEST(Subject, empty_and_broken_ids_are_refused_without_being_repeated) {
  for (const char* bad : {"", "  ", "\xE2\x80\x8B"}) EXPECT_EQ(subject_of(key(), "customer", bad).error().text, "an identifier of type `customer` is empty");
  const auto broken = subject_of(key(), "customer", "alice\xff");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(broken.error().text, "an identifier of type `customer` is not UTF-8");
}

TEST(Subject, the_key_version_travels_along) {
  EXPECT_EQ(subject_of({Secret(std::string(32, 'k')), 7}, "customer", "1")->key_version, 7U);
}

}  // namespace
}  // namespace tocsin
