// transport.h: one connection-keeping client for HTTP and SMTP; what happened, seen from the point of no return.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/base/secret.h"
#include "notifiers/notifier.h"

namespace tocsin {

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                     ///< Never empty: its last byte is the point of no return.
  std::string ca_file;                  ///< Empty: the system's authorities.
};

struct MailRequest {
  std::string url;                      ///< smtp://host:port/ehlo-name or smtps://…
  bool starttls = false;                ///< Refuse to go on without it.
  std::string ca_file;
  std::string username;
  Secret password;
  std::string from;                     ///< Envelope addresses, bare.
  Pii to;
  std::string message;                  ///< Whole, CRLF lines.
};

/// The other side answered. `body` is cut at limits::kProviderAnswerBytesMax.
struct Answer {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};
/// Nothing that could take effect has left.
struct Unsent { std::string why; };
/// The request was completed or nearly so, and no answer came.
struct Unknown { std::string why; };
using HttpOutcome = std::variant<Answer, Unsent, Unknown>;

/// Owned by one notifier, used by one thread at a time. Verifies certificates, follows no redirect, uses no proxy, obeys
/// the time limit including name resolution. No text holds an address, a body or a credential: codes and our own words.
class Transport {
 public:
  Transport();
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  HttpOutcome exchange(const HttpRequest& request, std::chrono::milliseconds limit, const std::function<bool()>& point_of_no_return);

  /// One message to one person over a kept connection: the verdict needs SMTP's dialogue, so it is given here.
  Delivery mail(const MailRequest& request, std::chrono::milliseconds limit, const std::function<bool()>& point_of_no_return);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

/// What an HTTP status means for one notice. A fault of our configuration (401, 403, 3xx …) must not refuse people one by
/// one, so it is tried again later. A 500 may come after the provider took the message: doubt, unless the key protects us.
Delivery verdict_of(const Answer& answer, DoubtClass doubt_class, std::string provider_ref);

/// Time left for one attempt: the channel's own limit or the caller's, whichever is shorter.
std::chrono::milliseconds time_left(const Clock& clock, Instant give_up_at, Microseconds channel_limit);

/// https, or http to a loopback host: personal data and credentials never travel in the clear. bad_input else.
Result<void> check_url(std::string_view setting, std::string_view url);
bool is_loopback_host(std::string_view host);

}  // namespace tocsin
