// client.h: a verb's connection to the running daemon.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "daemon/cli/verbs.h"
#include "tocsin/v1/service.pb.h"

namespace tocsin::cli {

/// Speaks over the Unix socket, where the kernel says who we are, or over TCP with a token.
class Client {
 public:
  static Reply<Client> connect(const Call& call);
  Client(Client&&) noexcept;
  ~Client();

  /// `method` is the rpc's name in service.proto.
  template <typename Response, typename Request>
  Reply<Response> call(const char* method, const Request& request) {
    Response response;
    const Ending ending = send(method, request, response);
    if (ending.code != ExitCode::ok) return tl::unexpected(ending);
    return response;
  }

 private:
  struct Body;
  explicit Client(std::unique_ptr<Body> body);
  Ending send(const char* method, const google::protobuf::Message& request, google::protobuf::Message& response);
  std::unique_ptr<Body> body_;
};

/// Connects, asks, and hands the answer to `show`; its errors end the verb.
template <typename Response, typename Request, typename Show>
Ending ask(const Call& call, const char* method, const Request& request, Show&& show) {
  auto client = Client::connect(call);
  if (!client) return client.error();
  auto response = client->template call<Response>(method, request);
  if (!response) return response.error();
  if constexpr (std::is_void_v<decltype(show(*response))>) {
    show(*response);
    return {};
  } else {
    return show(*response);
  }
}

}  // namespace tocsin::cli
