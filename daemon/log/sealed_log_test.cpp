// sealed_log_test.cpp: what is written comes back with its key, and is not to be seen without.
#include "daemon/log/sealed_log.h"

#include <gtest/gtest.h>

#include "tests/support/memory_log.h"

namespace tocsin {
namespace {

const Secret kKey{std::string(32, 'k')};

std::vector<std::string> frames_of(MatchLog& log, Error* error = nullptr) {
  std::vector<std::string> frames;
  const auto read = log.read(0, [&](std::string_view frame, LogOffset) -> Result<void> {
    frames.emplace_back(frame);
    return {};
  });
  if (!read && error != nullptr) *error = read.error();
  return frames;
}

TEST(SealedLog, frames_come_back_in_order_and_stand_nowhere_in_clear) {
  testing::MemoryDisk disk;
  testing::MemoryLog below(disk);
  SealedLog log(below, kKey);
  ASSERT_TRUE(log.append("CANARY one"));
  ASSERT_TRUE(log.append("CANARY two"));
  ASSERT_TRUE(log.sync());
  EXPECT_EQ(frames_of(log), (std::vector<std::string>{"CANARY one", "CANARY two"}));
  for (const auto& [after, frame] : disk.durable) EXPECT_EQ(frame.find("CANARY"), std::string::npos);
  EXPECT_EQ(log.id(), below.id());
  EXPECT_EQ(log.end(), below.end());
}

TEST(SealedLog, another_key_a_changed_frame_and_another_log_are_refused) {
  testing::MemoryDisk disk;
  testing::MemoryLog below(disk);
  ASSERT_TRUE(SealedLog(below, kKey).append("x"));
  ASSERT_TRUE(below.sync());
  Error error;
  SealedLog stranger(below, Secret(std::string(32, 'x')));
  EXPECT_TRUE(frames_of(stranger, &error).empty());
  EXPECT_EQ(error.kind, ErrorKind::refused);
  EXPECT_NE(error.text.find("seal.key"), std::string::npos);
  testing::MemoryDisk other;
  other.durable = disk.durable;   // The same frames under another log's identity.
  testing::MemoryLog moved(other);
  SealedLog sealed(moved, kKey);
  EXPECT_TRUE(frames_of(sealed).empty());
  disk.durable[0].second.back() = static_cast<char>(disk.durable[0].second.back() ^ 1);
  SealedLog changed(below, kKey);
  EXPECT_TRUE(frames_of(changed).empty());
}

}  // namespace
}  // namespace tocsin
