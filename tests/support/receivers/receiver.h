// receiver.h: a receiver script as a child process: started on a free port, told to misbehave, ended by its pid.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace tocsin::testing_support {

/// A folder of its own that goes with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tocsin-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

/// Files of a folder with this ending, sorted; an absent folder has none.
inline std::vector<std::filesystem::path> files_in(const std::string& folder, const std::string& ending) {
  std::vector<std::filesystem::path> files;
  std::error_code fault;
  for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
    const std::string name = entry.path().filename().string();
    if (name.front() != '.' && entry.path().extension() == ending) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Runs a program to its end; its exit code.
inline int run_program(std::vector<std::string> words) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

class Receiver {
 public:
  /// `script` is the file name in tests/support/receivers. Throws where it is not ready within 20 s.
  Receiver(const std::string& source_dir, const std::string& script, std::vector<std::string> options) {
    int to_child[2], from_child[2];
    if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<std::string> words = {"/usr/bin/python3", source_dir + "/tests/support/receivers/" + script};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // A test that crashes leaves no server behind.
      ::dup2(to_child[0], 0);
      ::dup2(from_child[1], 1);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(to_child[0]);
    ::close(from_child[1]);
    in_ = to_child[1];
    out_ = from_child[0];
    const std::string ready = line(20'000);
    if (ready.rfind("ready ", 0) != 0) {
      stop();
      throw std::runtime_error(script + " did not start: " + ready);
    }
    port_ = std::stoi(ready.substr(6));
  }
  ~Receiver() { stop(); }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  int port() const { return port_; }

  /// `behave("status=503 retry-after=7")`; empty: good again. Returns when it took effect.
  void behave(const std::string& modes) {
    const std::string order = "mode " + modes + "\n";
    if (::write(in_, order.data(), order.size()) != static_cast<ssize_t>(order.size()) || line(10'000) != "ok") throw std::runtime_error("the receiver did not obey");
  }

  void stop() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
      pid_ = -1;
    }
    for (int* end : {&in_, &out_})
      if (*end >= 0) ::close(std::exchange(*end, -1));
  }

 private:
  std::string line(int limit_ms) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    std::string text;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
      pollfd watched{out_, POLLIN, 0};
      if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) <= 0) return text + " (timed out)";
      char c = 0;
      if (::read(out_, &c, 1) <= 0) return text + " (ended)";
      if (c == '\n') return text;
      text += c;
    }
  }

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, port_ = 0;
};

}  // namespace tocsin::testing_support
