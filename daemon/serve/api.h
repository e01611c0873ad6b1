// api.h: the verbs of service.proto, free of any transport: a principal and a request in, a response or an ApiError out.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/base/clock.h"
#include "daemon/base/result.h"
#include "daemon/casebook/casebook.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/jurisdiction.pb.h"
#include "tocsin/v1/service.pb.h"

namespace tocsin::serve {

/// Why a verb failed, in the words of the exit codes: a client maps the code, a person reads the text.
struct ApiError {
  enum class Code : std::uint8_t { bad_request, not_found, permission, approval_required, unavailable };
  Code code = Code::unavailable;
  std::string text;
};

template <typename T>
using Answer = tl::expected<T, ApiError>;

struct RulesInUse {
  std::string ruleset;      ///< Fingerprint.
  std::int64_t rules = 0;
};

/// What the running daemon knows beside the store. All may be called from any thread.
struct Running {
  std::string version;
  std::function<RulesInUse()> rules;
  std::function<std::vector<std::string>()> not_ready;                       ///< Reasons; empty = ready.
  std::function<std::int64_t(const std::string& source, std::int32_t partition)> high_watermark;  ///< −1 unknown.
  std::vector<v1::Jurisdiction> jurisdictions;                               ///< For which reports can be drawn up.
  /// Decodes and applies dead letters once more; how many went through and how many stay dead.
  std::function<Result<v1::ReplayDeadLettersResponse>(const v1::ReplayDeadLettersRequest&)> replay_dead_letters;
  std::function<Result<v1::ReloadRulesResponse>()> reload_rules;
};

/// Shared by all server threads.
class Api {
 public:
  Api(casebook::Casebook& casebook, const Clock& clock, v1::Config config, Running running);

  using Principal = casebook::Principal;

  Answer<v1::GetStatusResponse> status(const Principal& by, const v1::GetStatusRequest& request);
  Answer<v1::ListAlertsResponse> list_alerts(const Principal& by, const v1::ListAlertsRequest& request);
  Answer<v1::ListIncidentsResponse> list_incidents(const Principal& by, const v1::ListIncidentsRequest& request);
  Answer<v1::Incident> get_incident(const Principal& by, const v1::GetIncidentRequest& request);
  Answer<v1::ListAffectedResponse> list_affected(const Principal& by, const v1::ListAffectedRequest& request);
  Answer<v1::Incident> confirm(const Principal& by, const v1::ConfirmIncidentRequest& request);
  Answer<v1::Incident> dismiss(const Principal& by, const v1::DismissIncidentRequest& request);
  Answer<v1::Incident> contain(const Principal& by, const v1::ContainIncidentRequest& request);
  Answer<v1::Incident> propose(const Principal& by, const v1::ProposeRoundRequest& request);
  Answer<v1::Incident> approve(const Principal& by, const v1::ApproveRoundRequest& request);
  Answer<v1::PreviewNoticeResponse> preview(const Principal& by, const v1::PreviewNoticeRequest& request);
  Answer<v1::ListNoticesResponse> list_notices(const Principal& by, const v1::ListNoticesRequest& request);
  Answer<v1::StopNoticesResponse> stop_notices(const Principal& by, const v1::StopNoticesRequest& request);
  Answer<v1::RenderReportResponse> render_report(const Principal& by, const v1::RenderReportRequest& request);
  Answer<v1::ListDeadLettersResponse> list_dead_letters(const Principal& by, const v1::ListDeadLettersRequest& request);
  Answer<v1::ReplayDeadLettersResponse> replay_dead_letters(const Principal& by, const v1::ReplayDeadLettersRequest& request);
  Answer<v1::ReloadRulesResponse> reload_rules(const Principal& by, const v1::ReloadRulesRequest& request);
  Answer<v1::VerifyAuditResponse> verify_audit(const Principal& by, const v1::VerifyAuditRequest& request);

 private:
  /// The whole id of an incident named by its id or a unique prefix of at least six digits, as people type them.
  Answer<std::string> incident_id(const std::string& typed) const;

  casebook::Casebook& casebook_;
  const Clock& clock_;
  v1::Config config_;
  Running running_;
  std::mutex rendering_;   ///< Fonts and layout are one at a time.
};

}  // namespace tocsin::serve
