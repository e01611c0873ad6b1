// http_server.h: /metrics, /healthz, /readyz and the announcements, over HTTP(S) on Boost.Beast.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/serve/tokens.h"
#include "tocsin/v1/config.pb.h"

namespace tocsin::serve {

/// What the pages are made of. Called from the server's thread.
struct HttpPages {
  std::function<std::string()> metrics;                   ///< Prometheus text exposition.
  std::function<std::vector<std::string>()> not_ready;    ///< Reasons; empty = ready.
  std::string announcements;                              ///< Folder served under /announcements/; empty = none.
};

/// One thread, Asio callbacks. Reads only (GET, HEAD). Announcements are public; everything else but /healthz and /readyz
/// asks for a bearer token where `token_file` is set.
class HttpServer {
 public:
  /// refused where the bind is not loopback and lacks TLS or tokens; unavailable where the port is taken.
  static Result<std::unique_ptr<HttpServer>> start(const v1::Http& settings, HttpPages pages);
  ~HttpServer();   ///< Stops and joins.
  /// `127.0.0.1:41234`: with the port that the system chose.
  std::string address() const;

 private:
  struct Body;
  explicit HttpServer(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace tocsin::serve
