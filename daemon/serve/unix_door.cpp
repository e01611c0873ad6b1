// unix_door.cpp: accepting, and asking the kernel who it is.
#include "daemon/serve/unix_door.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tocsin::serve {
namespace {

constexpr int kDescriptorFirst = 256;      // Below are the daemon's own files.
constexpr int kDescriptorsMin = 64;        // Fewer numbers than this would come back too soon.

/// One past the highest number that connections may use; raises the soft limit as far as the hard one allows.
int descriptor_end() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 65'536);
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65'536));
}

std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> text(16'384);
  if (getpwuid_r(uid, &entry, text.data(), text.size(), &found) == 0 && found != nullptr) return fmt::format("unix:{}", found->pw_name);
  return fmt::format("unix:{}", uid);
}

bool somebody_answers(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answers = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(probe);
  return answers;
}

}  // namespace

Result<std::unique_ptr<UnixDoor>> UnixDoor::open(const std::string& path, Admit admit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return bad_input(fmt::format("serve.grpc.unix_socket: {} is longer than the {} characters of a socket path; choose a shorter one",
                                 path, sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (somebody_answers(address)) return refused(fmt::format("serve.grpc.unix_socket: another process listens on {}", path));
  ::unlink(path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  // The mode must be right from the first moment: bind creates the file under the umask.
  const mode_t before = umask(0117);
  const bool bound = bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  umask(before);
  if (!bound || listen(listener, 64) != 0) {
    const std::string why = std::strerror(errno);
    ::close(listener);
    return unavailable(fmt::format("serve.grpc.unix_socket: {}: {}", path, why));
  }
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return std::unique_ptr<UnixDoor>(new UnixDoor(path, listener, wake, std::move(admit)));
}

UnixDoor::UnixDoor(std::string path, int listener, int wake, Admit admit)
    : path_(std::move(path)), listener_(listener), wake_(wake), admit_(std::move(admit)), next_(kDescriptorFirst), thread_([this] { accept_all(); }) {}

UnixDoor::~UnixDoor() {
  close();
  ::close(wake_);
}

void UnixDoor::close() {
  if (!thread_.joinable()) return;
  eventfd_write(wake_, 1);
  thread_.join();
  ::unlink(path_.c_str());
  ::close(listener_);
}

std::optional<std::string> UnixDoor::principal(std::string_view grpc_peer) const {
  const std::lock_guard lock(mutex_);
  const auto at = users_.find(grpc_peer);
  if (at == users_.end()) return std::nullopt;
  return at->second;
}

void UnixDoor::accept_all() {
  for (;;) {
    std::array<pollfd, 2> waiting{{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) take(connection);
  }
}

void UnixDoor::take(int connection) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  const int end = descriptor_end();
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) {
    ::close(connection);
    return;
  }
  if (end - kDescriptorFirst >= kDescriptorsMin) {
    if (next_ >= end) next_ = kDescriptorFirst;
    const int moved = fcntl(connection, F_DUPFD_CLOEXEC, next_);
    ::close(connection);
    if (moved < 0) return;
    connection = moved;
    next_ = moved + 1;
  }
  {
    const std::lock_guard lock(mutex_);
    users_[fmt::format("fd:{}", connection)] = user_name(peer.uid);
  }
  admit_(connection);
}

}  // namespace tocsin::serve
