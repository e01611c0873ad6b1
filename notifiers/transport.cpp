// transport.cpp: the one file that knows libcurl.
#include "notifiers/transport.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <cstring>

#include "daemon/base/limits.h"
#include "daemon/base/promise.h"

namespace tocsin {
namespace {

/// How far SMTP's dialogue has come, read off the commands that libcurl sends.
enum class Stage : std::uint8_t { greeting, mail, rcpt, content };

/// What the callbacks of one exchange share. The last byte is held back until the caller has passed the point of no return.
struct Flight {
  Flight(std::string_view whole, const std::function<bool()>& gate) : body(whole), point_of_no_return(&gate) {}
  std::string_view body;
  std::size_t sent = 0;
  const std::function<bool()>* point_of_no_return;
  bool passed = false;      ///< The point of no return.
  bool withdrawn = false;   ///< The caller said no.
  std::string answer;
  std::string reply;        ///< SMTP's last reply line.
  Stage stage = Stage::greeting;
};

std::size_t give_body(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto& flight = *static_cast<Flight*>(user);
  const std::size_t room = size * count;
  const std::size_t left = flight.body.size() - flight.sent;
  if (left == 0 || room == 0) return 0;
  if (left == 1) {
    bool go = false;
    try {
      go = (*flight.point_of_no_return)();
    } catch (...) {  // The contract says it does not throw; an exception must not cross C frames.
      go = false;
    }
    if (!go) {
      flight.withdrawn = true;
      return CURL_READFUNC_ABORT;
    }
    flight.passed = true;
    buffer[0] = flight.body.back();
    flight.sent = flight.body.size();
    return 1;
  }
  const std::size_t take = std::min(room, left - 1);
  std::memcpy(buffer, flight.body.data() + flight.sent, take);
  flight.sent += take;
  return take;
}

std::size_t take_answer(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& flight = *static_cast<Flight*>(user);
  const std::size_t room = limits::kProviderAnswerBytesMax - std::min(flight.answer.size(), limits::kProviderAnswerBytesMax);
  flight.answer.append(bytes, std::min(room, size * count));
  return size * count;  // The rest is read and dropped, so that the status still counts.
}

std::size_t take_reply(char* bytes, std::size_t size, std::size_t count, void* user) {
  static_cast<Flight*>(user)->reply.assign(bytes, std::min<std::size_t>(size * count, 1000));
  return size * count;
}

int watch_commands(CURL* /*easy*/, curl_infotype type, char* bytes, std::size_t size, void* user) {
  if (type != CURLINFO_HEADER_OUT) return 0;
  auto& flight = *static_cast<Flight*>(user);
  const std::string_view command(bytes, size);
  if (command.substr(0, 5) == "MAIL ") flight.stage = Stage::mail;
  if (command.substr(0, 5) == "RCPT ") flight.stage = Stage::rcpt;
  if (command.substr(0, 4) == "DATA") flight.stage = Stage::content;
  return 0;
}

/// What libcurl says went wrong, without its details: those may quote the other side, and so an address.
std::string words_of(CURLcode code, const char* detail) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
      // Before any dialogue: the details name our own configuration only.
      if (detail[0] != '\0') return detail;
      [[fallthrough]];
    default:
      return curl_easy_strerror(code);
  }
}

/// `5.1.1` of `550 5.1.1 <someone@…>: no such user`, or "".
std::string enhanced_code(std::string_view reply) {
  if (reply.size() < 9) return "";
  const std::string_view rest = reply.substr(4);
  const std::size_t end = std::min(rest.find_first_not_of("0123456789."), rest.size());
  const std::string_view code = rest.substr(0, end);
  return std::count(code.begin(), code.end(), '.') == 2 ? std::string(code) : "";
}

/// The queue id of `250 2.0.0 Ok: queued as 4XyZ`, or "".
std::string queue_id(std::string_view reply) {
  constexpr std::string_view kMark = "queued as ";
  const std::size_t at = reply.find(kMark);
  if (at == std::string_view::npos) return "";
  std::string id;
  for (const char c : reply.substr(at + kMark.size(), 64)) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') break;
    id += c;
  }
  return id;
}

}  // namespace

struct Transport::Handle {
  CURL* easy = nullptr;
  char detail[CURL_ERROR_SIZE] = {};

  /// Everything that every exchange has in common. libcurl keeps connections through a reset.
  void prepare(Flight& flight, std::chrono::milliseconds limit, const std::string& ca_file) {
    curl_easy_reset(easy);
    detail[0] = '\0';
    set(CURLOPT_ERRORBUFFER, detail);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");  // A proxy out of the environment would see personal data unasked.
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limit.count()));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    set(CURLOPT_UPLOAD_BUFFERSIZE, 65536L);
    set(CURLOPT_READFUNCTION, give_body);
    set(CURLOPT_READDATA, &flight);
    set(CURLOPT_WRITEFUNCTION, take_answer);
    set(CURLOPT_WRITEDATA, &flight);
    // No seek function: libcurl can then never send a body a second time on its own.
  }

  template <typename T>
  void set(CURLoption option, T value) {
    TOCSIN_ASSERT(curl_easy_setopt(easy, option, value) == CURLE_OK);
  }

  long info(CURLINFO what) const {
    long value = 0;
    curl_easy_getinfo(easy, what, &value);
    return value;
  }

  /// Makes the kept connection dead for both sides. Without this libcurl would keep a mail connection on which an answer is
  /// still due, and read that answer as the one to the next message; and it would wait for the answer to its QUIT.
  void cut() {
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK && socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RDWR);
  }

  /// A kept connection that had died in its sleep says nothing about the message: one more try on a fresh one.
  template <typename Prepare>
  CURLcode perform(Flight& flight, const Prepare& prepared) {
    CURLcode code = curl_easy_perform(easy);
    if (code != CURLE_OK && !flight.passed && !flight.withdrawn && info(CURLINFO_NUM_CONNECTS) == 0 &&
        info(CURLINFO_RESPONSE_CODE) < 400 && code != CURLE_OPERATION_TIMEDOUT) {
      prepared();
      set(CURLOPT_FRESH_CONNECT, 1L);
      code = curl_easy_perform(easy);
    }
    return code;
  }
};

Transport::Transport() : handle_(std::make_unique<Handle>()) {
  handle_->easy = curl_easy_init();
  TOCSIN_ASSERT(handle_->easy != nullptr);
}

Transport::~Transport() {
  handle_->cut();
  curl_easy_cleanup(handle_->easy);
}

HttpOutcome Transport::exchange(const HttpRequest& request, std::chrono::milliseconds limit,
                                const std::function<bool()>& point_of_no_return) {
  TOCSIN_ASSERT(!request.body.empty());
  if (limit.count() <= 0) return Unsent{"no time was left"};
  Flight flight(request.body, point_of_no_return);
  curl_slist* headers = nullptr;
  const auto add = [&](const std::string& line) { headers = curl_slist_append(headers, line.c_str()); };
  add("Expect:");  // A 100-continue round trip would only cost time.
  for (const auto& [name, value] : request.headers) {
    if (name.find_first_of("\r\n:") != std::string::npos || value.find_first_of("\r\n") != std::string::npos) {
      curl_slist_free_all(headers);
      return Unsent{"a header of the request holds a line break"};
    }
    add(name + ": " + value);
  }
  const auto prepared = [&] {
    flight = Flight(request.body, point_of_no_return);
    handle_->prepare(flight, limit, request.ca_file);
    handle_->set(CURLOPT_URL, request.url.c_str());
    handle_->set(CURLOPT_PROTOCOLS_STR, "http,https");
    handle_->set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    handle_->set(CURLOPT_POST, 1L);
    handle_->set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    handle_->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    handle_->set(CURLOPT_HTTPHEADER, headers);
    handle_->set(CURLOPT_USERAGENT, "tocsin");
  };
  prepared();
  const CURLcode code = handle_->perform(flight, prepared);
  curl_slist_free_all(headers);

  if (flight.withdrawn) return Unsent{"the lease was over before the request was complete"};
  const long status = handle_->info(CURLINFO_RESPONSE_CODE);
  // A complete status line is an answer even where the body after it broke off, and even where it came early.
  if (code == CURLE_OK || (status >= 200 && flight.passed)) {
    if (status < 100) return flight.passed ? HttpOutcome(Unknown{"the answer was no HTTP"}) : HttpOutcome(Unsent{"the answer was no HTTP"});
    Answer answer{.status = static_cast<int>(status), .body = std::move(flight.answer), .retry_after = {}};
    curl_off_t wait = 0;
    if (curl_easy_getinfo(handle_->easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0)
      answer.retry_after = std::min<std::chrono::seconds>(std::chrono::seconds(wait), limits::kRetryAfterMax);
    return answer;
  }
  const std::string why = words_of(code, handle_->detail);
  if (flight.passed) return Unknown{why};
  return Unsent{why};
}

Delivery Transport::mail(const MailRequest& request, std::chrono::milliseconds limit, const std::function<bool()>& point_of_no_return) {
  using std::chrono::seconds;
  TOCSIN_ASSERT(!request.message.empty());
  if (limit.count() <= 0) return TryLater{seconds(0), "no time was left"};
  Flight flight(request.message, point_of_no_return);
  curl_slist* to = curl_slist_append(nullptr, ("<" + request.to.reveal() + ">").c_str());
  const std::string from = "<" + request.from + ">";
  const auto prepared = [&] {
    flight = Flight(request.message, point_of_no_return);
    handle_->prepare(flight, limit, request.ca_file);
    handle_->set(CURLOPT_URL, request.url.c_str());
    handle_->set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    handle_->set(CURLOPT_USE_SSL, static_cast<long>(request.starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    handle_->set(CURLOPT_UPLOAD, 1L);
    handle_->set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.message.size()));
    handle_->set(CURLOPT_MAIL_FROM, from.c_str());
    handle_->set(CURLOPT_MAIL_RCPT, to);
    handle_->set(CURLOPT_HEADERFUNCTION, take_reply);
    handle_->set(CURLOPT_HEADERDATA, &flight);
    handle_->set(CURLOPT_VERBOSE, 1L);  // Only so that the debug function sees the commands; nothing is printed.
    handle_->set(CURLOPT_DEBUGFUNCTION, watch_commands);
    handle_->set(CURLOPT_DEBUGDATA, &flight);
    if (!request.username.empty()) {
      handle_->set(CURLOPT_USERNAME, request.username.c_str());
      handle_->set(CURLOPT_PASSWORD, request.password.reveal().c_str());
    }
  };
  prepared();
  const CURLcode code = handle_->perform(flight, prepared);
  if (code != CURLE_OK && flight.passed) handle_->cut();
  curl_slist_free_all(to);

  if (flight.withdrawn) return TryLater{seconds(0), "the lease was over before the message was complete"};
  if (code == CURLE_OK) return Accepted{queue_id(flight.reply)};
  const long reply = handle_->info(CURLINFO_RESPONSE_CODE);
  if (reply >= 400 && code != CURLE_OPERATION_TIMEDOUT) {
    const std::string enhanced = enhanced_code(flight.reply);
    const std::string numbers = fmt::format("{}{}{}", reply, enhanced.empty() ? "" : " ", enhanced);
    if (flight.stage == Stage::greeting || flight.stage == Stage::mail)
      // Our login, our sender or the server itself: no fault of the person who is to be told.
      return TryLater{std::chrono::minutes(5), fmt::format("the mail server answered {} to us: check `username`, `password`, `from`, `security`", numbers)};
    const char* what = flight.stage == Stage::rcpt ? "address" : "message";
    if (reply >= 500) return Refused{fmt::format("the mail server refused the {} ({})", what, numbers)};
    return TryLater{seconds(0), fmt::format("the mail server put the {} off ({})", what, numbers)};
  }
  const std::string why = words_of(code, handle_->detail);
  if (flight.passed) return InDoubt{fmt::format("no answer came after the whole message was sent: {}", why)};
  if (code == CURLE_LOGIN_DENIED) return TryLater{std::chrono::minutes(5), "the mail server does not accept `username` and `password`"};
  return TryLater{seconds(0), why};
}

std::chrono::milliseconds time_left(const Clock& clock, Instant give_up_at, Microseconds channel_limit) {
  const Microseconds left = std::min(channel_limit, give_up_at - clock.now());
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::max(left, Microseconds::zero()));
}

}  // namespace tocsin
