// linker.cpp: from parsed files to a rule set: names are looked up, what is built on a rejected rule is rejected too.
#include <fmt/ranges.h>

#include "daemon/sigma/rule_files.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {
namespace {

/// State of another engine must not be continued by this one.
constexpr std::string_view kEngine = "tocsin sigma 1";

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
    std::size_t documents = 0;
    for (const auto& file : files) documents += file->documents.size();
    candidates_.reserve(documents);
    names_.reserve(2 * documents);
    for (const auto& file : files) {
      for (const Document& document : file->documents) candidates_.push_back({file.get(), &document, {}, document.faults, 0, false, false, {}});
    }
    for (std::size_t i = 0; i < candidates_.size(); ++i) name(i);
    for (std::size_t i = 0; i < candidates_.size(); ++i) look_up(i);
    for (std::size_t i = 0; i < candidates_.size(); ++i) aim(i);
    for (std::size_t i = 0; i < candidates_.size(); ++i) tests_see_something(i);
    while (std::any_of(candidates_.begin(), candidates_.end(), [this](Candidate& each) { return falls_with_its_base(each); })) {
    }
    for (const auto& file : files) {
      if (!file->faults.empty()) out_.rejected.push_back({file->path, 1, {}, {}, file->faults});
    }
    gather();
    for (const Candidate& each : candidates_) {
      if (each.good()) join(each);
    }
    fingerprint();
    out_.rules.fields_ = fields_;
    // The table may remember keywords of rules that are gone.
    out_.rules.fields_.wants_all = std::any_of(out_.rules.rules_.begin(), out_.rules.rules_.end(), [](const auto& rule) {
      const Detection* detection = rule->detection();
      return detection != nullptr && std::any_of(detection->selections.begin(), detection->selections.end(), asks_all_texts);
    });
    return std::move(out_);
  }

 private:
  /// A document on its way into the set.
  struct Candidate {
    const ParsedFile* file;
    const Document* document;
    std::vector<std::size_t> bases;     ///< Of a correlation: candidates, one per entry of `rules` that is known.
    std::vector<std::string> faults;
    std::size_t place;                  ///< In the rule set, once it is gathered.
    bool feeds = false, generates = false;
    std::vector<std::size_t> filters;   ///< Candidates that narrow this one.

    const Rule* rule() const { return document->rule.get(); }
    const Filter* filter() const { return document->filter.get(); }
    bool good() const { return faults.empty(); }
    const Detection* detection() const { return rule() == nullptr ? nullptr : rule()->detection(); }
    const Correlation* correlation() const { return rule() == nullptr ? nullptr : rule()->correlation(); }
    std::string where() const { return fmt::format("{}:{}", file->path, document->line); }
  };

  static void complain(Candidate& at, const yaml::Place& place, std::string_view message, std::string_view hint = {}) {
    at.faults.push_back(yaml::caret(at.file->path, place, message, hint));
  }

  /// A rule is known by its id and by its name; both must be its own. A rejected one keeps none from another rule, but what
  /// names it must be told why it is not there.
  void name(std::size_t i) {
    Candidate& own = candidates_[i];
    const Rule* rule = own.rule();
    if (rule == nullptr) return;
    if (!own.good()) {
      lost_.try_emplace(rule->id, i);
      if (!rule->name.empty()) lost_.try_emplace(rule->name, i);
      return;
    }
    for (const bool by_id : {true, false}) {
      const std::string& text = by_id ? rule->id : rule->name;
      if (text.empty() || (!by_id && text == rule->id)) continue;
      const auto [at, fresh] = names_.try_emplace(text, i);
      if (fresh) continue;
      const Candidate& other = candidates_[at->second];
      complain(own, by_id && own.document->id.mark.line != own.document->line ? own.document->id : own.document->name,
               fmt::format("`{}` is already the {} of the rule `{}` in {}", text, other.rule()->id == text ? "id" : "name",
                           other.rule()->title, other.where()));
    }
  }

  void look_up(std::size_t i) {
    Candidate& own = candidates_[i];
    const Correlation* correlation = own.correlation();
    if (correlation == nullptr) return;
    for (std::size_t r = 0; r < correlation->rules.size(); ++r) {
      const std::string& reference = correlation->rules[r];
      const yaml::Place& place = own.document->references[r];
      const auto lost = lost_.find(reference);
      auto at = names_.find(reference);
      if (at == names_.end() && lost == lost_.end()) {
        complain(own, place, fmt::format("no rule has the id or name `{}`", reference), near(reference));
        continue;
      }
      const std::size_t base = at == names_.end() ? lost->second : at->second;
      if (candidates_[base].correlation() != nullptr) {
        complain(own, place, "a correlation on top of a correlation is Sigma, but this version does not chain them", "name the detections");
        continue;
      }
      if (std::find(own.bases.begin(), own.bases.end(), base) != own.bases.end()) {
        complain(own, place, fmt::format("rule `{}` is named twice", reference));
        continue;
      }
      own.bases.push_back(base);
      // Also where the correlation is rejected: its author did not mean each event to be an alert.
      candidates_[base].feeds = true;
      if (correlation->generate) candidates_[base].generates = true;
    }
  }

  /// Finds the detections that a filter narrows.
  void aim(std::size_t i) {
    Candidate& own = candidates_[i];
    const Filter* filter = own.filter();
    if (filter == nullptr || !own.good()) return;
    std::vector<std::size_t> aims;
    if (filter->rules.empty()) {
      for (std::size_t at = 0; at < candidates_.size(); ++at) {
        const Candidate& each = candidates_[at];
        if (each.good() && each.detection() != nullptr && holds(filter->log_source, each.rule()->log_source)) aims.push_back(at);
      }
    }
    for (std::size_t r = 0; r < filter->rules.size(); ++r) {
      const std::string& reference = filter->rules[r];
      const yaml::Place& place = own.document->references[r];
      const auto at = names_.find(reference);
      if (at == names_.end()) {   // A rejected rule needs no filter.
        if (!lost_.contains(reference)) complain(own, place, fmt::format("no rule has the id or name `{}`", reference), near(reference));
      } else if (candidates_[at->second].detection() == nullptr) {
        complain(own, place, "a filter narrows detections, and this is a correlation", "name the detections that it is built on");
      } else if (!holds(filter->log_source, candidates_[at->second].rule()->log_source)) {
        complain(own, place, fmt::format("the rule `{}` looks at events that are not of this filter's `logsource`", reference),
                 "leave out what the rule does not say");
      } else {
        aims.push_back(at->second);
      }
    }
    if (!own.good()) return;
    for (const std::size_t at : aims) {
      std::vector<std::size_t>& filters = candidates_[at].filters;
      if (filters.empty() || filters.back() != i) filters.push_back(i);   // Named twice, by id and by name, it still is one.
    }
  }

  void tests_see_something(std::size_t i) {
    Candidate& own = candidates_[i];
    if (!own.good() || !own.feeds || own.generates || own.detection() == nullptr || own.rule()->tests.empty()) return;
    complain(own, own.document->tests, "this detection only feeds a correlation and never alerts, so its tests can see nothing",
             "move the tests to the correlation, or say `generate: true` there");
  }

  bool falls_with_its_base(Candidate& own) const {
    if (!own.good() || own.correlation() == nullptr) return false;
    for (std::size_t r = 0; r < own.bases.size(); ++r) {
      const Candidate& base = candidates_[own.bases[r]];
      if (base.good()) continue;
      complain(own, own.document->references[r], fmt::format("this correlation is built on the rule `{}`, which is rejected in {}",
                                                             own.rule()->correlation()->rules[r], base.where()));
    }
    return !own.good();
  }

  /// Gives the good ones their places, and turns the others away.
  void gather() {
    RuleSet& set = out_.rules;
    for (Candidate& each : candidates_) {
      const Rule* rule = each.rule();
      const Filter* filter = each.filter();
      if (!each.good()) {
        out_.rejected.push_back({each.file->path, each.document->line, rule ? rule->id : filter ? filter->id : "",
                                 rule ? rule->title : filter ? filter->title : "", each.faults});
      } else if (rule != nullptr) {
        each.place = set.rules_.size();
        set.rules_.push_back(each.document->rule);
      }
    }
    const auto file_order = [](const Rejected& a, const Rejected& b) { return std::tie(a.file, a.line) < std::tie(b.file, b.line); };
    std::stable_sort(out_.rejected.begin(), out_.rejected.end(), file_order);
    set.links_.resize(set.rules_.size());
    set.by_id_.reserve(set.rules_.size());
    for (Candidate& each : candidates_) {
      if (!each.good() || each.rule() == nullptr) continue;
      auto& rule = set.rules_[each.place];
      const bool silent = rule->detection() != nullptr && each.feeds && !each.generates;
      if (silent || rule->correlation() != nullptr || !each.filters.empty()) {
        auto own = std::make_shared<Rule>(*rule);   // What was parsed is shared with other sets.
        if (auto* detection = std::get_if<Detection>(&own->body)) {
          detection->alerts = !silent;
          for (const std::size_t filter : each.filters) *detection = narrowed(std::move(*detection), candidates_[filter].filter()->detection);
        }
        if (auto* correlation = std::get_if<Correlation>(&own->body)) {
          for (const std::size_t base : each.bases) correlation->bases.push_back(candidates_[base].place);
        }
        rule = std::move(own);
      }
      set.by_id_.try_emplace(rule->id, each.place);
    }
  }

  /// Tells the bases of a correlation what to hand on to it.
  void join(const Candidate& own) {
    const Correlation* correlation = own.correlation();
    if (correlation == nullptr) return;
    for (std::size_t r = 0; r < own.bases.size(); ++r) {
      const auto slot = [&](const std::string& field) {
        const auto alias = correlation->aliases.find(field);
        if (alias == correlation->aliases.end()) return fields_.intern(field);
        const auto target = alias->second.find(correlation->rules[r]);
        return fields_.intern(target == alias->second.end() ? field : target->second);
      };
      RuleSet::Link link{own.place, {}, {}};
      for (const std::string& field : correlation->group_by) link.group.push_back(slot(field));
      for (const std::string& field : correlation->fields) link.counted.push_back(slot(field));
      out_.rules.links_[candidates_[own.bases[r]].place].push_back(std::move(link));
    }
  }

  void fingerprint() {
    std::vector<std::string_view> canonical;
    for (const Candidate& each : candidates_) {
      if (each.good()) canonical.push_back((each.filter() != nullptr ? each.filter()->canonical : each.rule()->canonical).view());
    }
    std::sort(canonical.begin(), canonical.end());
    std::string all = fmt::format("{}\n{}\n", kEngine, fields_.name(out_.rules.group_slot_));
    for (const std::string_view hash : canonical) all += hash;
    out_.rules.fingerprint_ = tocsin::fingerprint(all);
  }

  std::string near(const std::string& reference) const {
    std::vector<std::string_view> known;
    for (const auto& [text, index] : names_) known.push_back(text);
    std::sort(known.begin(), known.end());
    return yaml::did_you_mean(reference, known);
  }

  FieldTable& fields_;
  Loaded out_;
  std::vector<Candidate> candidates_;
  std::unordered_map<std::string_view, std::size_t> names_, lost_;   ///< Views into the parsed rules.
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
