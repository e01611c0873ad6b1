// grpc_server.cpp: the only file that knows the gRPC server.
#include "daemon/serve/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_posix.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "daemon/serve/bind.h"
#include "daemon/serve/tokens.h"
#include "daemon/serve/unix_door.h"
#include "tocsin/v1/service.grpc.pb.h"

namespace tocsin::serve {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;

constexpr int kMessageBytesMax = 16 << 20;   // A report with its PDF is far smaller.

Status status_of(const ApiError& error) {
  switch (error.code) {
    case ApiError::Code::bad_request: return {StatusCode::INVALID_ARGUMENT, error.text};
    case ApiError::Code::not_found: return {StatusCode::NOT_FOUND, error.text};
    case ApiError::Code::permission: return {StatusCode::PERMISSION_DENIED, error.text};
    case ApiError::Code::approval_required: return {StatusCode::FAILED_PRECONDITION, error.text};
    case ApiError::Code::unavailable: return {StatusCode::UNAVAILABLE, error.text};
  }
  return {StatusCode::INTERNAL, error.text};
}

/// One line a verb: who speaks, then the api.
class Service final : public v1::Tocsin::Service {
 public:
  Service(Api& api, Tokens tokens) : api_(api), tokens_(std::move(tokens)) {}
  void trust(const UnixDoor* door) { door_ = door; }

#define TOCSIN_VERB(Rpc, Request, Response, verb)                                                       \
  Status Rpc(ServerContext* context, const v1::Request* request, v1::Response* response) override {     \
    return answer(*context, *request, *response, &Api::verb);                                           \
  }
  TOCSIN_VERB(GetStatus, GetStatusRequest, GetStatusResponse, status)
  TOCSIN_VERB(ListAlerts, ListAlertsRequest, ListAlertsResponse, list_alerts)
  TOCSIN_VERB(ListIncidents, ListIncidentsRequest, ListIncidentsResponse, list_incidents)
  TOCSIN_VERB(GetIncident, GetIncidentRequest, Incident, get_incident)
  TOCSIN_VERB(ListAffected, ListAffectedRequest, ListAffectedResponse, list_affected)
  TOCSIN_VERB(ConfirmIncident, ConfirmIncidentRequest, Incident, confirm)
  TOCSIN_VERB(DismissIncident, DismissIncidentRequest, Incident, dismiss)
  TOCSIN_VERB(ContainIncident, ContainIncidentRequest, Incident, contain)
  TOCSIN_VERB(ProposeRound, ProposeRoundRequest, Incident, propose)
  TOCSIN_VERB(ApproveRound, ApproveRoundRequest, Incident, approve)
  TOCSIN_VERB(PreviewNotice, PreviewNoticeRequest, PreviewNoticeResponse, preview)
  TOCSIN_VERB(ListNotices, ListNoticesRequest, ListNoticesResponse, list_notices)
  TOCSIN_VERB(StopNotices, StopNoticesRequest, StopNoticesResponse, stop_notices)
  TOCSIN_VERB(RenderReport, RenderReportRequest, RenderReportResponse, render_report)
  TOCSIN_VERB(ListDeadLetters, ListDeadLettersRequest, ListDeadLettersResponse, list_dead_letters)
  TOCSIN_VERB(ReplayDeadLetters, ReplayDeadLettersRequest, ReplayDeadLettersResponse, replay_dead_letters)
  TOCSIN_VERB(ReloadRules, ReloadRulesRequest, ReloadRulesResponse, reload_rules)
  TOCSIN_VERB(VerifyAudit, VerifyAuditRequest, VerifyAuditResponse, verify_audit)
#undef TOCSIN_VERB

 private:
  std::optional<Api::Principal> principal(const ServerContext& context) const {
    const auto& sent = context.client_metadata();
    if (const auto at = sent.find("authorization"); at != sent.end()) {
      // A token that is sent must be good: falling back to the socket's user would hide a mistake.
      const auto owner = tokens_.principal({at->second.data(), at->second.size()});
      if (!owner) return std::nullopt;
      return Api::Principal{"token:" + *owner};
    }
    const UnixDoor* door = door_;
    if (door == nullptr) return std::nullopt;
    if (const auto user = door->principal(context.peer())) return Api::Principal{*user};
    return std::nullopt;
  }

  template <typename Request, typename Response>
  Status answer(const ServerContext& context, const Request& request, Response& response,
                Answer<Response> (Api::*verb)(const Api::Principal&, const Request&)) {
    const auto by = principal(context);
    if (!by || context.IsCancelled()) return {StatusCode::UNAUTHENTICATED, "who are you? send a bearer token of the token file, or use the Unix socket"};
    auto outcome = (api_.*verb)(*by, request);
    if (!outcome) return status_of(outcome.error());
    response = std::move(*outcome);
    return Status::OK;
  }

  Api& api_;
  Tokens tokens_;
  std::atomic<const UnixDoor*> door_ = nullptr;   // Set once the server runs, when TCP calls may already come.
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return bad_input(fmt::format("serve.grpc.tls: {}: cannot be read", path));
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

Result<std::shared_ptr<grpc::ServerCredentials>> credentials(const v1::Grpc& settings) {
  if (!settings.has_tls()) return grpc::InsecureServerCredentials();
  TOCSIN_ASSIGN(const std::string cert, read_file(settings.tls().cert_file()));
  TOCSIN_ASSIGN(const std::string key, read_file(settings.tls().key_file()));
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({key, cert});
  return grpc::SslServerCredentials(options);
}

}  // namespace

struct GrpcServer::Body {
  std::unique_ptr<Service> service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<UnixDoor> door;
  std::string socket_path;
  int port = 0;
};

GrpcServer::GrpcServer(std::unique_ptr<Body> body) : body_(std::move(body)) {}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const v1::Grpc& settings, const std::string& socket_path, Api& api) {
  Tokens tokens;
  if (!settings.token_file().empty()) {
    TOCSIN_ASSIGN(tokens, Tokens::load(settings.token_file()));
  }
  auto body = std::make_unique<Body>();
  body->socket_path = settings.unix_socket().empty() ? socket_path : settings.unix_socket();
  const bool has_tokens = !tokens.empty();
  body->service = std::make_unique<Service>(api, std::move(tokens));
  grpc::EnableDefaultHealthCheckService(true);
  if (settings.reflection()) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMessageBytesMax);
  builder.RegisterService(body->service.get());
  if (!settings.listen().empty()) {
    TOCSIN_ASSIGN(const Endpoint endpoint, parse_endpoint(settings.listen()));
    TOCSIN_TRY(check_bind("serve.grpc.listen", endpoint, settings.has_tls(), has_tokens));
    if (!has_tokens) return refused("serve.grpc.listen: `token_file` must be set too: over TCP only a token says who speaks");
    TOCSIN_ASSIGN(const auto secured, credentials(settings));
    builder.AddListeningPort(settings.listen(), secured, &body->port);
  }
  body->server = builder.BuildAndStart();
  if (!body->server || (!settings.listen().empty() && body->port == 0)) {
    return unavailable(fmt::format("serve.grpc.listen: {} cannot be listened on; is the port taken?", settings.listen()));
  }
  TOCSIN_ASSIGN(body->door, UnixDoor::open(body->socket_path, [server = body->server.get()](int descriptor) {
    grpc::AddInsecureChannelFromFd(server, descriptor);
  }));
  body->service->trust(body->door.get());
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(body)));
}

GrpcServer::~GrpcServer() {
  body_->door->close();
  body_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  body_->server->Wait();
}

int GrpcServer::port() const { return body_->port; }
const std::string& GrpcServer::socket_path() const { return body_->socket_path; }

}  // namespace tocsin::serve
