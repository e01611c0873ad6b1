// client.cpp: the only file of the cli that knows gRPC.
#include "daemon/cli/client.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "daemon/base/file.h"
#include "daemon/base/limits.h"
#include "daemon/cli/config.h"
#include "daemon/serve/bind.h"

namespace tocsin::cli {
namespace {

constexpr int kAnswerBytesMax = 256 << 20;   // A long list, or a report with its PDF.

ExitCode code_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK: return ExitCode::ok;
    case grpc::StatusCode::INVALID_ARGUMENT: return ExitCode::usage;
    case grpc::StatusCode::NOT_FOUND: return ExitCode::not_found;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED: return ExitCode::permission;
    case grpc::StatusCode::FAILED_PRECONDITION: return ExitCode::approval_required;
    default: return ExitCode::unreachable;
  }
}

/// The token alone, or one line of the server's file: `principal:token`.
Reply<std::string> token_of(const std::string& path) {
  auto text = read_file(path, limits::kSecretBytesMax);
  if (!text) return tl::unexpected(Ending{ExitCode::usage, "--token-file: " + text.error().text, {}});
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) text->pop_back();
  if (text->empty() || text->find('\n') != std::string::npos) {
    return tl::unexpected(Ending{ExitCode::usage, fmt::format("--token-file: {}: expected one line with one token", path), {}});
  }
  const std::size_t colon = text->rfind(':');
  return colon == std::string::npos ? *text : text->substr(colon + 1);
}

Reply<std::string> socket_path(const Call& call) {
  if (!call.socket.empty()) return call.socket;
  const std::string config = call.config_path();
  if (config.empty()) return tl::unexpected(Ending{ExitCode::usage, "where is the daemon?", "say --config FILE, --socket PATH or --address HOST:PORT"});
  auto path = socket_of(config);
  if (!path) return tl::unexpected(Ending{ExitCode::configuration, path.error().text, {}});
  return *path;
}

}  // namespace

struct Client::Body {
  std::shared_ptr<grpc::Channel> channel;
  std::string where;
  std::string token;
  std::chrono::milliseconds timeout{};
};

Client::Client(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

Reply<Client> Client::connect(const Call& call) {
  auto body = std::make_unique<Body>();
  body->timeout = std::chrono::milliseconds(static_cast<std::int64_t>(call.timeout_seconds * 1000));
  if (!call.token_file.empty()) {
    auto token = token_of(call.token_file);
    if (!token) return tl::unexpected(token.error());
    body->token = std::move(*token);
  }
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  if (call.address.empty()) {
    auto path = socket_path(call);
    if (!path) return tl::unexpected(path.error());
    body->where = *path;
    body->channel = grpc::CreateCustomChannel("unix:" + *path, grpc::InsecureChannelCredentials(), arguments);
    return Client(std::move(body));
  }
  const auto endpoint = serve::parse_endpoint(call.address);
  if (!endpoint) return tl::unexpected(Ending{ExitCode::usage, "--address: " + endpoint.error().text, {}});
  if (body->token.empty()) return tl::unexpected(Ending{ExitCode::usage, "--address needs --token-file: over TCP only a token says who speaks", {}});
  body->where = call.address;
  if (call.ca_file.empty()) {
    if (!endpoint->loopback) {
      return tl::unexpected(Ending{ExitCode::usage, fmt::format("--address: {} is not a loopback address: the token would travel in clear", endpoint->host), "use --ca-file for TLS"});
    }
    body->channel = grpc::CreateCustomChannel(call.address, grpc::InsecureChannelCredentials(), arguments);
    return Client(std::move(body));
  }
  auto trusted = read_file(call.ca_file, limits::kNoticeBytesMax);
  if (!trusted) return tl::unexpected(Ending{ExitCode::usage, "--ca-file: " + trusted.error().text, {}});
  body->channel = grpc::CreateCustomChannel(call.address, grpc::SslCredentials({std::move(*trusted), {}, {}}), arguments);
  return Client(std::move(body));
}

Ending Client::send(const char* method, const google::protobuf::Message& request, google::protobuf::Message& response) {
  using google::protobuf::MessageLite;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + body_->timeout);
  if (!body_->token.empty()) context.AddMetadata("authorization", "Bearer " + body_->token);
  const std::string path = std::string("/tocsin.v1.Tocsin/") + method;
  const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, body_->channel);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<MessageLite, MessageLite, MessageLite, MessageLite>(
      body_->channel.get(), rpc, &context, request, &response);
  if (status.ok()) return {};
  const ExitCode code = code_of(status.error_code());
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && (status.error_message().find("connect") != std::string::npos || status.error_message().find("No such file") != std::string::npos)) {
    return {code, fmt::format("the daemon does not answer at {}: {}", body_->where, status.error_message()), "is `tocsin run` up?"};
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return {code, fmt::format("the daemon at {} gave no answer in time", body_->where), "see --timeout"};
  return {code, status.error_message(), {}};
}

}  // namespace tocsin::cli
