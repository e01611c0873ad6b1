// local_log_test.cpp: one contract for every match log, then what only files can suffer.
#include "daemon/log/local_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "daemon/log/frame.h"
#include "tests/support/memory_log.h"
#include "tests/support/temp_folder.h"

namespace tocsin {
namespace {

using ::tocsin::testing::MemoryDisk;
using ::tocsin::testing::MemoryLog;
using ::tocsin::testing::TempFolder;
using Frames = std::vector<std::string>;

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void spill(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

Result<Frames> read_all(MatchLog& log, LogOffset from = 0) {
  Frames frames;
  TOCSIN_TRY(log.read(from, [&](std::string_view frame, LogOffset) -> Result<void> {
    frames.emplace_back(frame);
    return {};
  }));
  return frames;
}

std::string body(int number) { return fmt::format("frame {} {}", number, std::string(static_cast<std::size_t>(number % 37), 'x')); }

// ── the contract ──

/// A log that can be opened again and whose power can fail in the middle of a sync.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual MatchLog& log() = 0;
  virtual void reopen() = 0;
  virtual void cut_power(std::mt19937_64& random) = 0;  ///< Loses a part of what was not synced, then reopens.
};

class MemoryBench final : public Bench {
 public:
  MemoryLog& log() override { return *log_; }
  void reopen() override { log_ = std::make_unique<MemoryLog>(disk_); }
  void cut_power(std::mt19937_64& random) override {
    disk_.restart(random);
    reopen();
  }

 private:
  MemoryDisk disk_;
  std::unique_ptr<MemoryLog> log_ = std::make_unique<MemoryLog>(disk_);
};

class LocalBench final : public Bench {
 public:
  explicit LocalBench(std::uint64_t segment_bytes) : segment_bytes_(segment_bytes) { reopen(); }
  LocalLog& log() override { return *log_; }
  void reopen() override {
    log_.reset();
    LocalLogSettings settings{.folder = folder_ / "log", .segment_bytes = segment_bytes_, .disk = {}};
    settings.disk.sync = [this](int fd) { return power_ ? ::fdatasync(fd) : (errno = EIO, -1); };
    auto log = LocalLog::open(settings);
    if (!log) throw std::runtime_error(log.error().text);
    log_ = std::move(*log);
  }
  void cut_power(std::mt19937_64& random) override {
    const LogOffset durable = log_->end();
    power_ = false;
    static_cast<void>(log_->sync());  // The bytes reach the kernel, the sync does not return well.
    log_.reset();
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "log")) newest = std::max(newest, entry.path().string());
    std::string bytes = slurp(newest);
    const LogOffset base = std::stoull(std::filesystem::path(newest).stem().string());
    const std::size_t firm = std::min<std::size_t>(bytes.size(), log::frame_bytes(16) + (durable - base));
    bytes.resize(firm + (bytes.size() == firm ? 0 : random() % (bytes.size() - firm + 1)));
    for (std::size_t at = firm; at < bytes.size(); ++at) {
      if (random() % 64 == 0) bytes[at] = static_cast<char>(random());
    }
    spill(newest, bytes);
    power_ = true;
    reopen();
  }

 private:
  TempFolder folder_;
  std::uint64_t segment_bytes_;
  bool power_ = true;
  std::unique_ptr<LocalLog> log_;
};

class MatchLogContract : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Bench> bench_ = std::string_view(GetParam()) == "memory"  ? std::unique_ptr<Bench>(std::make_unique<MemoryBench>())
                                  : std::string_view(GetParam()) == "local" ? std::make_unique<LocalBench>(limits::kSegmentBytes)
                                                                            : std::make_unique<LocalBench>(300);
};
INSTANTIATE_TEST_SUITE_P(Logs, MatchLogContract, ::testing::Values("memory", "local", "local_small_segments"),
                         [](const auto& row) { return std::string(row.param); });

TEST_P(MatchLogContract, a_new_log_is_empty_and_keeps_its_id) {
  const std::string id = bench_->log().id();
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(bench_->log().end(), 0U);
  EXPECT_EQ(read_all(bench_->log()).value(), Frames{});
  bench_->reopen();
  EXPECT_EQ(bench_->log().id(), id);
}

TEST_P(MatchLogContract, frames_come_back_in_order_and_only_after_sync) {
  Frames written;
  for (int i = 0; i < 100; ++i) {
    written.push_back(body(i));
    ASSERT_TRUE(bench_->log().append(written.back()));
    if (i % 7 == 6) {
      const LogOffset before = bench_->log().end();
      const auto end = bench_->log().sync();
      ASSERT_TRUE(end) << end.error().text;
      EXPECT_GT(*end, before);
      EXPECT_EQ(*end, bench_->log().end());
    }
  }
  EXPECT_EQ(read_all(bench_->log()).value(), Frames(written.begin(), written.begin() + 98));
  ASSERT_TRUE(bench_->log().sync());
  EXPECT_EQ(read_all(bench_->log()).value(), written);
  bench_->reopen();
  EXPECT_EQ(read_all(bench_->log()).value(), written);
}

TEST_P(MatchLogContract, every_offset_given_behind_a_frame_is_a_place_to_read_from) {
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(bench_->log().append(body(i)));
    if (i % 3 == 0) {
      ASSERT_TRUE(bench_->log().sync());
    }
  }
  ASSERT_TRUE(bench_->log().sync());
  std::vector<LogOffset> places;
  ASSERT_TRUE(bench_->log().read(0, [&](std::string_view, LogOffset after) -> Result<void> {
    places.push_back(after);
    return {};
  }));
  ASSERT_EQ(places.size(), 40U);
  EXPECT_EQ(places.back(), bench_->log().end());
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Frames rest = read_all(bench_->log(), places[i]).value();
    ASSERT_EQ(rest.size(), 39 - i);
    if (!rest.empty()) {
      EXPECT_EQ(rest.front(), body(static_cast<int>(i + 1)));
    }
  }
}

TEST_P(MatchLogContract, a_visitor_that_fails_stops_the_reading_with_its_error) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(bench_->log().append(body(i)));
  ASSERT_TRUE(bench_->log().sync());
  int seen = 0;
  const auto outcome = bench_->log().read(0, [&](std::string_view, LogOffset) -> Result<void> {
    if (++seen == 3) return bad_input("enough");
    return {};
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().text, "enough");
  EXPECT_EQ(seen, 3);
}

TEST_P(MatchLogContract, a_frame_of_the_limit_passes_and_one_byte_more_is_refused) {
  ASSERT_TRUE(bench_->log().append(std::string(limits::kFrameBytesMax, 'a')));
  const auto outcome = bench_->log().append(std::string(limits::kFrameBytesMax + 1, 'a'));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::bad_input);
  ASSERT_TRUE(bench_->log().append("after"));
  ASSERT_TRUE(bench_->log().sync());
  bench_->reopen();
  const Frames frames = read_all(bench_->log()).value();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].size(), limits::kFrameBytesMax);
  EXPECT_EQ(frames[1], "after");
}

TEST_P(MatchLogContract, dropping_keeps_everything_from_the_offset_on) {
  std::vector<LogOffset> ends;
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(bench_->log().append(body(i)));
    ends.push_back(bench_->log().sync().value());
  }
  ASSERT_TRUE(bench_->log().drop_before(ends[40]));
  EXPECT_LE(bench_->log().begin(), ends[40]);
  bench_->reopen();
  const Frames rest = read_all(bench_->log(), ends[40]).value();
  ASSERT_EQ(rest.size(), 19U);
  EXPECT_EQ(rest.front(), body(41));
  if (bench_->log().begin() > 0) {
    EXPECT_FALSE(read_all(bench_->log(), 0));
  }
  ASSERT_TRUE(bench_->log().append("one more"));
  ASSERT_TRUE(bench_->log().sync());
  EXPECT_EQ(read_all(bench_->log(), ends[59]).value(), Frames{"one more"});
}

TEST_P(MatchLogContract, after_a_power_cut_the_log_holds_all_synced_frames_and_a_prefix_of_the_rest) {
  std::mt19937_64 random(20261124);
  Frames expected;
  int number = 0, kept_some = 0, lost_some = 0;
  for (int round = 0; round < 200; ++round) {
    Frames batch;
    for (std::size_t i = random() % 9; i > 0; --i) batch.push_back(body(number++));
    for (const std::string& frame : batch) ASSERT_TRUE(bench_->log().append(frame));
    if (random() % 2 == 0) {
      ASSERT_TRUE(bench_->log().sync());
      expected.insert(expected.end(), batch.begin(), batch.end());
      continue;
    }
    const LogOffset durable = bench_->log().end();
    bench_->cut_power(random);
    EXPECT_GE(bench_->log().end(), durable);
    const auto frames = read_all(bench_->log());
    ASSERT_TRUE(frames) << frames.error().text;
    ASSERT_GE(frames->size(), expected.size());
    const std::size_t kept = frames->size() - expected.size();
    ASSERT_LE(kept, batch.size());
    expected.insert(expected.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(kept));
    ASSERT_EQ(*frames, expected);
    kept_some += kept > 0;
    lost_some += kept < batch.size();
  }
  EXPECT_GT(kept_some, 5);  // Else the test has not looked where it hurts.
  EXPECT_GT(lost_some, 5);
}

// ── files ──

struct LocalLogFiles : ::testing::Test {
  std::unique_ptr<LocalLog> open(LocalLogSettings settings = {}) {
    settings.folder = folder / "log";
    auto log = LocalLog::open(std::move(settings));
    if (!log) {
      failure = log.error();
      return nullptr;
    }
    return std::move(*log);
  }
  /// Three batches of two frames in one segment; gives the end of each batch.
  std::vector<LogOffset> fill() {
    auto log = open();
    std::vector<LogOffset> ends;
    for (int i = 0; i < 6; ++i) {
      EXPECT_TRUE(log->append(body(i)));
      if (i % 2 == 1) ends.push_back(log->sync().value());
    }
    return ends;
  }
  std::string first() const { return folder / "log/00000000000000000000.seg"; }
  TempFolder folder;
  Error failure;
};

TEST_F(LocalLogFiles, a_flipped_bit_in_a_durable_frame_is_refused_at_every_byte_and_nothing_is_cut) {
  const std::vector<LogOffset> ends = fill();
  const std::string good = slurp(first());
  // The last batch is only known to be durable by the store's `committed`: see detect/recovery.
  const std::size_t firm = log::frame_bytes(16) + ends[1];
  for (std::size_t at = 0; at < firm; ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    spill(first(), bad);
    failure = {};
    ASSERT_EQ(open(), nullptr) << "byte " << at;
    EXPECT_EQ(failure.kind, ErrorKind::refused) << "byte " << at;
    EXPECT_EQ(slurp(first()), bad) << "byte " << at;
  }
  spill(first(), good);
  EXPECT_NE(open(), nullptr);
}

TEST_F(LocalLogFiles, a_log_cut_at_any_byte_opens_with_the_whole_frames_before_it) {
  fill();
  const std::string good = slurp(first());
  std::size_t most = 0;
  for (std::size_t size = log::frame_bytes(16); size <= good.size(); ++size) {
    spill(first(), std::string_view(good).substr(0, size));
    auto log = open();
    ASSERT_NE(log, nullptr) << size << ": " << failure.text;
    const Frames frames = read_all(*log).value();
    for (std::size_t i = 0; i < frames.size(); ++i) EXPECT_EQ(frames[i], body(static_cast<int>(i)));
    EXPECT_GE(frames.size(), most);
    most = frames.size();
    EXPECT_EQ(log->bytes_cut() + log->end() + log::frame_bytes(16), size);
    ASSERT_TRUE(log->append("goes on"));
    ASSERT_TRUE(log->sync());
    EXPECT_EQ(read_all(*log)->back(), "goes on");
  }
  EXPECT_EQ(most, 6U);
}

TEST_F(LocalLogFiles, a_lost_block_before_a_kept_one_of_the_same_batch_is_a_torn_tail) {
  const std::vector<LogOffset> ends = fill();
  std::string bytes = slurp(first());
  bytes[log::frame_bytes(16) + ends[1] + log::kFrameHeaderBytes] ^= 1;  // First frame of the last batch; the second is whole.
  spill(first(), bytes);
  auto log = open();
  ASSERT_NE(log, nullptr) << failure.text;
  EXPECT_EQ(log->end(), ends[1]);
  EXPECT_EQ(read_all(*log)->size(), 4U);
}

TEST_F(LocalLogFiles, a_missing_or_shortened_middle_segment_is_refused) {
  {
    auto log = open({.folder = {}, .segment_bytes = 1, .disk = {}});
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(log->append(body(i)));
      ASSERT_TRUE(log->sync());
    }
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "log")) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  ASSERT_EQ(paths.size(), 4U);
  const std::string second = slurp(paths[1]);
  spill(paths[1], std::string_view(second).substr(0, second.size() - 1));
  EXPECT_EQ(open(), nullptr);
  EXPECT_EQ(failure.kind, ErrorKind::refused);
  std::filesystem::remove(paths[1]);
  EXPECT_EQ(open(), nullptr);
  EXPECT_THAT(failure.text, ::testing::HasSubstr("the next segment begins at"));
  spill(paths[1], second);
  EXPECT_NE(open(), nullptr) << failure.text;
}

TEST_F(LocalLogFiles, a_segment_of_another_log_is_refused) {
  { auto log = open({.folder = {}, .segment_bytes = 1, .disk = {}});
    ASSERT_TRUE(log->append("one"));
    ASSERT_TRUE(log->sync());
    ASSERT_TRUE(log->append("two"));
    ASSERT_TRUE(log->sync());
  }
  std::string alien;
  log::append_frame(alien, {.kind = log::FrameKind::opening, .offset = 0, .body = std::string(16, 'q')});
  spill(first(), alien + slurp(first()).substr(alien.size()));
  EXPECT_EQ(open(), nullptr);
  EXPECT_THAT(failure.text, ::testing::HasSubstr("two state folders were mixed"));
}

TEST_F(LocalLogFiles, a_later_format_is_refused_and_not_cut) {
  fill();
  std::string bytes = slurp(first());
  log::append_frame(bytes, {.version = 2, .offset = bytes.size() - log::frame_bytes(16), .body = "from the future"});
  spill(first(), bytes);
  EXPECT_EQ(open(), nullptr);
  EXPECT_THAT(failure.text, ::testing::HasSubstr("later version"));
  EXPECT_EQ(slurp(first()), bytes);
}

TEST_F(LocalLogFiles, a_segment_that_was_being_born_is_made_again) {
  fill();
  spill(folder / "log/00000000000000009999.seg", "TCSN");
  auto log = open();
  EXPECT_EQ(log, nullptr);  // Its name does not follow the first one: that is no crash of ours.
  std::filesystem::remove(folder / "log/00000000000000009999.seg");
  LogOffset end = 0;
  {
    auto good = open();
    ASSERT_NE(good, nullptr) << failure.text;
    end = good->end();
  }
  spill(fmt::format("{}/log/{:020}.seg", folder.path(), end), "TCSN");
  log = open();
  ASSERT_NE(log, nullptr) << failure.text;
  EXPECT_EQ(read_all(*log)->size(), 6U);
}

TEST_F(LocalLogFiles, two_writers_are_refused) {
  auto log = open();
  EXPECT_EQ(open(), nullptr);
  EXPECT_THAT(failure.text, ::testing::HasSubstr("in use by another process"));
}

TEST_F(LocalLogFiles, a_full_disk_loses_nothing_and_work_goes_on_once_there_is_space) {
  int budget = 150;
  LocalLogSettings settings;
  settings.disk.write = [&](int fd, const void* bytes, std::size_t count) -> ssize_t {
    if (budget == 0) return errno = ENOSPC, -1;
    const std::size_t some = std::min<std::size_t>({count, static_cast<std::size_t>(budget), 7});  // Short writes, too.
    budget -= static_cast<int>(some);
    return ::write(fd, bytes, some);
  };
  auto log = open(settings);
  ASSERT_NE(log, nullptr) << failure.text;
  Frames written;
  for (int i = 0; i < 10; ++i) {
    written.push_back(body(i));
    ASSERT_TRUE(log->append(written.back()));
  }
  for (int tries = 0; tries < 3; ++tries) {
    const auto full = log->sync();
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(log->end(), 0U);
    EXPECT_EQ(read_all(*log)->size(), 0U);
  }
  budget = 1'000'000;
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(read_all(*log).value(), written);
}

TEST_F(LocalLogFiles, a_full_disk_at_the_birth_of_a_segment_is_survived) {
  bool full = false;
  LocalLogSettings settings{.folder = {}, .segment_bytes = 1, .disk = {}};
  settings.disk.write = [&](int fd, const void* bytes, std::size_t count) -> ssize_t {
    return full ? (errno = ENOSPC, -1) : ::write(fd, bytes, count);
  };
  auto log = open(settings);
  ASSERT_TRUE(log->append("one"));
  ASSERT_TRUE(log->sync());
  full = true;
  ASSERT_TRUE(log->append("two"));
  ASSERT_FALSE(log->sync());
  ASSERT_FALSE(log->sync());
  full = false;
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(read_all(*log).value(), (Frames{"one", "two"}));
  log.reset();
  log = open();
  ASSERT_NE(log, nullptr) << failure.text;
  EXPECT_EQ(read_all(*log).value(), (Frames{"one", "two"}));
}

TEST_F(LocalLogFiles, a_failed_sync_is_final_even_if_the_next_would_succeed) {
  bool broken = false;
  LocalLogSettings settings;
  settings.disk.sync = [&](int fd) { return broken ? (errno = EIO, -1) : ::fdatasync(fd); };
  auto log = open(settings);
  ASSERT_TRUE(log->append("one"));
  broken = true;
  const auto failed = log->sync();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::refused);
  broken = false;
  EXPECT_FALSE(log->sync());
  EXPECT_FALSE(log->append("two"));
  EXPECT_FALSE(read_all(*log));
}

TEST_F(LocalLogFiles, a_write_error_is_final) {
  bool broken = false;
  LocalLogSettings settings;
  settings.disk.write = [&](int fd, const void* bytes, std::size_t count) -> ssize_t { return broken ? (errno = EIO, -1) : ::write(fd, bytes, count); };
  auto log = open(settings);
  broken = true;
  ASSERT_TRUE(log->append("one"));
  EXPECT_EQ(log->sync().error().kind, ErrorKind::refused);
  broken = false;
  EXPECT_EQ(log->sync().error().kind, ErrorKind::refused);
}

TEST_F(LocalLogFiles, short_and_interrupted_reads_are_gone_on_with) {
  fill();
  LocalLogSettings settings;
  int calls = 0;
  settings.disk.read = [&](int fd, void* bytes, std::size_t count) -> ssize_t {
    if (++calls % 3 == 0) return errno = EINTR, -1;
    return ::read(fd, bytes, std::min<std::size_t>(count, 5));
  };
  auto log = open(settings);
  ASSERT_NE(log, nullptr) << failure.text;
  EXPECT_EQ(read_all(*log)->size(), 6U);
  EXPECT_GT(calls, 50);
}

TEST_F(LocalLogFiles, a_read_error_is_told_and_not_taken_for_a_torn_tail) {
  fill();
  const std::string before = slurp(first());
  LocalLogSettings settings;
  settings.disk.read = [](int, void*, std::size_t) -> ssize_t { return errno = EIO, -1; };
  EXPECT_EQ(open(settings), nullptr);
  EXPECT_EQ(failure.kind, ErrorKind::refused);
  EXPECT_EQ(slurp(first()), before);
}

TEST_F(LocalLogFiles, segments_end_behind_the_limit) {
  auto log = open();
  const std::string megabyte(1U << 20U, 'm');
  for (int i = 0; i < 65; ++i) {
    ASSERT_TRUE(log->append(megabyte));
    ASSERT_TRUE(log->sync());
  }
  ASSERT_GT(log->end(), limits::kSegmentBytes);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "log"), {}), 2);
}

TEST(Frame, random_bytes_are_no_frame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = "TCSN";
    for (std::size_t n = random() % 80; n > 0; --n) bytes.push_back(static_cast<char>(random() % 4 == 0 ? random() : 0));
    EXPECT_FALSE(log::read_frame(bytes));
  }
}

TEST(Frame, the_checksum_is_the_castagnoli_one) {
  std::string bytes;
  log::append_frame(bytes, {.offset = 7, .durable = 3, .body = "123456789"});
  EXPECT_EQ(hex_of(bytes.substr(0, 28)), "5443534e0101000007000000000000000300000000000000" "09000000");
  const auto frame = log::read_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->offset, 7U);
  EXPECT_EQ(frame->durable, 3U);
  EXPECT_EQ(frame->body, "123456789");
}

}  // namespace
}  // namespace tocsin
