// rule_set.h: all rules of a run, checked and linked.
#pragma once

#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/base/limits.h"
#include "daemon/model/event.h"
#include "daemon/sigma/language/rule.h"
#include "tocsin/v1/match.pb.h"

namespace tocsin::sigma {

/// How rules are read. Other placeholders make a RuleCache read all files again.
struct RuleSettings {
  /// The group of a detection's alerts, for incidents: the playbook's `group_by`.
  std::string group_field = "actor.id";
  /// Shown as evidence behind the fields that the rule itself names, where the event has them.
  /// No names of things: the name of a customer's record is the customer's.
  std::vector<std::string> evidence = {"actor.id", "actor.roles", "action.verb", "action.operation", "resource.id",
                                       "resource.type", "partner.id", "src.ip", "outcome"};
  /// What `%name%` stands for in values with `expand` (see load_placeholders()).
  Placeholders placeholders;
  /// One rejected document is an error of the whole load.
  bool strict = false;
};

/// A document that is in no rule set, and all that is wrong with it.
struct Rejected {
  std::string file;
  std::uint32_t line = 1;            ///< Where the document begins; 1 where the file as a whole cannot be read.
  std::string id, title;             ///< Empty where the document does not say.
  std::vector<std::string> faults;   ///< Each `file:line:col: …` with its caret, never none.
};

/// A correlation seen from another one on which it stands: which of that one's group-by values it takes, by their places.
struct Chain {
  std::size_t correlation;
  std::vector<std::size_t> group, counted, peers;
  bool numbers = false;                      ///< The counted value is a number, not something to be told apart.
};

/// Immutable once made; any number of threads may read it at once.
class RuleSet {
 public:
  /// The strict reading: whoever cannot do without a rule. All faults of all files come in one bad_input.
  static Result<RuleSet> load(const std::vector<std::string>& paths, RuleSettings settings = {});
  /// The same for files already read.
  static Result<RuleSet> read(const std::vector<yaml::File>& files, RuleSettings settings = {});

  /// Every field that rules, group-bys, counts, tests and evidence name. A copy may be extended: our slots stay.
  const FieldTable& fields() const { return fields_; }
  /// A random-access range of `const Rule&`, in the order of their files. Rules of an unchanged file are the same objects
  /// in the next set that a RuleCache helps to load.
  auto rules() const {
    return std::views::transform(std::views::all(rules_), [](const std::shared_ptr<const Rule>& rule) -> const Rule& { return *rule; });
  }
  const Rule* find(std::string_view id) const;
  /// Who stands on the correlation at this place.
  const std::vector<Chain>& chains(std::size_t rule) const { return chains_[rule]; }
  /// Of what decides the answers: prose, tests, comments, file names and order do not count.
  const std::string& fingerprint() const { return fingerprint_; }
  /// The same of one rule, by its place: its own text, the filters that narrow it, the values of its placeholders, the group of
  /// a detection's alerts, and for a correlation those of the rules that it counts. State under an equal one may be continued.
  /// Whether a rule alerts itself is not part of it: that is decided by the correlations above.
  const Id128& fingerprint(std::size_t rule) const { return fingerprints_[rule]; }

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
    std::vector<FieldTable::Slot> group, counted, peers;
    bool numbers = false;
  };
  friend class Linker;

  bool report(std::size_t rule, const Event& event, std::vector<v1::RuleMatch>& out, std::size_t& room) const;
  void add_evidence(const Rule& rule, const Link* link, const Event& event, v1::RuleMatch& out) const;

  FieldTable fields_;
  std::vector<std::shared_ptr<const Rule>> rules_;
  std::unordered_map<std::string_view, std::size_t> by_id_;   ///< Views into the rules.
  std::vector<std::vector<Link>> links_;     ///< Per detection.
  std::vector<std::vector<Chain>> chains_;   ///< Per correlation.
  FieldTable::Slot group_slot_ = 0;
  std::vector<FieldTable::Slot> evidence_slots_;
  std::vector<Id128> fingerprints_;          ///< Per rule.
  std::string fingerprint_;
};

/// What came of a load: the rules that are good, and what was left out.
struct Loaded {
  RuleSet rules;
  std::vector<Rejected> rejected;    ///< In the order of files. Empty with `strict`.
};

class RuleCache;

/// Reads files, and folders with all their *.yml and *.yaml below. One bad document takes no other down, except correlations
/// that are built on it, and says why; with `settings.strict` all faults of all documents come in one bad_input. A path that
/// is not there, and a folder without a rule, are always bad_input. With a cache, files that have not changed since its last
/// load are not read again.
Result<Loaded> load_rules(const std::vector<std::string>& paths, const RuleSettings& settings = {});
Result<Loaded> load_rules(const std::vector<std::string>& paths, const RuleSettings& settings, RuleCache& cache);
/// The same for files already read.
Result<Loaded> link_rules(const std::vector<yaml::File>& files, const RuleSettings& settings = {});

/// Everything that is wrong, as one text.
std::string faults_of(std::span<const Rejected> rejected);

}  // namespace tocsin::sigma
