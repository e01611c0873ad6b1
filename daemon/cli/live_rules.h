// live_rules.h: the rules of the running daemon, and how they are read again while it runs.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "daemon/cli/content.h"
#include "daemon/detect/detector.h"
#include "daemon/model/subject.h"
#include "tocsin/v1/config.pb.h"
#include "tocsin/v1/service.pb.h"

namespace tocsin::cli {

/// Any thread, after load().
class LiveRules {
 public:
  /// Both must outlive this.
  LiveRules(const v1::Config& config, std::string installed_pack) : config_(config), installed_pack_(std::move(installed_pack)) {}

  /// Once: everything that the rules of the configuration bring along, but for the mappings, which stay here.
  Result<Content> load();

  /// For a detector that starts.
  std::shared_ptr<const sigma::RuleSet> in_use() const;
  const std::vector<v1::Mapping>& mappings() const { return mappings_; }

  /// All rules and placeholders as they lie there now take over, or none of them: bad_input, with every fault, leaves those in use
  /// as they are. Mappings, playbook and jurisdictions stay until the next start. Reading and compiling cost as much as has
  /// changed, and detection goes on meanwhile; it stops only to hand over the windows. unavailable where it is over.
  Result<v1::ReloadRulesResponse> reload(detect::Detector& detector, const SubjectKey& key);

 private:
  Result<RulePack> pack() const;

  const v1::Config& config_;
  std::string installed_pack_;
  v1::Playbook playbook_;
  std::vector<v1::Mapping> mappings_;
  std::mutex reloading_;                              ///< One at a time; guards the cache.
  sigma::RuleCache cache_;
  mutable std::mutex mutex_;
  std::shared_ptr<const sigma::RuleSet> rules_;
};

}  // namespace tocsin::cli
