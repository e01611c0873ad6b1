// verdict.cpp: what an HTTP status means for one notice, and which addresses may carry personal data.
#include "daemon/base/limits.h"
#include "notifiers/transport.h"

namespace tocsin {

Delivery verdict_of(const Answer& answer, DoubtClass doubt_class, std::string provider_ref) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  const int status = answer.status;
  const seconds wait = answer.retry_after.value_or(seconds(0));  // 0: the courier's own back-off.
  if (status >= 200 && status < 300) return Accepted{std::move(provider_ref)};
  switch (status) {
    case 401: case 403: case 407:
      return TryLater{std::max<seconds>(wait, minutes(5)), fmt::format("the provider does not accept our credentials ({})", status)};
    case 408: case 409: case 425: case 429: case 503:
      return TryLater{wait, fmt::format("the provider asks us to come back ({})", status)};
    default: break;
  }
  if (status >= 500) {
    const std::string why = fmt::format("the provider failed while handling the request ({})", status);
    // With our key the provider knows a repeat; without it, it may have taken the message before it fell.
    if (doubt_class == DoubtClass::none) return InDoubt{why};
    return TryLater{wait, why};
  }
  if (status >= 400) return Refused{fmt::format("the provider refused the request ({})", status)};
  return TryLater{std::max<seconds>(wait, minutes(5)), fmt::format("the provider answered {}; redirects are not followed: check the configured address", status)};
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  return host.substr(0, 4) == "127." && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

Result<void> check_url(std::string_view setting, std::string_view url) {
  for (const char c : url)
    if (static_cast<unsigned char>(c) <= ' ') return bad_input(fmt::format("`{}` holds a blank or a control character", setting));
  const std::size_t scheme_end = url.find("://");
  const std::string_view scheme = scheme_end == std::string_view::npos ? "" : url.substr(0, scheme_end);
  if (scheme != "https" && scheme != "http") return bad_input(fmt::format("`{}` must begin with https://", setting));
  std::string_view host = url.substr(scheme_end + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos)
    return bad_input(fmt::format("`{}` holds a user or password: give credentials as a header or bearer token", setting));
  if (host.substr(0, 1) == "[") host = host.substr(0, host.find(']') + 1);
  else host = host.substr(0, host.find(':'));
  if (host.empty()) return bad_input(fmt::format("`{}` names no host", setting));
  if (scheme == "http" && !is_loopback_host(host))
    return bad_input(fmt::format("`{}` must be https: personal data would travel in the clear (http is for loopback only)", setting));
  return {};
}

}  // namespace tocsin
