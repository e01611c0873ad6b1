// email.cpp: a notice by SMTP. It cannot de-duplicate: the Message-ID stays the same, doubt is bounded and counted.
#include "daemon/base/limits.h"
#include "notifiers/makers.h"
#include "notifiers/mime.h"
#include "notifiers/transport.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin {
namespace {

class Email final : public Notifier {
 public:
  Email(v1::settings::Email settings, Letterhead letterhead, const Clock& clock)
      : settings_(std::move(settings)), letterhead_(std::move(letterhead)), clock_(clock) {
    const std::string host = settings_.host().find(':') == std::string::npos || settings_.host().front() == '[' ? settings_.host() : "[" + settings_.host() + "]";
    url_ = fmt::format("{}://{}:{}/{}", settings_.security() == "tls" ? "smtps" : "smtp", host, settings_.port(), letterhead_.message_id_domain);
  }

  DoubtClass doubt_class() const override { return DoubtClass::none; }
  bool hold_in_doubt() const override { return settings_.in_doubt() == "hold"; }

  Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point_of_no_return) override {
    if (message.text.size() + message.html.size() > limits::kNoticeBytesMax) return Refused{"the notice is larger than a mail may be"};
    auto mail = mime_message(letterhead_, message);
    if (!mail) return Refused{std::move(mail).error().text};
    return transport_.mail({.url = url_,
                            .starttls = settings_.security() == "starttls",
                            .ca_file = settings_.ca_file(),
                            .username = settings_.username(),
                            .password = Secret(settings_.password()),
                            .from = letterhead_.from.address,
                            .to = message.to,
                            .message = std::move(*mail)},
                           time_left(clock_, give_up_at, duration_of(settings_.timeout(), std::chrono::seconds(30))), point_of_no_return);
  }

 private:
  v1::settings::Email settings_;
  Letterhead letterhead_;
  const Clock& clock_;
  std::string url_;
  Transport transport_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_email(const google::protobuf::Any& any, const Surroundings& surroundings) {
  TOCSIN_ASSIGN(auto settings, settings_of<v1::settings::Email>(any));
  if (settings.port() == 0) settings.set_port(587);
  if (settings.security().empty()) settings.set_security("starttls");
  if (settings.host().empty() || settings.host().find_first_of("/@ \t\r\n") != std::string::npos) return bad_input("`host` must be the name or address of the mail server");
  auto from = parse_mailbox(settings.from());
  if (!from) return while_doing("`from`", std::move(from).error());
  if (!settings.reply_to().empty())
    if (auto reply = parse_mailbox(settings.reply_to()); !reply) return while_doing("`reply_to`", std::move(reply).error());
  if (settings.security() == "none" && !is_loopback_host(settings.host()))
    return bad_input("`security: none` would send personal data in the clear: use starttls or tls (none is for loopback only)");
  if (settings.username().empty() != settings.password().empty()) return bad_input("`username` and `password` belong together");
  Letterhead letterhead{.from = std::move(*from), .reply_to = settings.reply_to(), .message_id_domain = settings.message_id_domain()};
  if (letterhead.message_id_domain.empty()) letterhead.message_id_domain = letterhead.from.domain();
  if (!check_address("x@" + letterhead.message_id_domain)) return bad_input("`message_id_domain` must be a domain name");
  return std::make_unique<Email>(std::move(settings), std::move(letterhead), surroundings.clock);
}

}  // namespace tocsin
