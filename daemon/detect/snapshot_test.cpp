// snapshot_test.cpp: a snapshot is whole or not used.
#include "daemon/detect/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace tocsin::detect {
namespace {

const Secret kKey(std::string(32, 'k'));

v1::Checkpoint checkpoint_at(LogOffset offset) {
  v1::Checkpoint out;
  out.set_tenant("t");
  out.set_log_id("0123");
  out.set_log_offset(offset);
  out.set_ruleset("r");
  out.set_fold("state of " + std::to_string(offset));
  v1::ProgressFrame& partition = *out.add_partitions();
  partition.set_source("s");
  partition.set_next(7);
  partition.set_applied(7);
  return out;
}

struct SnapshotFiles : ::testing::Test {
  testing::TempFolder folder;
  Snapshots snapshots{folder / "snapshots", kKey};
  SnapshotWanted wanted{.tenant = "t", .log_id = "0123", .begin = 0, .committed = 1000};

  std::string path(LogOffset offset) const { return fmt::format("{}/snapshots/{:020}.snap", folder.path(), offset); }
  std::string slurp(const std::string& file) const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void spill(const std::string& file, std::string_view bytes) const { std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes; }
  LogOffset found() {
    const auto outcome = snapshots.find(wanted);
    EXPECT_TRUE(outcome) << outcome.error().text;
    return outcome->newest ? outcome->newest->log_offset() : 0;
  }
};

TEST_F(SnapshotFiles, without_a_folder_there_is_none) { EXPECT_EQ(found(), 0U); }

TEST_F(SnapshotFiles, the_newest_comes_back_as_it_was) {
  ASSERT_TRUE(snapshots.save(checkpoint_at(100)));
  ASSERT_TRUE(snapshots.save(checkpoint_at(300)));
  ASSERT_TRUE(snapshots.save(checkpoint_at(200)));
  const auto outcome = snapshots.find(wanted);
  ASSERT_TRUE(outcome->newest);
  EXPECT_EQ(outcome->newest->SerializeAsString(), checkpoint_at(300).SerializeAsString());
  EXPECT_TRUE(outcome->unusable.empty());
}

TEST_F(SnapshotFiles, one_with_any_byte_changed_or_missing_is_not_used_and_the_older_one_is) {
  ASSERT_TRUE(snapshots.save(checkpoint_at(100)));
  ASSERT_TRUE(snapshots.save(checkpoint_at(200)));
  const std::string good = slurp(path(200));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    spill(path(200), bad);
    ASSERT_EQ(found(), 100U) << "byte " << at;
    spill(path(200), std::string_view(good).substr(0, at));
    ASSERT_EQ(found(), 100U) << "length " << at;
  }
  spill(path(200), good + "x");
  EXPECT_EQ(found(), 100U);
  spill(path(200), good);
  EXPECT_EQ(found(), 200U);
  EXPECT_EQ(good.find("state of"), std::string::npos);   // Group keys name people: sealed.
}

TEST_F(SnapshotFiles, a_file_under_another_name_is_not_used) {
  ASSERT_TRUE(snapshots.save(checkpoint_at(100)));
  std::filesystem::rename(path(100), path(150));
  EXPECT_EQ(found(), 0U);
}

TEST_F(SnapshotFiles, only_those_between_the_logs_beginning_and_the_stores_place_lead_anywhere) {
  for (const LogOffset offset : {100, 200, 300}) ASSERT_TRUE(snapshots.save(checkpoint_at(offset)));
  wanted.committed = 299;
  EXPECT_EQ(found(), 200U);
  wanted.committed = 200;
  EXPECT_EQ(found(), 200U);
  wanted.begin = 201;
  EXPECT_EQ(found(), 0U);
  EXPECT_EQ(snapshots.find(wanted)->unusable.size(), 3U);
}

TEST_F(SnapshotFiles, one_of_another_log_tenant_or_key_is_not_used) {
  ASSERT_TRUE(snapshots.save(checkpoint_at(100)));
  wanted.log_id = "4567";
  EXPECT_EQ(found(), 0U);
  wanted.log_id = "0123";
  wanted.tenant = "u";
  EXPECT_EQ(found(), 0U);
  wanted.tenant = "t";
  EXPECT_EQ(found(), 100U);
  snapshots = Snapshots(folder / "snapshots", Secret(std::string(32, 'z')));
  EXPECT_EQ(found(), 0U);
}

TEST_F(SnapshotFiles, two_are_kept_and_half_written_ones_go) {
  EXPECT_EQ(snapshots.keep_two().value(), 0U);
  ASSERT_TRUE(snapshots.save(checkpoint_at(100)));
  EXPECT_EQ(snapshots.keep_two().value(), 0U);
  for (const LogOffset offset : {200, 300, 400}) ASSERT_TRUE(snapshots.save(checkpoint_at(offset)));
  spill(path(500) + ".tmp", "half");
  EXPECT_EQ(snapshots.keep_two().value(), 300U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "snapshots"), {}), 2);
  EXPECT_EQ(found(), 400U);
}

TEST_F(SnapshotFiles, a_full_or_broken_disk_leaves_the_older_one) {
  ASSERT_TRUE(snapshots.save(checkpoint_at(100)));
  log::Disk full;
  full.write = [](int, const void*, std::size_t) -> ssize_t { return errno = ENOSPC, -1; };
  EXPECT_EQ(Snapshots(folder / "snapshots", kKey, full).save(checkpoint_at(200)).error().kind, ErrorKind::unavailable);
  log::Disk broken;
  broken.sync = [](int) { return errno = EIO, -1; };
  EXPECT_EQ(Snapshots(folder / "snapshots", kKey, broken).save(checkpoint_at(200)).error().kind, ErrorKind::refused);
  EXPECT_EQ(found(), 100U);
  log::Disk slow;
  slow.write = [](int fd, const void* bytes, std::size_t count) { return ::write(fd, bytes, std::min<std::size_t>(count, 3)); };
  ASSERT_TRUE(Snapshots(folder / "snapshots", kKey, slow).save(checkpoint_at(300)));
  EXPECT_EQ(found(), 300U);
}

}  // namespace
}  // namespace tocsin::detect
