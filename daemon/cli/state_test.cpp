// state_test.cpp: a state folder is made once, recognised, and never taken over by mistake; so are its keys.
#include "daemon/cli/state.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "daemon/base/file.h"
#include "daemon/cli/keys.h"
#include "daemon/cli/rule_pack.h"

namespace tocsin::cli {
namespace {

class State : public testing::Test {
 protected:
  TemporaryFolder folder_ = std::move(*TemporaryFolder::make());
  StatePaths paths_{folder_.path() + "/state"};
};

TEST_F(State, a_new_folder_gets_its_marker_and_is_known_again) {
  ASSERT_TRUE(prepare_state(paths_));
  EXPECT_EQ(*read_file(paths_.format()), "tocsin state 1\n");
  ASSERT_TRUE(write_file(paths_.store(), "x"));
  EXPECT_TRUE(prepare_state(paths_));
}

TEST_F(State, a_folder_of_somebody_else_is_refused) {
  ASSERT_TRUE(make_folder(paths_.folder()) && write_file(paths_.folder() + "/thesis.doc", "x"));
  const auto made = prepare_state(paths_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::refused);
  EXPECT_NE(made.error().text.find("is not empty (`thesis.doc`)"), std::string::npos) << made.error().text;
}

TEST_F(State, a_later_version_is_refused) {
  ASSERT_TRUE(make_folder(paths_.folder()) && write_file(paths_.format(), "tocsin state 2\n"));
  EXPECT_NE(prepare_state(paths_).error().text.find("written by a later version"), std::string::npos);
}

TEST_F(State, keys_are_made_once_and_only_their_owner_reads_them) {
  const auto first = open_keys(paths_.folder());
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(first->seal.reveal().size(), 32U);
  EXPECT_NE(first->seal.reveal(), first->subject.bytes.reveal());
  const auto second = open_keys(paths_.folder());
  EXPECT_EQ(second->seal, first->seal);
  struct stat about {};
  ASSERT_EQ(::stat((paths_.folder() + "/keys/seal.key").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_EQ(::chmod((paths_.folder() + "/keys/seal.key").c_str(), 0644), 0);
  EXPECT_EQ(open_keys(paths_.folder()).error().kind, ErrorKind::refused);
}

TEST_F(State, a_lost_key_is_not_replaced_where_something_was_sealed_with_it) {
  ASSERT_TRUE(open_keys(paths_.folder()) && write_file(paths_.store(), "x"));
  ASSERT_EQ(::unlink((paths_.folder() + "/keys/subject.v1.key").c_str()), 0);
  const auto opened = open_keys(paths_.folder());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find("restore the key from a backup"), std::string::npos);
}

TEST_F(State, a_key_of_the_wrong_length_is_refused) {
  ASSERT_TRUE(make_folder(paths_.folder() + "/keys") && write_file(paths_.folder() + "/keys/seal.key", "short", 0600));
  EXPECT_NE(open_keys(paths_.folder()).error().text.find("expected 32 bytes, found 5"), std::string::npos);
}

TEST_F(State, a_pack_is_told_from_a_folder_of_rules) {
  const std::string pack = folder_.path() + "/pack", mine = folder_.path() + "/mine";
  for (const auto& each : {pack + "/detections", pack + "/mappings", pack + "/jurisdictions", mine}) ASSERT_TRUE(make_folder(each));
  ASSERT_TRUE(write_file(pack + "/playbook.yml", ""));
  const auto installed = find_pack({}, pack);
  ASSERT_TRUE(installed);
  EXPECT_EQ(installed->detections, std::vector<std::string>{pack + "/detections"});
  const auto own = find_pack({mine}, pack);
  EXPECT_EQ(own->detections, std::vector<std::string>{mine});
  EXPECT_EQ(own->mappings, std::vector<std::string>{pack + "/mappings"});
  EXPECT_EQ(own->playbook, pack + "/playbook.yml");
  EXPECT_FALSE(find_pack({}, ""));
  EXPECT_FALSE(find_pack({mine}, ""));
  EXPECT_NE(find_pack({mine + "x"}, pack).error().text.find("no such file or folder"), std::string::npos);
}

}  // namespace
}  // namespace tocsin::cli
