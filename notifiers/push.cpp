// push.cpp: Firebase Cloud Messaging, HTTP v1. FCM documents no idempotency key, so doubt is class none.
#include "daemon/base/limits.h"
#include "notifiers/json_text.h"
#include "notifiers/makers.h"
#include "notifiers/service_account.h"
#include "notifiers/template.h"
#include "notifiers/transport.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin {
namespace {

constexpr std::string_view kScope = "https://www.googleapis.com/auth/firebase.messaging";
constexpr std::chrono::seconds kTokenMargin{60};  // A token must not run out between our look and Google's.

class Push final : public Notifier {
 public:
  Push(v1::settings::Push settings, ServiceAccount account, const Clock& clock)
      : settings_(std::move(settings)), account_(std::move(account)), clock_(clock) {
    url_ = fmt::format("{}/v1/projects/{}/messages:send", settings_.endpoint(), account_.project_id);
  }

  DoubtClass doubt_class() const override { return DoubtClass::none; }

  Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point_of_no_return) override {
    if (message.to.empty()) return Refused{"there is no push token"};
    if (message.text.size() > limits::kNoticeBytesMax) return Refused{"the notice is larger than a push message may be"};
    if (clock_.now() + kTokenMargin >= token_until_)
      if (auto failed = fetch_token(give_up_at)) return *failed;

    HttpRequest request{.url = url_, .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token_.reveal()}},
                        .body = body_of(message), .ca_file = settings_.ca_file()};
    const auto outcome = transport_.exchange(request, left(give_up_at), point_of_no_return);
    if (const auto* unsent = std::get_if<Unsent>(&outcome)) return TryLater{std::chrono::seconds(0), unsent->why};
    if (const auto* unknown = std::get_if<Unknown>(&outcome)) return InDoubt{unknown->why};
    return verdict(std::get<Answer>(outcome));
  }

 private:
  std::chrono::milliseconds left(Instant give_up_at) const {
    return time_left(clock_, give_up_at, duration_of(settings_.timeout(), std::chrono::seconds(30)));
  }

  /// Exchanges a fresh assertion for a token; an outcome where that failed. No message has left then.
  std::optional<Delivery> fetch_token(Instant give_up_at) {
    auto assertion = signed_assertion(account_, kScope, clock_.now());
    if (!assertion) return TryLater{std::chrono::minutes(5), std::move(assertion).error().text};
    HttpRequest request{.url = account_.token_uri, .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                        .body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + escape_url(assertion->reveal()),
                        .ca_file = settings_.ca_file()};
    const auto outcome = transport_.exchange(request, left(give_up_at), [] { return true; });
    if (const auto* unsent = std::get_if<Unsent>(&outcome)) return TryLater{std::chrono::seconds(0), "the token endpoint: " + unsent->why};
    if (const auto* unknown = std::get_if<Unknown>(&outcome)) return TryLater{std::chrono::seconds(0), "the token endpoint: " + unknown->why};
    const auto& answer = std::get<Answer>(outcome);
    if (answer.status != 200) {
      const auto wait = answer.retry_after.value_or(answer.status < 500 ? std::chrono::minutes(5) : std::chrono::minutes(0));
      return TryLater{wait, fmt::format("the token endpoint does not give a token ({}): check the service account", answer.status)};
    }
    auto token = json_at(answer.body, "/access_token");
    auto expires = json_at(answer.body, "/expires_in");
    if (!token || token->empty()) return TryLater{std::chrono::minutes(5), "the token endpoint's answer holds no token"};
    std::int64_t seconds = expires ? std::strtoll(expires->c_str(), nullptr, 10) : 0;
    seconds = std::clamp<std::int64_t>(seconds, 0, 86'400);
    token_ = Secret(std::move(*token));
    token_until_ = clock_.now() + std::chrono::seconds(seconds);
    return std::nullopt;
  }

  /// The tag and collapse id make a repeat replace the first one on the phone's screen where both arrive.
  static std::string body_of(const Message& message) {
    const std::string id = json_quoted(message.notice_id);
    return fmt::format(R"({{"message":{{"token":{},"notification":{{"title":{},"body":{}}},"data":{{"notice_id":{},"locale":{}}},)"
                       R"("android":{{"priority":"HIGH","notification":{{"tag":{}}}}},"apns":{{"headers":{{"apns-collapse-id":{}}}}}}}}})",
                       json_quoted(message.to.reveal()), json_quoted(message.subject), json_quoted(message.text), id, json_quoted(message.locale), id, id);
  }

  Delivery verdict(const Answer& answer) {
    if (answer.status >= 200 && answer.status < 300) {
      auto name = json_at(answer.body, "/name");  // projects/<p>/messages/<id>
      return Accepted{name ? name->substr(0, 200) : std::string()};
    }
    if (answer.status == 401) token_until_ = Instant{};  // Revoked before its time: fetch a new one at the next try.
    const auto has = [&](std::string_view word) { return answer.body.find(word) != std::string::npos; };
    if (answer.status == 404 && !has("UNREGISTERED"))
      return TryLater{std::chrono::minutes(5), "the push service does not know the project (404): check `service_account_file` and `endpoint`"};
    if (answer.status == 404) return Refused{"the app is no longer registered on this device (404 UNREGISTERED)"};
    if (answer.status == 403 && has("SENDER_ID_MISMATCH")) return Refused{"the push token belongs to another project (403 SENDER_ID_MISMATCH)"};
    return verdict_of(answer, DoubtClass::none, "");
  }

  v1::settings::Push settings_;
  ServiceAccount account_;
  const Clock& clock_;
  std::string url_;
  Secret token_;
  Instant token_until_{};
  Transport transport_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_push(const google::protobuf::Any& any, const Surroundings& surroundings) {
  TOCSIN_ASSIGN(auto settings, settings_of<v1::settings::Push>(any));
  if (settings.endpoint().empty()) settings.set_endpoint("https://fcm.googleapis.com");
  if (settings.endpoint().back() == '/') settings.mutable_endpoint()->pop_back();
  TOCSIN_TRY(check_url("endpoint", settings.endpoint()));
  TOCSIN_ASSIGN(auto account, load_service_account(settings.service_account_file()));
  TOCSIN_TRY(check_url("token_uri", account.token_uri));
  return std::make_unique<Push>(std::move(settings), std::move(account), surroundings.clock);
}

}  // namespace tocsin
