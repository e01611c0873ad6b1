// grpc_server_test.cpp: a real server on a real socket: who is let in, and as whom.
#include "daemon/serve/grpc_server.h"

#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "daemon/casebook/test_casebook.h"
#include "tocsin/v1/service.grpc.pb.h"

namespace tocsin::serve {
namespace {

class GrpcDoor : public casebook::CasebookTest {
 protected:
  void SetUp() override {
    CasebookTest::SetUp();
    running_.rules = [] { return RulesInUse{"f00", 1}; };
    running_.not_ready = [] { return std::vector<std::string>(); };
    running_.high_watermark = [](const std::string&, std::int32_t) { return std::int64_t{-1}; };
    running_.replay_dead_letters = [](const v1::ReplayDeadLettersRequest&) { return Result<v1::ReplayDeadLettersResponse>(v1::ReplayDeadLettersResponse()); };
    api_ = std::make_unique<Api>(*book_, clock_, config_, running_);
    tokens_ = folder_.path() + "/tokens";
    std::ofstream(tokens_) << "bob:0123456789abcdef\ncarol:fedcba9876543210\n";
    chmod(tokens_.c_str(), 0600);
  }

  void start(const std::string& listen = "") {
    v1::Grpc settings;
    settings.set_token_file(tokens_);
    settings.set_listen(listen);
    auto server = GrpcServer::start(settings, folder_.path() + "/sock", *api_);
    ASSERT_TRUE(server) << server.error().text;
    server_ = std::move(*server);
  }

  std::unique_ptr<v1::Tocsin::Stub> over_socket() {
    return v1::Tocsin::NewStub(grpc::CreateChannel("unix:" + server_->socket_path(), grpc::InsecureChannelCredentials()));
  }
  std::unique_ptr<v1::Tocsin::Stub> over_tcp() {
    return v1::Tocsin::NewStub(grpc::CreateChannel(fmt::format("127.0.0.1:{}", server_->port()), grpc::InsecureChannelCredentials()));
  }

  static std::unique_ptr<grpc::ClientContext> as(const std::string& token) {
    auto context = std::make_unique<grpc::ClientContext>();
    if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    return context;
  }

  TemporaryFolder folder_ = std::move(*TemporaryFolder::make());
  std::string tokens_;
  Running running_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcDoor, the_kernel_says_who_speaks_on_the_socket) {
  start();
  const std::string id = incident_about({"c1"});
  v1::ConfirmIncidentRequest request;
  request.set_incident_id(id.substr(0, 8));
  request.mutable_aware_at()->set_seconds(1'795'420'000);
  request.set_evidence("the access log");
  v1::Incident incident;
  const auto status = over_socket()->ConfirmIncident(as("").get(), request, &incident);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(incident.state(), v1::CONFIRMED);
  ASSERT_FALSE(incident.clock_events().empty());
  bool found = false;
  for (const auto& event : incident.clock_events()) found |= event.kind() == "aware" && event.by() == fmt::format("unix:{}", getpwuid(geteuid())->pw_name);
  EXPECT_TRUE(found) << incident.DebugString();
}

TEST_F(GrpcDoor, a_token_wins_over_the_socket_and_a_wrong_one_is_no_fallback) {
  start();
  const std::string id = confirmed_about({"c1"});
  v1::ApproveRoundRequest request;
  request.set_incident_id(id);
  request.set_round(1);
  request.set_binding(binding(id));
  v1::Incident incident;
  EXPECT_EQ(over_socket()->ApproveRound(as("not-a-token-at-all").get(), request, &incident).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const auto status = over_socket()->ApproveRound(as("0123456789abcdef").get(), request, &incident);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(incident.rounds(0).approvals(0).by(), "token:bob");
}

TEST_F(GrpcDoor, over_tcp_only_a_token_opens) {
  start("127.0.0.1:0");
  v1::GetStatusResponse response;
  EXPECT_EQ(over_tcp()->GetStatus(as("").get(), {}, &response).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const auto status = over_tcp()->GetStatus(as("fedcba9876543210").get(), {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.delivery_mode(), "LIVE");
}

TEST_F(GrpcDoor, errors_keep_their_kind) {
  start();
  v1::Incident incident;
  v1::GetIncidentRequest get;
  get.set_incident_id("00000000");
  EXPECT_EQ(over_socket()->GetIncident(as("").get(), get, &incident).error_code(), grpc::StatusCode::NOT_FOUND);
  v1::ApproveRoundRequest approve;
  approve.set_incident_id(confirmed_about({"c1"}));
  approve.set_round(1);
  EXPECT_EQ(over_socket()->ApproveRound(as("").get(), approve, &incident).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  v1::ConfirmIncidentRequest confirm;
  confirm.set_incident_id(incident_about({"c2"}, "mallory"));
  EXPECT_EQ(over_socket()->ConfirmIncident(as("").get(), confirm, &incident).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(GrpcDoor, many_connections_come_and_go) {
  start();
  for (int i = 0; i < 200; ++i) {
    grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = v1::Tocsin::NewStub(grpc::CreateCustomChannel("unix:" + server_->socket_path(), grpc::InsecureChannelCredentials(), own));
    v1::GetStatusResponse response;
    ASSERT_TRUE(stub->GetStatus(as("").get(), {}, &response).ok()) << i;
  }
}

TEST_F(GrpcDoor, a_second_server_on_the_same_socket_is_refused) {
  start();
  auto second = GrpcServer::start({}, folder_.path() + "/sock", *api_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::refused);
}

TEST_F(GrpcDoor, a_bind_that_strangers_reach_refuses_to_start) {
  v1::Grpc settings;
  settings.set_listen("0.0.0.0:0");
  settings.set_token_file(tokens_);
  const auto server = GrpcServer::start(settings, folder_.path() + "/sock", *api_);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::refused);
}

}  // namespace
}  // namespace tocsin::serve
