// notifier.h: one way of reaching people (seam).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <variant>

#include "daemon/base/clock.h"
#include "daemon/base/secret.h"

namespace tocsin {

/// What is sent: text already rendered in the person's language.
struct Message {
  std::string notice_id;     ///< 32 hex digits: idempotency key, and the left part of the Message-ID.
  std::string locale;        ///< zh-CN | en
  Pii to;                    ///< Address of this channel: mail address, E.164 number, push token; empty for announcement and webhook.
  std::string subject;
  std::string text;          ///< Plain text.
  std::string html;          ///< Same facts; empty for channels without it.
  Instant created{};         ///< Fixed when the notice was made: the Date header must not change on a resend.
  bool resend = false;       ///< Sent again after doubt.
};

struct Accepted { std::string provider_ref; };              ///< The provider took it.
struct Delivered { std::string provider_ref; };             ///< It reached the person, proved by the provider.
struct TryLater { std::chrono::seconds after; std::string why; };  ///< Known unsent; the same call may succeed later.
struct Refused { std::string why; };                        ///< For good: this address or this message.
struct InDoubt { std::string why; };                        ///< The request may have arrived: no answer came.
using Delivery = std::variant<Accepted, Delivered, TryLater, Refused, InDoubt>;

/// What a channel can promise after doubt (reference reliability B.6).
enum class DoubtClass : std::uint8_t {
  key,     ///< The provider de-duplicates on our notice id: send again.
  query,   ///< The provider can be asked: look up, then decide.
  upsert,  ///< Sending again replaces: send again.
  none,    ///< At least once: send again marked, or hold for a person, as configured.
};

/// Called from one courier thread at a time per instance; never throws; returns before `give_up_at` + 1 s. No text that
/// it returns holds a credential, an address or a body.
class Notifier {
 public:
  virtual ~Notifier() = default;
  virtual DoubtClass doubt_class() const = 0;
  /// True where a doubtful notice must wait for a person instead of being sent again (class none only).
  virtual bool hold_in_doubt() const { return false; }
  /// How long the provider remembers our key (class key only): a doubtful notice older than this waits for a person.
  virtual Microseconds key_lifetime() const { return Microseconds::max(); }
  /// `point_of_no_return` must be called just before the bytes that complete the request leave (SMTP: the final dot;
  /// HTTP: the body). Where it returns false the lease is gone: abort the request and answer TryLater.
  virtual Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point_of_no_return) = 0;
};

}  // namespace tocsin
