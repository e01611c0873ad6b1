// courier.h: takes due notices to the world: claim, point of no return, deliver, record; and decides what was in doubt.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/metrics.h"
#include "daemon/casebook/casebook.h"
#include "daemon/courier/pause.h"
#include "notifiers/notifiers.h"

namespace tocsin::courier {

using Channels = std::map<std::string, std::unique_ptr<Notifier>>;

/// Every configured channel, or bad_input that names the one that is wrong.
Result<Channels> make_channels(const v1::Config& config, const Surroundings& surroundings);

struct CourierSettings {
  Microseconds lease = limits::kClaimLease;
  std::uint32_t batch = 10;                                ///< Claimed at once by a channel: a crash costs this many leases.
  Microseconds look_again = std::chrono::milliseconds(250);  ///< How long an idle channel sleeps between two looks.
  Backoff notice_backoff{std::chrono::minutes(1), std::chrono::hours(2)};  ///< limits::kDeliveryAttemptsMax of them last about six hours.
  Backoff channel_backoff{std::chrono::seconds(1), std::chrono::minutes(5)};
  bool mark_subject = false;                               ///< Redirect: a person must see that the mail was meant for others.
};

/// What the configuration asks of a courier: today, whether mails are redirected and must say so.
CourierSettings settings_for(const v1::Config& config);

/// The world of a courier. `random` gives [0, 1) and may be called from any thread.
struct CourierWorld {
  casebook::Casebook& casebook;
  const Clock& clock;
  Metrics& metrics;
  Log& log;
  std::function<double()> random;
};

/// One thread a channel, so that a slow provider holds nobody else up and each notifier is called by one thread. What it
/// knows of a notice lies in the store: it may die at any instruction.
class Courier {
 public:
  Courier(CourierWorld world, Channels channels, CourierSettings settings = {});
  ~Courier();   ///< As stop().
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  /// What a crash left: claimed notices go back, those past the point of no return are in doubt. Once, before start().
  Result<void> recover();

  void start();
  /// Lets every channel finish the notice in its hands, claims no more, joins. What was claimed and not sent is queued again
  /// when its lease is over.
  void stop();

  /// One pass over every channel on this thread, for tests and tools; how many notices were handled. Not while started.
  Result<std::int64_t> pass();

 private:
  struct Channel {
    std::string name;
    std::unique_ptr<Notifier> notifier;
    Pause pause;
    std::set<std::string> held;   ///< Doubtful notices that a person must decide, each said once.
    std::thread thread;
  };

  void loop(Channel& channel);
  Result<std::int64_t> pass(Channel& channel);
  Result<std::int64_t> claim_and_deliver(Channel& channel);
  Result<void> deliver(Channel& channel, const store::DueNotice& due);
  Result<void> decide_doubts(Channel& channel);
  Result<void> decide(Channel& channel, const v1::Notice& notice);
  std::string fresh_lease();

  CourierWorld world_;
  CourierSettings settings_;
  std::vector<std::unique_ptr<Channel>> channels_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
};

}  // namespace tocsin::courier
