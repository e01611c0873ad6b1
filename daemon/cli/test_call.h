// test_call.h: a verb called as a test sees it, with files of its own.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "daemon/base/file.h"
#include "daemon/cli/verbs.h"

namespace tocsin::cli {

class CallTest : public testing::Test {
 protected:
  int call(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    const SystemClock clock;
    World world{clock, out_, err_, [](std::string_view) { return std::nullopt; }, 0};
    const int code = static_cast<int>(run(world, std::move(arguments)));
    printed_ = out_.str();
    said_ = err_.str();
    return code;
  }
  const std::string& out() const { return printed_; }
  const std::string& err() const { return said_; }
  const std::string& folder() const { return folder_->path(); }
  /// Writes a file into the folder of this test and gives its path.
  std::string file(const std::string& name, std::string_view text) const {
    const std::string path = folder() + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::make();
  std::ostringstream out_, err_;
  std::string printed_, said_;
};

}  // namespace tocsin::cli
