// api_report.cpp: the verb that draws up a regulator's report.
#include "daemon/report/artifact.h"
#include "daemon/report/facts.h"
#include "daemon/serve/api.h"

namespace tocsin::serve {
namespace {

tl::unexpected<ApiError> failed(const Error& error) {
  switch (error.kind) {
    case ErrorKind::bad_input: return tl::unexpected(ApiError{ApiError::Code::bad_request, error.text});
    case ErrorKind::refused: return tl::unexpected(ApiError{ApiError::Code::permission, error.text});
    case ErrorKind::unavailable: break;
  }
  return tl::unexpected(ApiError{ApiError::Code::unavailable, error.text});
}

/// Whether a field of the evidence may name somebody or somebody's thing: such a text must not stand in a report.
bool may_name(std::string_view field) {
  constexpr std::string_view kFields[] = {"actor.device", "actor.id", "actor.name", "actor.session", "partner.id", "resource.id", "resource.name", "src.host", "src.ip"};
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

/// A bare number would be found in any count or date.
bool is_number(std::string_view text) { return text.find_first_not_of("0123456789.") == std::string_view::npos; }

std::vector<std::string> clear_values(const std::vector<v1::Alert>& alerts) {
  std::vector<std::string> out;
  for (const v1::Alert& alert : alerts) {
    for (const v1::Evidence& evidence : alert.evidence()) {
      for (const v1::FieldValue& field : evidence.fields()) {
        const bool address = field.field() == "src.ip";
        if (may_name(field.field()) && (address || !is_number(field.value()))) out.push_back(field.value());
      }
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Answer<v1::RenderReportResponse> Api::render_report(const Principal& by, const v1::RenderReportRequest& request) {
  const auto id = incident_id(request.incident_id());
  if (!id) return tl::unexpected(id.error());
  const auto incident = casebook_.incident(*id);
  if (!incident) return failed(incident.error());
  const auto jurisdiction = std::find_if(running_.jurisdictions.begin(), running_.jurisdictions.end(),
                                         [&](const v1::Jurisdiction& each) { return each.id() == request.jurisdiction(); });
  if (jurisdiction == running_.jurisdictions.end()) {
    std::vector<std::string> known;
    for (const auto& each : running_.jurisdictions) known.push_back(each.id());
    return tl::unexpected(ApiError{ApiError::Code::not_found, fmt::format("jurisdiction `{}` is not configured here; `jurisdictions:` names {}", request.jurisdiction(),
                                                                        known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")))});
  }
  const auto view = casebook_.store().read();
  if (!view) return failed(view.error());
  const auto alerts = view->alerts(*id);
  if (!alerts) return failed(alerts.error());

  report::DrawUp order{.incident = *incident, .organisation = config_.organisation(), .jurisdiction = *jurisdiction, .phase = "initial", .language = "en",
                       .drawn_up_at = clock_.now(), .answers = {}, .clear_values = clear_values(*alerts)};
  if (!request.phase().empty()) order.phase = request.phase();
  if (!request.language().empty()) order.language = request.language();
  auto drawn_up = report::make_report(order);
  if (!drawn_up) return failed(drawn_up.error());
  const std::lock_guard guard(rendering_);
  auto artifact = report::render(*drawn_up);
  if (!artifact) return failed(artifact.error());
  const auto noted = casebook_.note(by, "report_rendered", *id,
                                    fmt::format("{{\"report\":\"{}\",\"jurisdiction\":\"{}\",\"phase\":\"{}\",\"language\":\"{}\"}}", drawn_up->report_id(),
                                                drawn_up->jurisdiction(), drawn_up->phase(), drawn_up->language()));
  if (!noted) return failed(noted.error());
  v1::RenderReportResponse out;
  *out.mutable_report() = std::move(*drawn_up);
  out.set_json(std::move(artifact->json));
  out.set_pdf(std::move(artifact->pdf));
  return out;
}

}  // namespace tocsin::serve
