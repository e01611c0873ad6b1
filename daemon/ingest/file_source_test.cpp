// file_source_test.cpp: lines of files and of live pipes; what cannot be read is an error, and nothing blocks.
#include "daemon/ingest/file_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "daemon/base/limits.h"

namespace tocsin::ingest {
namespace {

using namespace std::chrono_literals;

class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tocsin-file-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Files() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    return folder_ + "/" + name;
  }

  static std::vector<std::string> values(const Result<Batch>& batch) {
    EXPECT_TRUE(batch) << batch.error().text;
    std::vector<std::string> out;
    if (batch) {
      for (const Record& record : batch->records) out.push_back(record.value);
    }
    return out;
  }

  std::string folder_;
};

/// Puts a descriptor in the place of standard input, and the true one back.
class StandardInput {
 public:
  explicit StandardInput(int instead) : before_(::dup(STDIN_FILENO)) { ::dup2(instead, STDIN_FILENO); }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends[0]);
    hang_up();
  }
  void write(std::string_view text) const { EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size())); }
  void hang_up() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
  std::array<int, 2> ends{};
};

using Texts = std::vector<std::string>;

TEST_F(Files, lines_are_records_and_their_numbers_the_offsets) {
  FileSource source("s", {file("a", "one\r\n\ntwo"), file("b", "three\n")});
  ASSERT_TRUE(source.open({}));
  const auto batch = source.poll(100, 0ms);
  EXPECT_EQ(values(batch), (Texts{"one", "", "two", "three"}));
  EXPECT_EQ(batch->records[2].position.offset, 2);
  EXPECT_EQ(batch->records[3].position.partition, 1);
  EXPECT_EQ(batch->partitions[0].next, 3);
  EXPECT_TRUE(batch->partitions[0].at_end);
  EXPECT_TRUE(source.exhausted());
}

TEST_F(Files, reading_goes_on_at_the_stored_line_and_another_file_is_refused) {
  const std::string path = file("a", "one\ntwo\nthree\n");
  FileSource source("s", {path});
  ASSERT_TRUE(source.open({{0, 2}}));
  EXPECT_EQ(values(source.poll(100, 0ms)), Texts{"three"});
  const auto shrunk = source.open({{0, 4}});
  ASSERT_FALSE(shrunk);
  EXPECT_EQ(shrunk.error().kind, ErrorKind::refused);
  EXPECT_NE(shrunk.error().text.find("has 3 lines, but 4 were read before"), std::string::npos);
}

TEST_F(Files, lines_longer_than_a_read_come_whole_and_those_over_the_limit_cut) {
  const std::string longest(limits::kEventBytesMax, 'x');
  // Its return stands where the kept part ends: taken for a line's end, the rest would pass as a whole event.
  const std::string over = longest + "\r" + "more";
  FileSource source("s", {file("a", longest + "\r\n" + over + "\nlast\n")});
  ASSERT_TRUE(source.open({}));
  const Texts lines = values(source.poll(100, 0ms));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].size(), limits::kEventBytesMax);
  EXPECT_EQ(lines[1].size(), limits::kEventBytesMax + 1);
  EXPECT_EQ(lines[2], "last");
}

TEST_F(Files, a_live_pipe_holds_poll_no_longer_than_it_may_wait) {
  Pipe pipe;
  const StandardInput in(pipe.ends[0]);
  FileSource source("s", {"-", file("a", "from a file\n")});
  ASSERT_TRUE(source.open({}));
  EXPECT_EQ(values(source.poll(100, 10s)), Texts{"from a file"}) << "what is there is not held back by what is not";
  pipe.write("half a li");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(values(source.poll(100, 50ms)), Texts{});
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_FALSE(source.exhausted());
  pipe.write("ne\nand the rest");
  EXPECT_EQ(values(source.poll(100, 10s)), Texts{"half a line"});
  pipe.hang_up();
  const auto last = source.poll(100, 10s);
  EXPECT_EQ(values(last), Texts{"and the rest"});
  EXPECT_EQ(last->records[0].position.offset, 1);
  EXPECT_TRUE(source.exhausted());
}

TEST_F(Files, a_waiting_poll_wakes_for_the_line) {
  Pipe pipe;
  const StandardInput in(pipe.ends[0]);
  FileSource source("s", {"-"});
  ASSERT_TRUE(source.open({}));
  const auto begin = std::chrono::steady_clock::now();
  std::thread writer([&] { pipe.write("here\n"); });
  EXPECT_EQ(values(source.poll(100, 30s)), Texts{"here"});
  writer.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
}

TEST_F(Files, a_named_pipe_without_a_writer_blocks_nothing) {
  const std::string path = folder_ + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  FileSource source("s", {path});
  ASSERT_TRUE(source.open({}));
  EXPECT_EQ(values(source.poll(100, 20ms)), Texts{});
  EXPECT_FALSE(source.exhausted()) << "its writer has not come yet";
  std::ofstream(path) << "late\n" << std::flush;
  EXPECT_EQ(values(source.poll(100, 10s)), Texts{"late"});
}

TEST_F(Files, a_pipe_read_before_is_not_read_again) {
  Pipe pipe;
  const StandardInput in(pipe.ends[0]);
  for (const StartAt& at : {StartAt{0, 1}, StartAt{0, 0, true}}) {
    FileSource source("s", {"-"});
    const auto opened = source.open({at});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::refused);
    EXPECT_NE(opened.error().text.find("standard input cannot be read again: 1 lines"), std::string::npos) << opened.error().text;
  }
}

TEST_F(Files, read_errors_are_values_that_say_where) {
  FileSource hiccup("s", {"/proc/self/mem"});   // A regular file whose first page cannot be read.
  ASSERT_TRUE(hiccup.open({}));
  auto batch = hiccup.poll(100, 0ms);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, ErrorKind::unavailable);
  EXPECT_NE(batch.error().text.find("reading /proc/self/mem behind line 0"), std::string::npos) << batch.error().text;
  const int only_for_writing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  {
    const StandardInput in(only_for_writing);
    FileSource wrong("s", {file("a", "first\n"), "-"});
    ASSERT_TRUE(wrong.open({}));
    EXPECT_EQ(values(wrong.poll(100, 0ms)), Texts{"first"}) << "what came before the error is given first";
    batch = wrong.poll(100, 0ms);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().kind, ErrorKind::refused);
  }
  ::close(only_for_writing);
}

TEST_F(Files, what_cannot_be_opened_is_a_fault_of_the_configuration) {
  for (const std::string& path : {folder_, folder_ + "/none"}) {
    FileSource source("s", {path});
    const auto opened = source.open({});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::bad_input);
  }
}

}  // namespace
}  // namespace tocsin::ingest
