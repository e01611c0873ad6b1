// unix_door.h: who speaks on the Unix socket, asked from the kernel.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "daemon/base/result.h"

namespace tocsin::serve {

/// Accepts connections on a socket file (mode 0660) and hands each descriptor on, after noting the peer's user
/// (SO_PEERCRED). gRPC names such a connection `fd:<number>` in its peer text, which is how a call finds its user again.
/// Descriptor numbers are handed out round-robin from a wide range, so that a number does not come back while a call of
/// its previous owner may still run.
class UnixDoor {
 public:
  using Admit = std::function<void(int descriptor)>;
  /// refused where another process holds the path; a stale file is replaced.
  static Result<std::unique_ptr<UnixDoor>> open(const std::string& path, Admit admit);
  ~UnixDoor();
  /// Removes the file and takes nobody in any more; who is inside keeps a principal. Safe to call twice.
  void close();
  /// `unix:alice` for a gRPC peer text, or nothing.
  std::optional<std::string> principal(std::string_view grpc_peer) const;

 private:
  UnixDoor(std::string path, int listener, int wake, Admit admit);
  void accept_all();
  void take(int connection);

  std::string path_;
  int listener_;
  int wake_;
  Admit admit_;
  int next_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> users_;   ///< `fd:7` → `unix:alice`
  std::thread thread_;
};

}  // namespace tocsin::serve
