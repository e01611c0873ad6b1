// http_server.cpp: the only file that knows Boost.Beast.
#include "daemon/serve/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <thread>

#include "daemon/serve/bind.h"
#include "daemon/serve/pages.h"

namespace tocsin::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kHeaderBytesMax = 16 * 1024;     // No honest scraper sends more.
constexpr std::size_t kBodyBytesMax = 1024;            // Only GET and HEAD are answered.
constexpr std::chrono::seconds kIdle{15};              // A connection that says nothing makes room.
constexpr int kConnectionsMax = 256;                   // Slow readers must not use up the descriptors of the daemon.

struct Shared {
  HttpPages pages;
  Tokens tokens;
  bool wants_token = false;
  int open = 0;                                        // Touched by the one server thread only.
};

/// One connection, plain or TLS. Lives as long as a callback holds it.
template <typename Stream>
class Session : public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <typename... Args>
  explicit Session(Shared& shared, Args&&... args) : shared_(shared), stream_(std::forward<Args>(args)...) { ++shared_.open; }
  ~Session() { --shared_.open; }

  void start() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      read();
    } else {
      beast::get_lowest_layer(stream_).expires_after(kIdle);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code failed) {
        if (!failed) self->read();
      });
    }
  }

 private:
  void read() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kBodyBytesMax);
    beast::get_lowest_layer(stream_).expires_after(kIdle);
    http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code failed, std::size_t) {
      if (!failed) self->answer();
    });
  }

  void answer() {
    const auto& request = parser_->get();
    const auto header = request[http::field::authorization];
    const bool authorized =
        !shared_.wants_token || shared_.tokens.principal({header.data(), header.size()}).has_value();
    const bool reading = request.method() == http::verb::get || request.method() == http::verb::head;
    const auto target = request.target();
    Page page = reading ? page_of(shared_.pages, {target.data(), target.size()}, authorized)
                        : Page{405, "text/plain; charset=utf-8", "only GET and HEAD\n"};
    response_ = {};
    response_.version(request.version());
    response_.result(page.status);
    response_.set(http::field::content_type, page.content_type);
    response_.set("X-Content-Type-Options", "nosniff");
    response_.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    if (page.status == 401) response_.set(http::field::www_authenticate, "Bearer");
    if (page.status == 405) response_.set(http::field::allow, "GET, HEAD");
    response_.keep_alive(request.keep_alive());
    const std::size_t length = page.body.size();
    if (request.method() != http::verb::head) response_.body() = std::move(page.body);
    response_.content_length(length);
    beast::get_lowest_layer(stream_).expires_after(kIdle);
    serializer_.emplace(response_);
    serializer_->split(request.method() == http::verb::head);
    const auto done = [self = this->shared_from_this()](error_code failed, std::size_t) {
      if (!failed && self->response_.keep_alive()) self->read();
    };
    if (request.method() == http::verb::head) {
      http::async_write_header(stream_, *serializer_, done);
    } else {
      http::async_write(stream_, *serializer_, done);
    }
  }

  Shared& shared_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
};

}  // namespace

struct HttpServer::Body {
  Shared shared;
  asio::io_context io{1};
  std::optional<asio::ssl::context> tls;
  tcp::acceptor acceptor{io};
  std::string address;
  std::thread thread;

  void accept() {
    acceptor.async_accept([this](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted) return;
      if (!failed && shared.open < kConnectionsMax) {
        if (tls) {
          std::make_shared<Session<beast::ssl_stream<beast::tcp_stream>>>(shared, std::move(socket), *tls)->start();
        } else {
          std::make_shared<Session<beast::tcp_stream>>(shared, std::move(socket))->start();
        }
      }
      accept();
    });
  }
};

HttpServer::HttpServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const v1::Http& settings, HttpPages pages) {
  TOCSIN_ASSIGN(const Endpoint endpoint, parse_endpoint(settings.listen().empty() ? "127.0.0.1:9464" : settings.listen()));
  TOCSIN_TRY(check_bind("serve.http.listen", endpoint, settings.has_tls(), !settings.token_file().empty()));
  auto body = std::make_unique<Body>();
  body->shared.pages = std::move(pages);
  if (!settings.token_file().empty()) {
    TOCSIN_ASSIGN(body->shared.tokens, Tokens::load(settings.token_file()));
    body->shared.wants_token = true;
  }
  error_code failed;
  if (settings.has_tls()) {
    body->tls.emplace(asio::ssl::context::tls_server);
    body->tls->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    body->tls->use_certificate_chain_file(settings.tls().cert_file(), failed);
    if (!failed) body->tls->use_private_key_file(settings.tls().key_file(), asio::ssl::context::pem, failed);
    if (failed) return bad_input(fmt::format("serve.http.tls: {} or {}: {}", settings.tls().cert_file(), settings.tls().key_file(), failed.message()));
  }
  tcp::resolver resolver(body->io);
  const auto found = resolver.resolve(endpoint.host, std::to_string(endpoint.port), tcp::resolver::passive, failed);
  if (failed) return unavailable(fmt::format("serve.http.listen: {}: {}", endpoint.host, failed.message()));
  const tcp::endpoint where = found.begin()->endpoint();
  body->acceptor.open(where.protocol(), failed);
  if (!failed) body->acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) body->acceptor.bind(where, failed);
  if (!failed) body->acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return unavailable(fmt::format("serve.http.listen: {}:{}: {}", endpoint.host, endpoint.port, failed.message()));
  const auto local = body->acceptor.local_endpoint();
  body->address = local.address().is_v6() ? fmt::format("[{}]:{}", local.address().to_string(), local.port())
                                          : fmt::format("{}:{}", local.address().to_string(), local.port());
  body->accept();
  body->thread = std::thread([raw = body.get()] { raw->io.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(body)));
}

HttpServer::~HttpServer() {
  body_->io.stop();
  if (body_->thread.joinable()) body_->thread.join();
}

std::string HttpServer::address() const { return body_->address; }

}  // namespace tocsin::serve
