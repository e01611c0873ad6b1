// linker.cpp: from parsed files to a rule set: names are looked up, what is built on a rejected rule is rejected too.
#include <fmt/ranges.h>

#include <array>

#include "daemon/base/limits.h"
#include "daemon/sigma/rule_files.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {
namespace {

/// State of another engine must not be continued by this one.
constexpr std::string_view kEngine = "tocsin sigma 3";

/// Of the id of what stands beside an extension and is counted by it. No rule file may use it.
constexpr std::string_view kBaseSuffix = " (matches)";

bool asks_all_texts(const Selection& selection) {
  if (selection.kind == Selection::Kind::item) return selection.item.slot == FieldTable::kAll;
  return std::any_of(selection.parts.begin(), selection.parts.end(), asks_all_texts);
}

}  // namespace

class Linker {
 public:
  Linker(RuleCache& cache, const RuleSettings& settings) : fields_(cache.fields()) {
    out_.rules.group_slot_ = fields_.intern(settings.group_field);
    for (const std::string& field : settings.evidence) out_.rules.evidence_slots_.push_back(fields_.intern(field));
  }

  Loaded link(const std::vector<std::shared_ptr<const ParsedFile>>& files) && {
    for (const auto& file : files) {
      for (const Document& document : file->documents) take(*file, document);
    }
    names_.reserve(2 * candidates_.size());
    each([this](Candidate& own) { name(own); });
    each([this](Candidate& own) { find_bases(own); });
    stack();
    each([this](Candidate& own) { check_fields(own); });
    each([this](Candidate& own) { aim(own); });
    each([this](Candidate& own) { tests_see_something(own); });
    fall_with_bases();
    for (const auto& file : files) {
      if (!file->faults.empty()) out_.rejected.push_back({file->path, 1, {}, {}, file->faults});
    }
    each([this](const Candidate& own) { reject_or_place(own); });
    std::stable_sort(out_.rejected.begin(), out_.rejected.end(),
                     [](const Rejected& x, const Rejected& y) { return std::tie(x.file, x.line) < std::tie(y.file, y.line); });
    out_.rules.links_.resize(out_.rules.rules_.size());
    out_.rules.chains_.resize(out_.rules.rules_.size());
    each([this](Candidate& own) { settle(own); });
    fingerprints();
    out_.rules.fields_ = fields_;
    // The table may remember keywords of rules that are gone.
    out_.rules.fields_.wants_all = std::any_of(out_.rules.rules_.begin(), out_.rules.rules_.end(), [](const auto& rule) {
      const Detection* detection = rule->detection();
      return detection != nullptr && std::any_of(detection->selections.begin(), detection->selections.end(), asks_all_texts);
    });
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// A rule or a filter on its way into the set. What was parsed is shared with other sets; it is copied where it must change.
  struct Candidate {
    const ParsedFile* file;
    const Document* document;
    std::shared_ptr<const Rule> rule;   ///< Null of a filter, and of what is too wrong to be either.
    std::vector<std::string> faults;
    std::size_t more_faults = 0;        ///< Behind kYamlFaultsMax.
    std::size_t split_off = kNone;      ///< Of the rule of an extension: the candidate of what it counts. Of that one: back.
    bool is_base = false;               ///< Was split off, so that its extension speaks for it.
    std::vector<std::size_t> bases;     ///< Of a correlation: candidates, one per rule that it names, as far as they are known.
    std::vector<std::size_t> users;     ///< Correlations that stand on this one.
    std::vector<std::size_t> filters;   ///< Those that narrow this one.
    bool generates = false;             ///< A user says so.
    bool placed = false;                ///< Its level is known.
    int level = 1;
    std::size_t place = kNone;          ///< In the rule set.

    const Filter* filter() const { return document->filter.get(); }
    bool good() const { return faults.empty(); }
    const Detection* detection() const { return rule == nullptr ? nullptr : rule->detection(); }
    const Correlation* correlation() const { return rule == nullptr ? nullptr : rule->correlation(); }
    bool is_silent() const { return !users.empty() && !generates; }
    std::string where() const { return fmt::format("{}:{}", file->path, document->line); }
  };

  template <typename Do>
  void each(Do&& act) {
    for (Candidate& own : candidates_) act(own);
  }

  std::size_t index_of(const Candidate& own) const { return static_cast<std::size_t>(&own - candidates_.data()); }

  static void complain(Candidate& at, const yaml::Place& place, std::string_view message, std::string_view hint = {}) {
    if (at.faults.size() < limits::kYamlFaultsMax) at.faults.push_back(yaml::caret(at.file->path, place, message, hint));
    else ++at.more_faults;
  }

  /// At the r-th rule that a correlation or a filter names: in `rules`, in its text condition, or behind `of`. One that names none
  /// is shown itself.
  static void complain_of(Candidate& at, std::size_t r, std::string_view message, std::string_view hint = {}) {
    const std::vector<yaml::Place>& references = at.document->references;
    complain(at, references.empty() ? at.document->kind : references[std::min(r, references.size() - 1)], message, hint);
  }

  void take(const ParsedFile& file, const Document& document) {
    Candidate own{&file, &document, document.rule, document.faults, 0, kNone, false, {}, {}, {}, false, false, 1, kNone};
    if (own.rule != nullptr && (own.rule->id.ends_with(kBaseSuffix) || own.rule->name.ends_with(kBaseSuffix))) {
      complain(own, own.rule->id.ends_with(kBaseSuffix) ? document.id : document.name,
               fmt::format("`{}` at the end of an id or a name is kept for what an extension counts", kBaseSuffix), "choose another");
    }
    if (own.rule == nullptr || !own.rule->extension) return candidates_.push_back(std::move(own));
    // An extension counts the matches of the rule in which it stands: that rule becomes two.
    auto base = std::make_shared<Rule>(*own.rule), extension = std::make_shared<Rule>(*own.rule);
    base->id += kBaseSuffix;
    base->name.clear();
    base->tests.clear();
    base->extension.reset();
    extension->body = std::move(*extension->extension);
    extension->extension.reset();
    std::get<Correlation>(extension->body).rules.insert(std::get<Correlation>(extension->body).rules.begin(), base->id);
    Candidate split = own;
    split.rule = std::move(base);
    split.is_base = true;
    split.split_off = candidates_.size() + 1;
    own.rule = std::move(extension);
    own.split_off = candidates_.size();
    candidates_.push_back(std::move(split));
    candidates_.push_back(std::move(own));
  }

  /// A rule is known by its id and by its name; both must be its own. A rejected one keeps none from another rule, but what
  /// names it must be told why it is not there.
  void name(Candidate& own) {
    const Rule* rule = own.rule.get();
    if (rule == nullptr) return;
    if (!own.good()) {
      lost_.try_emplace(rule->id, index_of(own));
      if (!rule->name.empty()) lost_.try_emplace(rule->name, index_of(own));
      return;
    }
    for (const bool by_id : {true, false}) {
      const std::string& text = by_id ? rule->id : rule->name;
      if (text.empty() || (!by_id && text == rule->id)) continue;
      const auto [at, fresh] = names_.try_emplace(text, index_of(own));
      if (fresh || own.is_base) continue;   // Of that one the rule itself tells.
      const Candidate& other = candidates_[at->second];
      complain(own, by_id && own.document->id.mark.line != own.document->line ? own.document->id : own.document->name,
               fmt::format("`{}` is already the {} of the rule `{}` in {}", text, other.rule->id == text ? "id" : "name",
                           other.rule->title, other.where()));
    }
  }

  void find_bases(Candidate& own) {
    const Correlation* correlation = own.correlation();
    if (correlation == nullptr || own.document->references.empty()) return;
    for (std::size_t r = 0; r < correlation->rules.size(); ++r) {
      const std::string& reference = correlation->rules[r];
      const auto lost = lost_.find(reference);
      const auto at = names_.find(reference);
      if (at == names_.end() && lost == lost_.end()) {
        complain_of(own, r, fmt::format("no rule has the id or name `{}`", reference), near(reference));
        continue;
      }
      const std::size_t base = at == names_.end() ? lost->second : at->second;
      if (std::find(own.bases.begin(), own.bases.end(), base) != own.bases.end()) {
        complain_of(own, r, fmt::format("rule `{}` is named twice", reference));
        continue;
      }
      own.bases.push_back(base);
      // Also where the correlation is rejected: its author did not mean each event to be an alert.
      candidates_[base].users.push_back(index_of(own));
      if (correlation->generate) candidates_[base].generates = true;
    }
    if (correlation->type != nullptr && !correlation->type->evaluated) {
      complain(own, own.document->kind, fmt::format("`{}` is read and checked, but this version does not count it", correlation->type->name));
    }
  }

  /// The level of each correlation, from the bottom up. Those that are never reached rest on themselves.
  void stack() {
    std::vector<std::size_t> waits_for(candidates_.size()), ready;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      Candidate& own = candidates_[i];
      own.placed = own.correlation() == nullptr;
      waits_for[i] = static_cast<std::size_t>(
          std::count_if(own.bases.begin(), own.bases.end(), [this](std::size_t base) { return candidates_[base].correlation() != nullptr; }));
      if (!own.placed && waits_for[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      Candidate& own = candidates_[ready.back()];
      ready.pop_back();
      own.placed = true;
      if (own.level == limits::kChainDepthMax + 1) {
        complain_of(own, 0, fmt::format("more than {} correlations stand on top of one another", limits::kChainDepthMax));
      }
      for (const std::size_t above : own.users) {
        candidates_[above].level = std::max(candidates_[above].level, own.level + 1);
        if (--waits_for[above] == 0) ready.push_back(above);
      }
    }
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!candidates_[i].placed) name_cycle(i);
    }
  }

  /// Walks down from a rule that was never placed until it meets itself; whoever stands on that cycle is silent about it.
  void name_cycle(std::size_t from) {
    std::vector<std::size_t> path;
    std::size_t at = from;
    while (std::find(path.begin(), path.end(), at) == path.end()) {
      path.push_back(at);
      const std::vector<std::size_t>& bases = candidates_[at].bases;
      const auto below = std::find_if(bases.begin(), bases.end(), [&](std::size_t base) { return !candidates_[base].placed; });
      if (below == bases.end()) break;  // It stands on a cycle that was named.
      at = *below;
    }
    const auto begin = std::find(path.begin(), path.end(), at);
    const std::vector<std::size_t>& bases = candidates_[at].bases;
    const bool closed = begin != path.end() && (path.end() - begin > 1 || std::count(bases.begin(), bases.end(), at) > 0);
    for (const std::size_t i : path) candidates_[i].placed = true;
    if (!closed) return;
    std::string text;
    for (auto it = begin; it != path.end(); ++it) text += fmt::format("`{}` → ", candidates_[*it].rule->id);
    const std::size_t next = begin + 1 == path.end() ? at : *(begin + 1);
    complain_of(candidates_[at], static_cast<std::size_t>(std::find(bases.begin(), bases.end(), next) - bases.begin()),
                fmt::format("this correlation rests on itself: {}`{}`", text, candidates_[at].rule->id));
  }

  static const std::string& field_of(const Correlation& correlation, std::size_t r, const std::string& field) {
    const auto alias = correlation.aliases.find(field);
    if (alias == correlation.aliases.end()) return field;
    const auto target = alias->second.find(correlation.rules[r]);
    return target == alias->second.end() ? field : target->second;
  }

  /// Fields by which it groups, which it counts, and of its peers.
  static std::array<const std::vector<std::string>*, 3> fields_of(const Correlation& correlation) {
    static const std::vector<std::string> kNobody;
    const auto* baseline = std::get_if<Baseline>(&correlation.extension);
    return {&correlation.group_by, &correlation.fields, baseline == nullptr ? &kNobody : &baseline->peers};
  }

  /// An alert has the values by which it is grouped, and no others.
  void check_fields(Candidate& own) {
    const Correlation* correlation = own.correlation();
    for (std::size_t r = 0; correlation != nullptr && own.good() && r < own.bases.size(); ++r) {
      const Correlation* below = candidates_[own.bases[r]].correlation();
      if (below == nullptr) continue;
      const std::vector<std::string>& has = below->group_by;
      for (const auto* names : fields_of(*correlation)) {
        for (const std::string& name : *names) {
          const std::string& field = field_of(*correlation, r, name);
          if (std::find(has.begin(), has.end(), field) != has.end()) continue;
          const std::string near = yaml::did_you_mean(field, {has.begin(), has.end()});
          complain_of(own, r, fmt::format("the alerts of `{}` have no field `{}`", correlation->rules[r], field),
                      !near.empty() ? near
                      : has.empty() ? std::string("it has no `group-by`")
                                    : fmt::format("they have the `group-by` of their own rule: {}", fmt::join(has, ", ")));
        }
      }
    }
  }

  /// Finds the detections that a filter narrows.
  void aim(Candidate& own) {
    const Filter* filter = own.filter();
    if (filter == nullptr || !own.good()) return;
    std::vector<std::size_t> aims;
    if (filter->rules.empty()) {
      each([&](const Candidate& at) {
        if (at.good() && at.detection() != nullptr && holds(filter->log_source, at.rule->log_source)) aims.push_back(index_of(at));
      });
    }
    for (std::size_t r = 0; r < filter->rules.size(); ++r) {
      const std::string& reference = filter->rules[r];
      const auto found = names_.find(reference);
      if (found == names_.end()) {   // A rejected rule needs no filter.
        if (!lost_.contains(reference)) complain_of(own, r, fmt::format("no rule has the id or name `{}`", reference), near(reference));
        continue;
      }
      const Candidate* at = &candidates_[found->second];
      if (at->split_off != kNone && !at->is_base) at = &candidates_[at->split_off];   // Of an extension: what it counts.
      if (at->detection() == nullptr) {
        complain_of(own, r, "a filter narrows detections, and this is a correlation", "name the detections that it is built on");
      } else if (!holds(filter->log_source, at->rule->log_source)) {
        complain_of(own, r, fmt::format("the rule `{}` looks at events that are not of this filter's `logsource`", reference),
                    "leave out what the rule does not say");
      } else {
        aims.push_back(index_of(*at));
      }
    }
    std::sort(aims.begin(), aims.end());
    aims.erase(std::unique(aims.begin(), aims.end()), aims.end());   // Named twice, by id and by name, it still is one.
    const auto full = std::find_if(aims.begin(), aims.end(), [this](std::size_t at) { return candidates_[at].filters.size() == limits::kConditionDepthMax; });
    if (full != aims.end()) complain_of(own, 0, fmt::format("the rule `{}` has {} filters already", candidates_[*full].rule->id, limits::kConditionDepthMax));
    const std::size_t bytes = own.good() ? bytes_of(filter->detection) : 0;
    if (own.good() && bytes > (limits::kFilterBytesMax - filter_bytes_) / std::max<std::size_t>(aims.size(), 1)) {
      complain_of(own, 0, fmt::format("with this one, what filters add to all rules is more than {} bytes", limits::kFilterBytesMax),
                  fmt::format("it narrows {} rules: name fewer, or ask for fewer values", aims.size()));
    }
    if (!own.good()) return;
    filter_bytes_ += bytes * aims.size();
    for (const std::size_t at : aims) candidates_[at].filters.push_back(index_of(own));
  }

  void tests_see_something(Candidate& own) {
    if (!own.good() || !own.is_silent() || own.rule == nullptr || own.rule->tests.empty()) return;
    complain(own, own.document->tests, "this rule only feeds a correlation and never alerts, so its tests can see nothing",
             "move the tests to the correlation, or say `generate: true` there");
  }

  /// What is built on a rejected rule is rejected too, and says why.
  void fall_with_bases() {
    std::vector<std::size_t> fallen;
    each([&](const Candidate& own) {
      if (!own.good()) fallen.push_back(index_of(own));
    });
    while (!fallen.empty()) {
      const std::size_t at = fallen.back();
      fallen.pop_back();
      for (const std::size_t i : candidates_[at].users) {
        Candidate& own = candidates_[i];
        if (!own.good()) continue;
        const auto r = static_cast<std::size_t>(std::find(own.bases.begin(), own.bases.end(), at) - own.bases.begin());
        complain_of(own, r, fmt::format("this correlation is built on the rule `{}`, which is rejected in {}", own.correlation()->rules[r], candidates_[at].where()));
        fallen.push_back(i);
      }
    }
    each([&](Candidate& own) {   // What was split off is there for its extension alone.
      if (own.is_base && !candidates_[own.split_off].good()) own.faults = candidates_[own.split_off].faults;
    });
  }

  void reject_or_place(const Candidate& own) {
    const Rule* rule = own.rule.get();
    const Filter* filter = own.filter();
    if (own.good()) {
      if (rule == nullptr) return;
      candidates_[index_of(own)].place = out_.rules.rules_.size();
      out_.rules.rules_.push_back(own.rule);
    } else if (!own.is_base) {
      out_.rejected.push_back({own.file->path, own.document->line, rule ? rule->id : filter ? filter->id : "",
                               rule ? rule->title : filter ? filter->title : "", own.faults});
      if (own.more_faults > 0) out_.rejected.back().faults.push_back(fmt::format("… and {} more faults there", own.more_faults));
    }
  }

  std::vector<const Filter*> filters_of(const Candidate& own) const {
    std::vector<const Filter*> out;
    for (const std::size_t filter : own.filters) out.push_back(candidates_[filter].filter());
    return out;
  }

  /// Gives a rule that has its place what only the whole set knows.
  void settle(const Candidate& own) {
    if (own.place == kNone) return;
    auto& rule = out_.rules.rules_[own.place];
    if (own.is_silent() || own.correlation() != nullptr || !own.filters.empty()) {
      auto copy = std::make_shared<Rule>(*rule);
      if (auto* detection = std::get_if<Detection>(&copy->body)) {
        detection->alerts = !own.is_silent();
        if (!own.filters.empty()) *detection = narrowed(std::move(*detection), filters_of(own));
      }
      if (auto* correlation = std::get_if<Correlation>(&copy->body)) {
        correlation->alerts = !own.is_silent();
        correlation->level = own.level;
        for (const std::size_t base : own.bases) correlation->bases.push_back(candidates_[base].place);
        for (std::size_t r = 0; r < own.bases.size(); ++r) join(own, *correlation, r);
      }
      rule = std::move(copy);
    }
    out_.rules.by_id_.try_emplace(rule->id, own.place);
  }

  /// Tells a base what to hand on to the correlation.
  void join(const Candidate& own, const Correlation& correlation, std::size_t r) {
    const Candidate& base = candidates_[own.bases[r]];
    const auto [group, counted, peers] = fields_of(correlation);
    if (const Correlation* below = base.correlation()) {
      const auto places = [&](const std::vector<std::string>& names) {
        std::vector<std::size_t> out;
        for (const std::string& name : names) {
          const auto at = std::find(below->group_by.begin(), below->group_by.end(), field_of(correlation, r, name));
          out.push_back(static_cast<std::size_t>(at - below->group_by.begin()));
        }
        return out;
      };
      out_.rules.chains_[base.place].push_back({own.place, places(*group), places(*counted), places(*peers), takes_numbers(correlation)});
    } else {
      const auto slots = [&](const std::vector<std::string>& names) {
        std::vector<FieldTable::Slot> out;
        for (const std::string& name : names) out.push_back(fields_.intern(field_of(correlation, r, name)));
        return out;
      };
      out_.rules.links_[base.place].push_back({own.place, slots(*group), slots(*counted), slots(*peers), takes_numbers(correlation)});
    }
  }

  static bool takes_numbers(const Correlation& correlation) {
    const auto* baseline = std::get_if<Baseline>(&correlation.extension);
    return baseline != nullptr ? baseline->measure == Baseline::Measure::sum : correlation.type != nullptr && correlation.type->counting == Counting::numbers;
  }

  /// From the bottom up, since a correlation's holds those of its bases.
  void fingerprints() {
    std::vector<const Candidate*> placed;
    each([&](const Candidate& own) {
      if (own.place != kNone) placed.push_back(&own);
    });
    std::stable_sort(placed.begin(), placed.end(), [](const Candidate* x, const Candidate* y) { return height(*x) < height(*y); });
    std::vector<Id128>& made = out_.rules.fingerprints_;
    made.resize(placed.size());
    for (const Candidate* own : placed) made[own->place] = fingerprint(*own);
    std::vector<Id128> sorted = made;   // Of the set: in whatever order the files stand.
    std::sort(sorted.begin(), sorted.end());
    std::string all = fmt::format("{}\n", kEngine);
    for (const Id128& each : sorted) all += each.view();
    out_.rules.fingerprint_ = tocsin::fingerprint(all);
  }

  static int height(const Candidate& own) { return own.correlation() == nullptr ? 0 : own.level; }

  Id128 fingerprint(const Candidate& own) const {
    std::vector<std::string_view> others;
    for (const Filter* filter : filters_of(own)) others.push_back(filter->canonical.view());
    std::sort(others.begin(), others.end());   // They are joined by `and`.
    for (const std::size_t base : own.bases) others.push_back(out_.rules.fingerprints_[candidates_[base].place].view());
    return identity({kEngine, own.is_base ? "base" : "rule", own.rule->canonical.view(), fmt::format("{}", fmt::join(others, "")),
                     own.detection() == nullptr ? "" : fields_.name(out_.rules.group_slot_)});
  }

  /// Of a few: a set that names thousands of rules which are not there has lost a folder.
  std::string near(const std::string& reference) {
    if (known_.empty()) {
      for (const auto& [text, index] : names_) {
        if (!text.ends_with(kBaseSuffix)) known_.push_back(text);
      }
      std::sort(known_.begin(), known_.end());
    }
    compared_ += known_.size();
    return compared_ > limits::kNamesComparedMax ? "" : yaml::did_you_mean(reference, known_);
  }

  FieldTable& fields_;
  Loaded out_;
  std::vector<Candidate> candidates_;
  std::unordered_map<std::string_view, std::size_t> names_, lost_;   ///< Views into the rules.
  std::vector<std::string_view> known_;      ///< The names, sorted, once somebody asks for one that is not there.
  std::size_t compared_ = 0;                 ///< Names so far, in search of a near one.
  std::size_t filter_bytes_ = 0;             ///< Of the copies of filters so far.
};

std::string faults_of(std::span<const Rejected> rejected) {
  std::vector<std::string_view> all;
  for (const Rejected& each : rejected) all.insert(all.end(), each.faults.begin(), each.faults.end());
  return fmt::format("{}", fmt::join(all, "\n"));
}

namespace {

Result<Loaded> strictly(Loaded loaded, const RuleSettings& settings) {
  if (settings.strict && !loaded.rejected.empty()) return bad_input(faults_of(loaded.rejected));
  return loaded;
}

}  // namespace

Result<Loaded> load_rules(const std::vector<std::string>& paths, const RuleSettings& settings, RuleCache& cache) {
  Faults faults;
  const auto files = cache.read(paths, settings, faults);
  Loaded loaded = Linker(cache, settings).link(files);
  if (!faults.empty()) {   // The user named what is not there: whatever else is wrong is said as well.
    const std::string rest = faults_of(loaded.rejected);
    return bad_input(fmt::format("{}{}{}", faults.outcome().error().text, rest.empty() ? "" : "\n", rest));
  }
  return strictly(std::move(loaded), settings);
}

Result<Loaded> load_rules(const std::vector<std::string>& paths, const RuleSettings& settings) {
  RuleCache cache;
  return load_rules(paths, settings, cache);
}

Result<Loaded> link_rules(const std::vector<yaml::File>& files, const RuleSettings& settings) {
  RuleCache cache;
  std::vector<std::shared_ptr<const ParsedFile>> parsed;
  for (const yaml::File& file : files) parsed.push_back(cache.parse(file, settings.placeholders));
  return strictly(Linker(cache, settings).link(parsed), settings);
}

Result<RuleSet> RuleSet::load(const std::vector<std::string>& paths, RuleSettings settings) {
  settings.strict = true;
  TOCSIN_ASSIGN(Loaded loaded, load_rules(paths, settings));
  return std::move(loaded.rules);
}

Result<RuleSet> RuleSet::read(const std::vector<yaml::File>& files, RuleSettings settings) {
  settings.strict = true;
  TOCSIN_ASSIGN(Loaded loaded, link_rules(files, settings));
  return std::move(loaded.rules);
}

}  // namespace tocsin::sigma
