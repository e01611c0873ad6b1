// bind.h: where a server may listen: loopback freely, anywhere else only with TLS and tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/result.h"

namespace tocsin::serve {

/// `127.0.0.1:9464`, `[::1]:9464`, `localhost:0`. Port 0 lets the system choose.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool loopback = false;
};

/// bad_input where the text is no host:port. A name other than `localhost` is never loopback: names can be re-pointed.
Result<Endpoint> parse_endpoint(std::string_view text);

/// refused for a bind that strangers could reach without TLS and tokens. `what` names the setting in the text.
Result<void> check_bind(std::string_view what, const Endpoint& endpoint, bool has_tls, bool has_tokens);

}  // namespace tocsin::serve
