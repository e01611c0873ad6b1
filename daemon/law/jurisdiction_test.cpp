// jurisdiction_test.cpp: the shipped files load, and a gap in a file is found at load.
#include "daemon/law/jurisdiction.h"

#include <gtest/gtest.h>

#include "daemon/base/file.h"

namespace tocsin::law {
namespace {

std::string fault(const std::string& duty) {
  auto folder = TemporaryFolder::make();
  EXPECT_TRUE(write_file(folder->path() + "/xx.yml", "id: xx\ntitle: X\ntitle_zh: 某地\ntz: UTC\nsources: [{id: law, title: Law}]\nduties:\n" + duty));
  const auto loaded = load_jurisdiction(folder->path(), "xx");
  return loaded ? "" : loaded.error().text;
}

constexpr const char* kSound =
    "  - {id: a, title: A, title_zh: 甲, addressee: [regulator], basis: {v: art 1, c: VP, s: [law]}, clock_start: {v: aware, c: VP}, "
    "deadlines: [{phase: initial, n: 1, unit: hours, c: VP, s: [law]}]}\n";

TEST(Jurisdiction, shipped_files_load) {
  const auto all = load_jurisdictions(std::string(TOCSIN_SOURCE_DIR) + "/rules/jurisdictions", {"cn", "eu-gdpr"});
  ASSERT_TRUE(all) << all.error().text;
  EXPECT_EQ(all->at(0).duties_size(), 15);
  EXPECT_EQ(all->at(1).duties_size(), 4);
}

TEST(Jurisdiction, a_sound_file_loads) { EXPECT_EQ(fault(kSound), ""); }

TEST(Jurisdiction, each_gap_is_named) {
  EXPECT_NE(fault("  - {id: a, title: A, title_zh: 甲, addressee: [regulator], basis: {v: art 1, c: VP, s: [rumour]}}\n").find("source `rumour` is not listed"),
            std::string::npos);
  EXPECT_NE(fault("  - {id: a, title: A, title_zh: 甲, addressee: [regulator], basis: {v: art 1}}\n").find("c"), std::string::npos);
  EXPECT_NE(fault("  - {id: a, title: A, title_zh: 甲, addressee: [regulator], deadlines: [{phase: initial, n: 1, unit: hours, c: VP}]}\n").find("no clock event"),
            std::string::npos);
  EXPECT_NE(fault("  - {id: a, title: A, title_zh: 甲, addressee: [regulator], when: [{fact: grade, cmp: gte, word: L9, c: VP}]}\n").find("no grade `L9`"),
            std::string::npos);
  EXPECT_NE(fault(std::string(kSound) + kSound).find("stands twice"), std::string::npos);
}

TEST(Jurisdiction, a_file_that_is_missing_is_named) {
  const auto loaded = load_jurisdiction("/nowhere", "cn");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().text.find("/nowhere/cn.yml"), std::string::npos);
}

TEST(Confidence, only_what_was_read_is_verified) {
  EXPECT_TRUE(is_verified("VP") && is_verified("VQ") && is_verified("VS"));
  EXPECT_FALSE(is_verified("FM") || is_verified("DR") || is_verified(""));
}

}  // namespace
}  // namespace tocsin::law
