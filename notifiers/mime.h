// mime.h: a notice as an Internet message.
#pragma once

#include <string>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "notifiers/notifier.h"

namespace tocsin {

/// A mailbox of the configuration: `Name <local@domain>` or `local@domain`.
struct Mailbox {
  std::string name;
  std::string address;
  std::string domain() const { return address.substr(address.rfind('@') + 1); }
};

/// bad_input where it is not exactly one mailbox.
Result<Mailbox> parse_mailbox(std::string_view text);

/// One address and nothing else: no blank, bracket, comma or control character, one `@` with something on both sides. The
/// error does not repeat it.
Result<void> check_address(std::string_view address);

struct Letterhead {
  Mailbox from;
  std::string reply_to;           ///< A mailbox, or empty.
  std::string message_id_domain;
};

/// The whole message, CRLF, no line over 998 bytes: multipart/alternative of text and HTML (text alone where there is no
/// HTML), UTF-8. Message-ID and Date depend on the notice alone, so a resend is the same message. refused where the
/// recipient's address is none, or a text is not UTF-8.
Result<std::string> mime_message(const Letterhead& letterhead, const Message& message);

}  // namespace tocsin
