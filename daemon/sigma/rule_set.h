// rule_set.h: all rules of a run, checked and linked.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/limits.h"
#include "daemon/model/event.h"
#include "daemon/sigma/language/rule.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::sigma {

struct RuleSettings {
  /// The group of a detection's alerts, for incidents: the playbook's `group_by`.
  std::string group_field = "actor.id";
  /// Shown as evidence behind the fields that the rule itself names, where the event has them.
  /// No names of things: the name of a customer's record is the customer's.
  std::vector<std::string> evidence = {"actor.id", "actor.roles", "action.verb", "action.operation", "resource.id",
                                       "resource.type", "partner.id", "src.ip", "outcome"};
};

/// Immutable once made; any number of threads may read it at once.
class RuleSet {
 public:
  /// Reads files, and folders with all their *.yml and *.yaml below. All faults of all files come in one bad_input.
  static Result<RuleSet> load(const std::vector<std::string>& paths, const RuleSettings& settings = {});
  /// The same for files already read.
  static Result<RuleSet> read(const std::vector<yaml::File>& files, const RuleSettings& settings = {});

  /// Every field that rules, group-bys, counts, tests and evidence name. A copy may be extended: our slots stay.
  const FieldTable& fields() const { return fields_; }
  const std::vector<Rule>& rules() const { return rules_; }
  const Rule* find(std::string_view id) const;
  /// Of what decides the answers: prose, tests, comments, file names and order do not count.
  const std::string& fingerprint() const { return fingerprint_; }

  /// What detections hand on that said yes to the event (see Matcher): `out` is cleared first, then holds per detection one
  /// match for its own alert, where it alerts, and per correlation on top of it one match for each combination of group-by
  /// values. An event without a value for each group-by field does not count for that correlation.
  ///
  /// False where the matches would take more than `room` bytes, which shrinks; then `out` is not whole. People count once per
  /// match, as the fold keeps them: products of long lists must not exhaust the memory of whoever folds them.
  bool report(std::span<const std::uint32_t> found, const Event& event, std::vector<v1::RuleMatch>& out, std::size_t& room) const;

 private:
  /// A correlation seen from one of its base detections, aliases resolved.
  struct Link {
    std::size_t correlation;
    std::vector<FieldTable::Slot> group, counted;
  };
  friend class Linker;

  bool report(std::size_t rule, const Event& event, std::vector<v1::RuleMatch>& out, std::size_t& room) const;
  void add_evidence(const Rule& rule, const Link* link, const Event& event, v1::RuleMatch& out) const;

  FieldTable fields_;
  std::vector<Rule> rules_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::vector<std::vector<Link>> links_;     ///< Per rule.
  FieldTable::Slot group_slot_ = 0;
  std::vector<FieldTable::Slot> evidence_slots_;
  std::string fingerprint_;
};

}  // namespace tocsin::sigma
