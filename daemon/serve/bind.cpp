// bind.cpp: reading host:port and refusing what strangers could reach.
#include "daemon/serve/bind.h"

#include <arpa/inet.h>

namespace tocsin::serve {
namespace {

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6) != 0;
  return host == "localhost";
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return bad_input(fmt::format("`{}` is no address to listen on ({}); write 127.0.0.1:9464 or [::1]:9464", text, why));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong("an IPv6 address stands in brackets");
  }
  if (host.empty()) return wrong("no host");
  std::uint32_t number = 0;
  for (const char c : port) {
    if (c < '0' || c > '9' || number > 65'535) return wrong("wrong port");
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (port.empty() || number > 65'535) return wrong("wrong port");
  Endpoint endpoint{std::string(host), static_cast<std::uint16_t>(number), false};
  endpoint.loopback = is_loopback(endpoint.host);
  return endpoint;
}

Result<void> check_bind(std::string_view what, const Endpoint& endpoint, bool has_tls, bool has_tokens) {
  if (endpoint.loopback || (has_tls && has_tokens)) return {};
  return refused(fmt::format("{}: {} is not a loopback address, so {} must be set too: anybody in the network could read it",
                             what, endpoint.host,
                             !has_tls && !has_tokens ? "`tls` and `token_file`" : (has_tls ? "`token_file`" : "`tls`")));
}

}  // namespace tocsin::serve
