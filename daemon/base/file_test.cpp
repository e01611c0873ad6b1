// file_test.cpp: whole files, folders and locks.
#include "daemon/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace tocsin {
namespace {

class File : public testing::Test {
 protected:
  TemporaryFolder folder_ = std::move(*TemporaryFolder::make());
  std::string path(std::string_view name) const { return fmt::format("{}/{}", folder_.path(), name); }
};

TEST_F(File, what_was_written_is_read) {
  ASSERT_TRUE(write_file(path("a"), "one", 0600));
  ASSERT_TRUE(write_file(path("a"), "two", 0600));
  EXPECT_EQ(*read_file(path("a")), "two");
  struct stat state {};
  ASSERT_EQ(::stat(path("a").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);  // No temporary file stays.
}

TEST_F(File, misfortunes_name_the_path) {
  EXPECT_EQ(read_file(path("none")).error().text, path("none") + ": No such file or directory");
  EXPECT_EQ(read_file(folder_.path()).error().text, folder_.path() + ": is a folder");
  ASSERT_TRUE(write_file(path("a"), "12345"));
  EXPECT_EQ(read_file(path("a"), 4).error().text, path("a") + ": longer than 4 bytes");
  EXPECT_TRUE(read_file(path("a"), 5));
  const auto written = write_file(path("no/such/folder"), "x");
  EXPECT_EQ(written.error().kind, ErrorKind::unavailable);
}

TEST_F(File, folders_are_made_with_those_above_them) {
  ASSERT_TRUE(make_folder(path("a/b/c")));
  ASSERT_TRUE(make_folder(path("a/b/c")));
  EXPECT_TRUE(std::filesystem::is_directory(path("a/b/c")));
  ASSERT_TRUE(write_file(path("f"), ""));
  EXPECT_FALSE(make_folder(path("f/g")));
}

TEST_F(File, a_temporary_folder_goes_with_its_owner) {
  std::string gone;
  {
    auto inner = TemporaryFolder::make();
    gone = inner->path();
    ASSERT_TRUE(write_file(gone + "/x", "x"));
    const TemporaryFolder moved = std::move(*inner);
    EXPECT_TRUE(std::filesystem::exists(gone));
  }
  EXPECT_FALSE(std::filesystem::exists(gone));
}

TEST_F(File, a_lock_is_held_by_one_process_and_names_it) {
  auto lock = LockFile::take(path("lock"));
  ASSERT_TRUE(lock);
  const auto second = LockFile::take(path("lock"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::refused);
  EXPECT_EQ(second.error().text, fmt::format("{}: held by process {}", path("lock"), ::getpid()));
  { const LockFile released = std::move(*lock); }
  EXPECT_TRUE(LockFile::take(path("lock")));
}

TEST_F(File, a_lock_dies_with_its_process) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = LockFile::take(path("lock"));
    ::_exit(lock ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(LockFile::take(path("lock")));
}

}  // namespace
}  // namespace tocsin
