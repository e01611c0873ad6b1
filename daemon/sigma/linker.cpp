// linker.cpp: from files to a rule set: read, parse, look up names. Every fault is collected.
#include <filesystem>
#include <set>

#include "daemon/base/promise.h"
#include "daemon/sigma/language/parse.h"
#include "daemon/sigma/rule_set.h"

namespace tocsin::sigma {
namespace {

/// State of another engine must not be continued by this one.
constexpr std::string_view kEngine = "tocsin sigma 1";

bool is_yaml(const std::filesystem::path& path) { return path.extension() == ".yml" || path.extension() == ".yaml"; }

std::vector<std::string> files_of(const std::vector<std::string>& paths, Faults& faults) {
  namespace fs = std::filesystem;
  std::set<std::string> out;  // Sorted, and a file named twice is read once.
  for (const std::string& path : paths) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      if (fs::exists(path, code)) out.insert(fs::path(path).lexically_normal().string());
      else faults.add_text(fmt::format("{}: no such file or folder", path));
      continue;
    }
    const std::size_t before = out.size();
    for (auto it = fs::recursive_directory_iterator(path, code); !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
      if (it->is_regular_file() && is_yaml(it->path())) out.insert(it->path().lexically_normal().string());
    }
    if (code) faults.add_text(fmt::format("{}: {}", path, code.message()));
    else if (out.size() == before) faults.add_text(fmt::format("{}: no rule (*.yml, *.yaml) in this folder", path));
  }
  return {out.begin(), out.end()};
}

}  // namespace

class Linker {
 public:
  Linker(RuleSet& out, const RuleSettings& settings, Faults& faults) : out_(out), faults_(faults) {
    const auto subject_slot = out_.fields_.intern(kSubjectField);
    TOCSIN_ASSERT(subject_slot == kSubjectSlot);
    out_.group_slot_ = out_.fields_.intern(settings.group_field);
    for (const std::string& field : settings.evidence) out_.evidence_slots_.push_back(out_.fields_.intern(field));
  }

  void parse(const yaml::File& file) {
    if (file.documents.empty()) faults_.add_text(fmt::format("{}:1:1: the file is empty", file.path));
    for (const yaml::Node& document : file.documents) {
      const RuleSource source{&file, &document};
      if (auto rule = parse_rule(source, out_.fields_, faults_)) {
        out_.rules_.push_back(std::move(*rule));
        sources_.push_back(source);
      }
    }
  }

  void link() {
    for (std::size_t i = 0; i < out_.rules_.size(); ++i) name(i);
    out_.links_.resize(out_.rules_.size());
    std::vector<bool> based(out_.rules_.size()), generates(out_.rules_.size());
    for (std::size_t i = 0; i < out_.rules_.size(); ++i) {
      if (auto* correlation = std::get_if<Correlation>(&out_.rules_[i].body)) {
        join(i, *correlation);
        for (const std::size_t base : correlation->bases) {
          based[base] = true;
          if (correlation->generate) generates[base] = true;
        }
      }
    }
    for (std::size_t i = 0; i < out_.rules_.size(); ++i) {
      Rule& rule = out_.rules_[i];
      auto* detection = std::get_if<Detection>(&rule.body);
      if (detection == nullptr) continue;
      detection->alerts = !based[i] || generates[i];
      if (!detection->alerts && !rule.tests.empty()) {
        faults_.add(*sources_[i].file, *sources_[i].document->find("tocsin"),
                    "this detection only feeds a correlation and never alerts, so its tests can see nothing",
                    "move the tests to the correlation, or say `generate: true` there");
      }
    }
    std::vector<std::string_view> canonical;
    for (const Rule& rule : out_.rules_) canonical.push_back(rule.canonical);
    std::sort(canonical.begin(), canonical.end());
    std::string all = fmt::format("{}\n{}\n", kEngine, out_.fields_.name(out_.group_slot_));
    for (const std::string_view text : canonical) all += fmt::format("{}:{}", text.size(), text);
    out_.fingerprint_ = fingerprint(all);
  }

 private:
  /// A rule is known by its id and by its name; both must be its own.
  void name(std::size_t i) {
    const Rule& rule = out_.rules_[i];
    for (const auto& [key, text] : {std::pair<std::string_view, std::string>{"id", rule.id}, {"name", rule.name}}) {
      if (text.empty() || (key == "name" && text == rule.id)) continue;
      const auto [at, fresh] = names_.try_emplace(text, i);
      if (fresh) continue;
      const Rule& other = out_.rules_[at->second];
      const yaml::Node* node = sources_[i].document->find(key);
      if (node == nullptr) node = sources_[i].document->find("name");
      faults_.add(*sources_[i].file, node ? *node : *sources_[i].document,
                  fmt::format("`{}` is already the {} of the rule `{}` in {}:{}", text, other.id == text ? "id" : "name",
                              other.title, other.file, sources_[at->second].document->mark.line));
    }
    out_.by_id_.try_emplace(rule.id, i);
  }

  void join(std::size_t i, Correlation& correlation) {
    const yaml::Node* list = sources_[i].document->find("correlation")->find("rules");
    for (std::size_t r = 0; r < correlation.rules.size(); ++r) {
      const std::string& reference = correlation.rules[r];
      const yaml::Node& node = list->is_list() ? list->items[r] : *list;
      const auto at = names_.find(reference);
      if (at == names_.end()) {
        std::vector<std::string_view> known;
        for (const auto& [text, index] : names_) known.push_back(text);
        faults_.add(*sources_[i].file, node, fmt::format("no rule has the id or name `{}`", reference),
                    yaml::did_you_mean(reference, known));
        continue;
      }
      if (out_.rules_[at->second].correlation() != nullptr) {
        faults_.add(*sources_[i].file, node, "a correlation on top of a correlation is Sigma, but this version does not chain them",
                    "name the detections");
        continue;
      }
      if (std::find(correlation.bases.begin(), correlation.bases.end(), at->second) != correlation.bases.end()) {
        faults_.add(*sources_[i].file, node, fmt::format("rule `{}` is named twice", reference));
        continue;
      }
      correlation.bases.push_back(at->second);
      const auto slot = [&](const std::string& field) {
        const auto alias = correlation.aliases.find(field);
        if (alias == correlation.aliases.end()) return out_.fields_.intern(field);
        const auto target = alias->second.find(reference);
        return out_.fields_.intern(target == alias->second.end() ? field : target->second);
      };
      RuleSet::Link link{i, {}, {}};
      for (const std::string& field : correlation.group_by) link.group.push_back(slot(field));
      for (const std::string& field : correlation.fields) link.counted.push_back(slot(field));
      out_.links_[at->second].push_back(std::move(link));
    }
  }

  RuleSet& out_;
  Faults& faults_;
  std::vector<RuleSource> sources_;                  ///< Of each rule.
  std::map<std::string, std::size_t, std::less<>> names_;
};

Result<RuleSet> RuleSet::load(const std::vector<std::string>& paths, const RuleSettings& settings) {
  Faults faults;
  std::vector<yaml::File> files;
  for (const std::string& path : files_of(paths, faults)) {
    auto file = yaml::load(path);
    if (file) files.push_back(std::move(*file));
    else faults.add_text(file.error().text);
  }
  auto set = read(files, settings);
  if (!set) faults.add_text(set.error().text);
  TOCSIN_TRY(faults.outcome());
  return set;
}

Result<RuleSet> RuleSet::read(const std::vector<yaml::File>& files, const RuleSettings& settings) {
  RuleSet out;
  Faults faults;
  Linker linker(out, settings, faults);
  for (const yaml::File& file : files) linker.parse(file);
  linker.link();
  TOCSIN_TRY(faults.outcome());
  return out;
}

}  // namespace tocsin::sigma
