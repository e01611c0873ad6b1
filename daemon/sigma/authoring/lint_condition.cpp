// lint_condition.cpp: checks of a condition as a formula over its selections.
#include "daemon/sigma/authoring/lint_checks.h"

namespace tocsin::sigma::lints {
namespace {

constexpr std::size_t kAtomsMax = 14;   // All 16,384 answers of the selections are tried; SigmaHQ's largest rules have more and are left alone.

void mark_used(const Condition& condition, std::vector<bool>& used) {
  if (condition.kind == Condition::Kind::selection) used[condition.selection] = true;
  for (const Condition& part : condition.parts) mark_used(part, used);
}

bool holds(const Condition& condition, const std::vector<std::size_t>& atoms, std::uint32_t answers) {
  const auto part = [&](const Condition& each) { return holds(each, atoms, answers); };
  switch (condition.kind) {
    case Condition::Kind::selection: return (answers >> atoms[condition.selection] & 1U) != 0;
    case Condition::Kind::all: return std::all_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::any: return std::any_of(condition.parts.begin(), condition.parts.end(), part);
    case Condition::Kind::no: return !part(condition.parts.front());
  }
  return false;
}

bool same(const yaml::Node& a, const yaml::Node& b) {
  if (a.kind != b.kind || a.text != b.text || a.quoted != b.quoted || a.items.size() != b.items.size() || a.entries.size() != b.entries.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (!same(a.entries[i].key, b.entries[i].key) || !same(a.entries[i].value, b.entries[i].value)) return false;
  }
  return true;
}

/// How often the conditions hold over all answers of the selections; selections that ask the same give the same answer.
struct Answers {
  std::uint32_t yes = 0, all = 0;
};
Answers answers_of(const Draft& draft) {
  std::vector<bool> used(draft.names.size());
  for (const Condition& condition : draft.parsed) mark_used(condition, used);
  std::vector<std::size_t> atoms(draft.names.size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (!used[i]) continue;
    std::size_t first = 0;
    while (first < i && (!used[first] || !same(*draft.selections[first], *draft.selections[i]))) ++first;
    atoms[i] = first < i ? atoms[first] : count++;
  }
  if (draft.parsed.empty() || count == 0 || count > kAtomsMax) return {};
  Answers out{0, 1U << count};
  for (std::uint32_t answers = 0; answers < out.all; ++answers) {
    out.yes += std::any_of(draft.parsed.begin(), draft.parsed.end(), [&](const Condition& each) { return holds(each, atoms, answers); });
  }
  return out;
}

}  // namespace

void unused_selection(const Draft& draft, const Others&, const Say& say) {
  if (draft.parsed.empty()) return;
  // `tocsin: detection:` may ask for more, in a condition of its own.
  const yaml::Node* extension = draft.document.find("tocsin");
  if (extension != nullptr && extension->is_map() && extension->find("detection") != nullptr) return;
  std::vector<bool> used(draft.names.size());
  for (const Condition& condition : draft.parsed) mark_used(condition, used);
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) say(*draft.keys[i], fmt::format("`{}` is never asked", draft.names[i]), {});
  }
}

void empty_pattern(const Draft& draft, const Others&, const Say& say) {
  for (const yaml::Node* condition : draft.conditions) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : condition->text + " ") {
      if (std::string_view(" \t\r\n()").find(c) == std::string_view::npos) {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::exchange(word, {}));
      }
    }
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (!equal_text(words[i], "of", false) || equal_text(words[i + 1], "them", false)) continue;
      const Pattern wanted(SigmaString::parse(words[i + 1]), true);
      if (std::none_of(draft.names.begin(), draft.names.end(), [&](const std::string& name) { return wanted.matches(name); })) {
        say(*condition, fmt::format("no selection fits `{}`", words[i + 1]), yaml::did_you_mean(words[i + 1], {draft.names.begin(), draft.names.end()}));
      }
    }
  }
}

void never_true(const Draft& draft, const Others&, const Say& say) {
  const Answers answers = answers_of(draft);
  if (answers.all > 0 && answers.yes == 0) say(*draft.conditions.front(), "whatever the selections answer, this is false", {});
}

void always_true(const Draft& draft, const Others&, const Say& say) {
  const Answers answers = answers_of(draft);
  if (answers.all > 0 && answers.yes == answers.all) say(*draft.conditions.front(), "whatever the selections answer, this is true", {});
}

}  // namespace tocsin::sigma::lints
