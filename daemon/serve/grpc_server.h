// grpc_server.h: the api over gRPC: Unix socket with the peer's identity, TCP with bearer tokens.
#pragma once

#include <memory>
#include <string>

#include "daemon/base/result.h"
#include "daemon/serve/api.h"
#include "tocsin/v1/config.pb.h"

namespace tocsin::serve {

/// Serves until destroyed. A caller on the socket is `unix:<user>`, or the token's owner where it sends a bearer token;
/// a caller over TCP must send one. Health service always, reflection where asked for.
class GrpcServer {
 public:
  /// `socket_path` is used where the settings name none; `token:` principals come from settings.token_file.
  static Result<std::unique_ptr<GrpcServer>> start(const v1::Grpc& settings, const std::string& socket_path, Api& api);
  ~GrpcServer();   ///< Ends calls within two seconds.
  /// Port of the TCP listener, 0 where there is none.
  int port() const;
  const std::string& socket_path() const;

 private:
  struct Body;
  explicit GrpcServer(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace tocsin::serve
