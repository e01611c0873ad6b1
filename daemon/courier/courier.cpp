// courier.cpp: each step is on disk before the next one touches the network.
#include "daemon/courier/courier.h"

#include "daemon/base/failpoint.h"
#include "daemon/base/hash.h"
#include "daemon/base/promise.h"
#include "daemon/store/times.h"

namespace tocsin::courier {
namespace {

// A key must not be used in the last moments of its life: the provider's clock is not ours.
constexpr Microseconds kKeyMargin = std::chrono::minutes(10);
// Missing a person is worse than telling them twice, but a server that swallows every answer must not fill a mailbox.
constexpr std::uint32_t kDoubtfulSendsMax = 4;
// A claim is worth starting only with this much of its lease left.
constexpr Microseconds kLeaseMargin = std::chrono::seconds(2);

Message message_of(const store::DueNotice& due, bool mark_subject) {
  Message message{.notice_id = due.notice.notice_id(), .locale = due.notice.locale(), .to = due.to, .subject = due.subject, .text = due.text, .html = due.html,
                  .created = store::instant_from(due.notice.created_at()), .resend = due.notice.possible_duplicate()};
  if (mark_subject && due.notice.purpose() == "individual_notice") message.subject = (due.notice.locale() == "zh-CN" ? "【测试转投】" : "[redirected] ") + message.subject;
  return message;
}

}  // namespace

Result<Channels> make_channels(const v1::Config& config, const Surroundings& surroundings) {
  Channels channels;
  for (const v1::ChannelConfig& channel : config.channels()) {
    TOCSIN_ASSIGN(auto notifier, make_notifier(channel, surroundings));
    if (!channels.emplace(channel.name(), std::move(notifier)).second) return bad_input(fmt::format("two channels are called `{}`", channel.name()));
  }
  return channels;
}

CourierSettings settings_for(const v1::Config& config) {
  CourierSettings settings;
  settings.mark_subject = config.delivery().mode() == v1::REDIRECT;
  return settings;
}

Courier::Courier(CourierWorld world, Channels channels, CourierSettings settings) : world_(std::move(world)), settings_(settings) {
  for (auto& [name, notifier] : channels) {
    channels_.push_back(std::make_unique<Channel>());
    channels_.back()->name = name;
    channels_.back()->notifier = std::move(notifier);
  }
}

Courier::~Courier() { stop(); }

Result<void> Courier::recover() {
  TOCSIN_ASSIGN(const std::int64_t doubtful, world_.casebook.recover_after_crash());
  if (doubtful > 0) world_.log.warn("notices were in flight when the process ended: each is in doubt and is decided by its channel's class", {{"notices", doubtful}});
  return {};
}

void Courier::start() {
  stopping_ = false;
  for (const auto& channel : channels_) channel->thread = std::thread([this, &channel = *channel] { loop(channel); });
}

void Courier::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (const auto& channel : channels_)
    if (channel->thread.joinable()) channel->thread.join();
}

void Courier::loop(Channel& channel) {
  while (!stopping_) {
    const auto handled = pass(channel);
    // The store not answering is no reason to die: nothing was promised yet, and the next look may find it well.
    if (!handled) world_.log.error("the courier could not go on", {{"channel", channel.name}, {"why", handled.error().text}});
    if (handled && *handled > 0) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, handled ? settings_.look_again : settings_.look_again * 4, [this] { return stopping_.load(); });
  }
}

Result<std::int64_t> Courier::pass() {
  std::int64_t handled = 0;
  for (const auto& channel : channels_) {
    TOCSIN_ASSIGN(const std::int64_t here, pass(*channel));
    handled += here;
  }
  return handled;
}

Result<std::int64_t> Courier::pass(Channel& channel) {
  if (!channel.pause.over(world_.clock.now())) return 0;
  TOCSIN_TRY(world_.casebook.expire_leases());
  TOCSIN_TRY(decide_doubts(channel));
  return claim_and_deliver(channel);
}

Result<std::int64_t> Courier::claim_and_deliver(Channel& channel) {
  // A claim costs an attempt: while the provider fails, one notice probes for all.
  const std::uint32_t batch = channel.pause.failures() > 0 ? 1 : settings_.batch;
  TOCSIN_ASSIGN(const auto due, world_.casebook.claim(fresh_lease(), world_.clock.now() + settings_.lease, batch, channel.name));
  if (due.empty()) return 0;
  failpoint("claimed");
  std::int64_t handled = 0;
  for (const store::DueNotice& one : due) {
    // What is left of the batch is known unsent and comes back by itself when the lease is over.
    if (stopping_ || !channel.pause.over(world_.clock.now()) || world_.clock.now() + kLeaseMargin > one.lease_until) break;
    TOCSIN_TRY(deliver(channel, one));
    ++handled;
  }
  return handled;
}

Result<void> Courier::deliver(Channel& channel, const store::DueNotice& due) {
  const std::string& id = due.notice.notice_id();
  bool passed = false;
  const auto point_of_no_return = [&]() -> bool {
    const auto ours = world_.casebook.point_of_no_return(id, due.lease);
    if (!ours) world_.log.error("the point of no return could not be recorded, so the notice is not sent", {{"notice", id}, {"why", ours.error().text}});
    passed = ours && *ours;
    if (passed) failpoint("pnr");
    return passed;
  };
  Delivery delivery = channel.notifier->deliver(message_of(due, settings_.mark_subject), due.lease_until - kLeaseMargin, point_of_no_return);
  failpoint("sent");

  const Instant now = world_.clock.now();
  if (auto* later = std::get_if<TryLater>(&delivery)) {
    const Microseconds backoff = settings_.notice_backoff.after(static_cast<int>(due.notice.attempts()), world_.random());
    channel.pause.failed(now, later->after, settings_.channel_backoff, world_.random());
    later->after = std::chrono::ceil<std::chrono::seconds>(std::max<Microseconds>(later->after, backoff));
  } else if (std::holds_alternative<InDoubt>(delivery)) {
    channel.pause.failed(now, Microseconds::zero(), settings_.channel_backoff, world_.random());
  } else {
    channel.pause.worked();  // A refusal, too, shows a provider that answers.
  }
  TOCSIN_ASSIGN(const bool recorded, world_.casebook.settle(due, delivery));
  failpoint("result");
  // Without the lease the row belongs to somebody else; had we passed the point of no return, it is already in doubt there.
  if (!recorded) world_.log.warn("the lease of a notice was lost before its result was recorded", {{"notice", id}, {"channel", channel.name}, {"sent", passed}});
  static constexpr const char* kOutcomes[] = {"accepted", "delivered", "try_later", "refused", "in_doubt"};
  world_.metrics.add("tocsin_deliveries_total", 1, {{"channel", channel.name}, {"outcome", kOutcomes[delivery.index()]}});
  if (const auto* doubt = std::get_if<InDoubt>(&delivery)) world_.log.warn("a notice is in doubt", {{"notice", id}, {"channel", channel.name}, {"why", doubt->why}});
  return {};
}

Result<void> Courier::decide_doubts(Channel& channel) {
  std::vector<v1::Notice> doubtful;
  {
    TOCSIN_ASSIGN(auto view, world_.casebook.store().read());
    TOCSIN_ASSIGN(doubtful, view.in_doubt());
    TOCSIN_ASSIGN(const auto counts, view.in_doubt_counts());
    for (const auto& [name, count] : counts) world_.metrics.raise_to("tocsin_notices_in_doubt_total", static_cast<double>(count), {{"channel", name}});
  }
  for (const v1::Notice& notice : doubtful)
    if (notice.channel() == channel.name) TOCSIN_TRY(decide(channel, notice));
  return {};
}

/// Sends again where the other end knows a repeat; else once more, marked, or never without a person.
Result<void> Courier::decide(Channel& channel, const v1::Notice& notice) {
  const DoubtClass doubt_class = channel.notifier->doubt_class();
  std::string hold;
  switch (doubt_class) {
    case DoubtClass::key: {
      const Microseconds age = world_.clock.now() - store::instant_from(notice.created_at());
      const Microseconds life = channel.notifier->key_lifetime();
      if (life != Microseconds::max() && age > life - kKeyMargin) hold = "the provider may have forgotten our key";
      break;
    }
    case DoubtClass::upsert: break;
    case DoubtClass::query: hold = "it must be looked up at the provider"; break;
    case DoubtClass::none:
      if (channel.notifier->hold_in_doubt()) hold = "the channel is configured to hold what is in doubt";
      else if (notice.possible_duplicate() && notice.attempts() >= kDoubtfulSendsMax) hold = "it was sent several times already and is in doubt again";
      break;
  }
  if (hold.empty() && notice.attempts() >= static_cast<std::uint32_t>(limits::kDeliveryAttemptsMax)) hold = "it was tried too often";
  if (hold.empty()) {
    TOCSIN_TRY(world_.casebook.resend(notice.notice_id(), doubt_class == DoubtClass::none));
    return {};
  }
  if (!channel.held.insert(notice.notice_id()).second) return {};
  world_.log.warn("a doubtful notice waits for a person", {{"notice", notice.notice_id()}, {"channel", channel.name}, {"why", hold}});
  return world_.casebook.note({store::kSystem}, "notice.held", notice.notice_id(), fmt::format(R"({{"channel":"{}","why":"{}"}})", channel.name, hold));
}

std::string Courier::fresh_lease() { return hex_of(random_bytes(16)); }

}  // namespace tocsin::courier
