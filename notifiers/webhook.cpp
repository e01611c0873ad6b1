// webhook.cpp: operations staff, signed as Standard Webhooks. The receiver de-duplicates on webhook-id: class upsert.
#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "notifiers/makers.h"
#include "notifiers/transport.h"
#include "tocsin/v1/settings/channels.pb.h"

namespace tocsin {
namespace {

class Webhook final : public Notifier {
 public:
  Webhook(v1::settings::Webhook settings, Secret key, const Clock& clock) : settings_(std::move(settings)), key_(std::move(key)), clock_(clock) {}

  DoubtClass doubt_class() const override { return DoubtClass::upsert; }

  Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point_of_no_return) override {
    if (message.text.empty()) return Refused{"the notice is empty"};
    if (message.text.size() > limits::kNoticeBytesMax) return Refused{"the notice is larger than a webhook may be"};
    // The time of this attempt, as the standard asks: receivers refuse old ones against replay. The id stays.
    const std::string timestamp = std::to_string(micros_of(clock_.now()) / 1'000'000);
    const std::string signature = base64_of(hmac_sha256(key_.reveal(), fmt::format("{}.{}.{}", message.notice_id, timestamp, message.text)));
    const HttpRequest request{.url = settings_.url(),
                              .headers = {{"Content-Type", "application/json"}, {"webhook-id", message.notice_id}, {"webhook-timestamp", timestamp}, {"webhook-signature", "v1," + signature}},
                              .body = message.text, .ca_file = settings_.ca_file()};
    const auto outcome = transport_.exchange(request, time_left(clock_, give_up_at, duration_of(settings_.timeout(), std::chrono::seconds(15))), point_of_no_return);
    if (const auto* unsent = std::get_if<Unsent>(&outcome)) return TryLater{std::chrono::seconds(0), unsent->why};
    if (const auto* unknown = std::get_if<Unknown>(&outcome)) return InDoubt{unknown->why};
    return verdict_of(std::get<Answer>(outcome), doubt_class(), "");
  }

 private:
  v1::settings::Webhook settings_;
  Secret key_;
  const Clock& clock_;
  Transport transport_;
};

}  // namespace

Result<std::unique_ptr<Notifier>> make_webhook(const google::protobuf::Any& any, const Surroundings& surroundings) {
  TOCSIN_ASSIGN(auto settings, settings_of<v1::settings::Webhook>(any));
  TOCSIN_TRY(check_url("url", settings.url()));
  constexpr std::string_view kPrefix = "whsec_";
  const std::string& written = settings.signing_key();
  if (written.compare(0, kPrefix.size(), kPrefix) != 0) return bad_input("`signing_key` must be `whsec_` and 24 to 64 bytes in base64");
  auto key = bytes_of_base64(std::string_view(written).substr(kPrefix.size()));
  if (!key || key->size() < 24 || key->size() > 64) return bad_input("`signing_key` must be `whsec_` and 24 to 64 bytes in base64");
  settings.clear_signing_key();
  return std::make_unique<Webhook>(std::move(settings), Secret(std::move(*key)), surroundings.clock);
}

}  // namespace tocsin
