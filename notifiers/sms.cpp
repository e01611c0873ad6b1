// sms.cpp: a short message through whatever HTTP provider the configuration describes.
#include "daemon/base/limits.h"
#include "notifiers/json_text.h"
#include "notifiers/makers.h"
#include "notifiers/template.h"
#include "notifiers/transport.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin {
namespace {

/// The content type decides how a value is written into the body.
Escape escape_for(std::string_view content_type) {
  if (content_type.find("json") != std::string_view::npos) return [](std::string_view text) { return json_escaped(text); };
  if (content_type.find("urlencoded") != std::string_view::npos) return escape_url;
  if (content_type.find("xml") != std::string_view::npos) return escape_html;
  return escape_nothing;
}

Names names_of(const Message& message) {
  return {.texts = {{"to", message.to.reveal()}, {"text", message.text}, {"notice_id", message.notice_id}, {"locale", message.locale}}, .flags = {}, .lists = {}};
}

/// A line break in a header value would begin a header of its own.
std::string escape_header(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

class Sms final : public Notifier {
 public:
  Sms(v1::settings::Sms settings, const Clock& clock) : settings_(std::move(settings)), clock_(clock) {}

  DoubtClass doubt_class() const override { return settings_.deduplicates() ? DoubtClass::key : DoubtClass::none; }
  Microseconds key_lifetime() const override { return duration_of(settings_.key_lifetime(), std::chrono::hours(24)); }

  Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point_of_no_return) override {
    if (message.to.empty()) return Refused{"there is no telephone number"};
    if (message.text.size() > limits::kNoticeBytesMax) return Refused{"the notice is larger than a short message may be"};
    auto request = request_of(message);
    if (!request) return Refused{std::move(request).error().text};
    const auto outcome = transport_.exchange(*request, time_left(clock_, give_up_at, duration_of(settings_.timeout(), std::chrono::seconds(30))), point_of_no_return);
    if (const auto* unsent = std::get_if<Unsent>(&outcome)) return TryLater{std::chrono::seconds(0), unsent->why};
    if (const auto* unknown = std::get_if<Unknown>(&outcome)) return InDoubt{unknown->why};
    const auto& answer = std::get<Answer>(outcome);
    auto reference = json_at(answer.body, settings_.reference_pointer());
    // The reference is for people who ask the provider; an answer without one is still an answer.
    return verdict_of(answer, doubt_class(), reference ? reference->substr(0, 200) : std::string());
  }

  Result<HttpRequest> request_of(const Message& message) const {
    const Names names = names_of(message);
    HttpRequest request{.method = settings_.method(), .url = settings_.url(), .headers = {}, .body = {}, .ca_file = settings_.ca_file()};
    auto body = fill_template(settings_.body(), names, escape_for(settings_.content_type()));
    if (!body) return while_doing("`body`", std::move(body).error());
    request.body = std::move(*body);
    request.headers.emplace_back("Content-Type", settings_.content_type());
    if (!settings_.idempotency_header().empty()) request.headers.emplace_back(settings_.idempotency_header(), message.notice_id);
    if (!settings_.bearer_token().empty()) request.headers.emplace_back("Authorization", "Bearer " + settings_.bearer_token());
    for (const auto& [name, source] : settings_.headers()) {
      auto value = fill_template(source, names, escape_header);
      if (!value) return while_doing(fmt::format("header `{}`", name), std::move(value).error());
      request.headers.emplace_back(name, std::move(*value));
    }
    return request;
  }

 private:
  v1::settings::Sms settings_;
  const Clock& clock_;
  Transport transport_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_sms(const google::protobuf::Any& any, const Surroundings& surroundings) {
  TOCSIN_ASSIGN(auto settings, settings_of<v1::settings::Sms>(any));
  if (settings.method().empty()) settings.set_method("POST");
  if (settings.content_type().empty()) settings.set_content_type("application/json");
  if (settings.idempotency_header().empty()) settings.set_idempotency_header("Idempotency-Key");
  if (settings.reference_pointer().empty()) settings.set_reference_pointer("/id");
  TOCSIN_TRY(check_url("url", settings.url()));
  const std::string content_type = settings.content_type();
  auto sms = std::make_unique<Sms>(std::move(settings), surroundings.clock);
  // One rehearsal with awkward values: a body that cannot be written must fail now, and not in the night of delivery.
  TOCSIN_ASSIGN(const HttpRequest rehearsal, sms->request_of({.notice_id = std::string(32, '0'), .locale = "en", .to = Pii("+10000000000"), .subject = {}, .text = "\"quoted\"\n<new line>", .html = {}}));
  if (rehearsal.body.empty()) return bad_input("`body` is empty");
  if (content_type.find("json") != std::string::npos && !json_at(rehearsal.body, ""))
    return bad_input("`body` does not give JSON: write values inside quotes, for example {\"to\": \"{{to}}\", \"text\": \"{{text}}\"}");
  for (const auto& [name, value] : rehearsal.headers)
    if (name.empty() || (name + value).find_first_of("\r\n") != std::string::npos) return bad_input("a header holds a line break or has no name");
  return sms;
}

}  // namespace tocsin
