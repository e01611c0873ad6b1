// http_server_test.cpp: the real server on a free port, spoken to over plain sockets.
#include "daemon/serve/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace tocsin::serve {
namespace {

HttpPages simple_pages() {
  return {[] { return std::string("up 1\n"); }, [] { return std::vector<std::string>(); }, ""};
}

/// Sends `request` to `address` and reads until the server closes.
std::string exchange(const std::string& address, const std::string& request) {
  const auto colon = address.rfind(':');
  const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
  const bool v6 = address.front() == '[';
  const int s = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  int connected = -1;
  if (v6) {
    sockaddr_in6 where{};
    where.sin6_family = AF_INET6;
    where.sin6_port = htons(port);
    where.sin6_addr = in6addr_loopback;
    connected = connect(s, reinterpret_cast<sockaddr*>(&where), sizeof(where));
  } else {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = connect(s, reinterpret_cast<sockaddr*>(&where), sizeof(where));
  }
  EXPECT_EQ(connected, 0) << std::strerror(errno);
  timeval patience{10, 0};
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  EXPECT_EQ(send(s, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 4096> piece{};
  for (ssize_t n = 0; (n = recv(s, piece.data(), piece.size(), 0)) > 0;) answer.append(piece.data(), static_cast<std::size_t>(n));
  close(s);
  return answer;
}

TEST(HttpServer, answers_on_ipv4_and_ipv6_loopback) {
  for (const char* listen : {"127.0.0.1:0", "[::1]:0"}) {
    v1::Http settings;
    settings.set_listen(listen);
    const auto server = HttpServer::start(settings, simple_pages());
    ASSERT_TRUE(server) << server.error().text;
    const std::string answer = exchange((*server)->address(), "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    EXPECT_TRUE(answer.ends_with("up 1\n")) << answer;
  }
}

TEST(HttpServer, head_has_the_length_and_no_body_and_post_is_not_allowed) {
  v1::Http settings;
  settings.set_listen("127.0.0.1:0");
  const auto server = HttpServer::start(settings, simple_pages());
  ASSERT_TRUE(server);
  const std::string head = exchange((*server)->address(), "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 5"), std::string::npos) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
  const std::string post = exchange((*server)->address(), "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(post.starts_with("HTTP/1.1 405")) << post;
}

TEST(HttpServer, a_giant_header_and_garbage_end_the_connection_and_not_the_server) {
  v1::Http settings;
  settings.set_listen("127.0.0.1:0");
  const auto server = HttpServer::start(settings, simple_pages());
  ASSERT_TRUE(server);
  exchange((*server)->address(), "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n");
  exchange((*server)->address(), std::string("\x16\x03\x01\x00garbage\r\n\r\n", 15));
  EXPECT_TRUE(exchange((*server)->address(), "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
}

TEST(HttpServer, a_bind_that_strangers_reach_refuses_to_start) {
  v1::Http settings;
  settings.set_listen("0.0.0.0:0");
  const auto server = HttpServer::start(settings, simple_pages());
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::refused);
}

TEST(HttpServer, a_taken_port_is_said) {
  v1::Http settings;
  settings.set_listen("127.0.0.1:0");
  const auto first = HttpServer::start(settings, simple_pages());
  ASSERT_TRUE(first);
  settings.set_listen((*first)->address());
  const auto second = HttpServer::start(settings, simple_pages());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace tocsin::serve
