// mapping_test.cpp: the shipped mappings hold what their samples say, and faults are found before any record comes.
#include "daemon/ingest/mapping.h"

#include <gtest/gtest.h>

#include "daemon/ingest/mapping_test_runner.h"

namespace tocsin::ingest {
namespace {

TEST(Mapping, every_shipped_sample_is_as_expected) {
  const auto mappings = load_mappings({TOCSIN_SOURCE_DIR "/rules/mappings"});
  ASSERT_TRUE(mappings) << mappings.error().text;
  ASSERT_EQ(mappings->size(), 4U);
  for (const v1::Mapping& mapping : *mappings) {
    const auto outcomes = run_samples(mapping);
    ASSERT_TRUE(outcomes) << outcomes.error().text;
    for (const SampleOutcome& outcome : *outcomes) EXPECT_EQ(outcome.difference, "") << outcome.mapping << ": " << outcome.sample;
  }
}

TEST(Mapping, a_wrong_expectation_is_found) {
  auto mapping = load_mapping(TOCSIN_SOURCE_DIR "/rules/mappings/access_event.yml");
  ASSERT_TRUE(mapping);
  mapping->mutable_samples(0)->mutable_events(0)->set_subjects(2);
  mapping->mutable_samples(4)->set_dead("bad_time");
  const auto outcomes = run_samples(*mapping);
  ASSERT_TRUE(outcomes);
  EXPECT_EQ((*outcomes)[0].difference, "subjects: expected `2`, got `1`\n");
  EXPECT_NE((*outcomes)[4].difference.find("got dead letter `no_time`"), std::string::npos);
}

TEST(Mapping, a_wider_category_that_a_sample_does_not_name_is_a_difference) {
  auto mapping = load_mapping(TOCSIN_SOURCE_DIR "/rules/mappings/windows_event.yml");
  ASSERT_TRUE(mapping);
  v1::Expected* named = nullptr;
  for (v1::Sample& sample : *mapping->mutable_samples()) {
    for (v1::Expected& expected : *sample.mutable_events()) {
      if (!expected.wider().empty()) named = &expected;
    }
  }
  ASSERT_NE(named, nullptr);
  named->clear_wider();
  const auto outcomes = run_samples(*mapping);
  ASSERT_TRUE(outcomes);
  const auto found = std::count_if(outcomes->begin(), outcomes->end(), [](const SampleOutcome& each) { return each.difference == "wider: expected ``, got `registry_event`\n"; });
  EXPECT_EQ(found, 1);
}

v1::Mapping simple() {
  v1::Mapping mapping;
  mapping.set_name("m");
  mapping.mutable_time()->add_from("t");
  return mapping;
}

TEST(Mapping, faults_are_said_when_it_is_compiled) {
  const FieldTable fields;
  EXPECT_TRUE(Mapping::compile(simple(), fields));
  auto timeless = simple();
  timeless.clear_time();
  EXPECT_FALSE(Mapping::compile(timeless, fields));
  auto zone = simple();
  zone.mutable_time()->set_zone("Europe/Berlin");
  const auto refused = Mapping::compile(zone, fields);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text.find("+08:00"), std::string::npos);
  auto type = simple();
  (*type.mutable_types())["a"] = "int";
  EXPECT_FALSE(Mapping::compile(type, fields));
}

}  // namespace
}  // namespace tocsin::ingest
