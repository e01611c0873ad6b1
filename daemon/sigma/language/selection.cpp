// selection.cpp: from YAML to items, and the answer for one event.
#include "daemon/sigma/language/selection.h"

#include <re2/re2.h>

#include <unordered_set>

#include "daemon/base/limits.h"
#include "daemon/sigma/language/modifiers.h"
#include "daemon/sigma/language/number.h"

namespace tocsin::sigma {
namespace {

/// Of 16 bytes each.
constexpr std::size_t kStepsOfTooLarge = static_cast<std::size_t>(limits::kRegexMemoryBytes) / 16;

class SelectionReader {
 public:
  SelectionReader(const yaml::File& file, const Scope& scope, std::vector<FieldTable::Slot>& named, Faults& faults)
      : file_(file), scope_(scope), named_(named), named_already_(named.begin(), named.end()), faults_(faults) {}

  Selection read(const yaml::Node& node) {
    Selection out;
    switch (node.kind) {
      case yaml::Node::Kind::scalar: return keyword_list(node, {&node});
      case yaml::Node::Kind::map:
        out.kind = Selection::Kind::all;
        if (node.entries.empty()) faults_.add(file_, node, "an empty map selects nothing");
        for (const auto& [key, value] : node.entries) out.parts.push_back(item(key, value));
        return out;
      case yaml::Node::Kind::list: break;
    }
    if (node.items.empty()) faults_.add(file_, node, "an empty list selects nothing");
    const bool plain = std::all_of(node.items.begin(), node.items.end(), [](const yaml::Node& n) { return n.is_scalar(); });
    if (plain) {
      std::vector<const yaml::Node*> values;
      for (const yaml::Node& value : node.items) values.push_back(&value);
      return keyword_list(node, std::move(values));
    }
    out.kind = Selection::Kind::any;
    for (const yaml::Node& part : node.items) out.parts.push_back(read(part));
    return out;
  }

 private:
  Selection keyword_list(const yaml::Node& at, std::vector<const yaml::Node*> values) {
    return finish(at, draft_of({}, std::move(values)));
  }

  Selection item(const yaml::Node& key, const yaml::Node& value) {
    if (scope_.budget.over()) return {};   // Said already; every further item would be taken apart for nothing.
    std::vector<const yaml::Node*> values;
    if (value.is_map()) {
      faults_.add(file_, value, fmt::format("`{}` needs a value or a list of values, not a map", key.text),
                  "write nested fields with dots: `actor.id`");
      return {};
    }
    if (value.is_scalar()) values.push_back(&value);
    for (const yaml::Node& one : value.items) {
      if (one.is_null() && value.items.size() > 1) {
        faults_.add(file_, one, "null may not stand in a list of values", "write a selection of its own for it, and `1 of`");
      } else if (one.is_scalar()) {
        values.push_back(&one);
      } else {
        faults_.add(file_, one, "a value must be a text, a number, true, false or null");
      }
    }
    if (values.empty()) {
      if (value.items.empty()) faults_.add(file_, value, "an empty list matches nothing");
      return {};
    }
    const std::size_t bar = std::min(key.text.find('|'), key.text.size());
    ItemDraft draft = draft_of(std::string_view(key.text).substr(0, bar), std::move(values));
    apply_modifiers(key, bar, draft);
    return finish(key, std::move(draft));
  }

  ItemDraft draft_of(std::string_view field, std::vector<const yaml::Node*> nodes) {
    ItemDraft draft;
    draft.field = field;
    draft.values.reserve(nodes.size());
    draft.alternatives = nodes.size();
    for (const yaml::Node* node : nodes) {
      if (node->text.size() > limits::kPatternBytesMax) {   // Nothing is made of it: every modifier would make more.
        faults_.add(file_, *node, fmt::format("a value of {} bytes; at most {} are compared", node->text.size(), limits::kPatternBytesMax));
        draft.values.emplace_back();
        continue;
      }
      Alternative a;
      a.token = node->text;
      a.string = SigmaString::parse(node->text);
      if (node->is_null()) {
        a.kind = Alternative::Kind::null;
      } else if (!node->quoted && is_number(node->text)) {
        a.kind = Alternative::Kind::number;
      } else if (!node->quoted && (equal_text(node->text, "true", false) || equal_text(node->text, "false", false))) {
        a.kind = Alternative::Kind::boolean;
      }
      draft.bytes += bytes_of(a);
      draft.values.emplace_back().push_back(std::move(a));
    }
    draft.nodes = std::move(nodes);
    return draft;
  }

  void apply_modifiers(const yaml::Node& key, std::size_t bar, ItemDraft& draft) {
    const PatternBudget& budget = scope_.budget;
    // Values that are too many as they stand are refused behind this, under their own name.
    if (draft.alternatives > budget.patterns.left() || draft.bytes > budget.bytes.left()) return;
    for (std::size_t n = 0; bar < key.text.size(); ++n) {
      const std::size_t begin = bar + 1;
      if (n == limits::kFieldModifiersMax) return faults_.add_within(file_, key, begin, 1, fmt::format("more than {} modifiers of one field", limits::kFieldModifiersMax));
      bar = std::min(key.text.find('|', begin), key.text.size());
      const std::string name = key.text.substr(begin, bar - begin);
      const Modifier* modifier = find_modifier(name);
      if (modifier == nullptr) {
        faults_.add_within(file_, key, begin, std::max<std::size_t>(name.size(), 1), fmt::format("unknown modifier `{}`", name),
                           faults_.did_you_mean(name, modifier_names()));
        continue;
      }
      const ModifierPlace place{file_, key, begin, name.size(), scope_, faults_};
      modifier->apply(draft, place);
      if (budget.over()) return;
      draft.bytes = 0;
      for (const auto& value : draft.values) {
        for (const Alternative& a : value) draft.bytes += bytes_of(a);
      }
      if (!fits(draft, place, draft.alternatives, draft.bytes)) return;
    }
  }

  Selection finish(const yaml::Node& key, ItemDraft&& draft) {
    Selection out;
    out.item.all = draft.all;
    out.item.negated = draft.negated;
    if (draft.field.empty()) {
      scope_.fields.wants_all = true;
    } else if (draft.field == "subjects.id") {
      faults_.add(file_, key, "clear identifiers of people end in the decoder, so no rule can see `subjects.id`",
                  "`subjects.ref` is their keyed hash");
    } else {
      out.item.slot = slot_of(draft.field);
    }
    out.item.values.reserve(draft.values.size());
    for (std::size_t i = 0; i < draft.values.size(); ++i) {
      std::vector<Predicate> tests;
      tests.reserve(draft.values[i].size());
      for (Alternative& a : draft.values[i]) {
        if (!take(a, *draft.nodes[i])) return out;
        if (draft.field.empty()) search_within(a, *draft.nodes[i]);
        if (auto test = compile(draft, a, *draft.nodes[i])) tests.push_back(std::move(*test));
      }
      out.item.values.push_back(std::move(tests));
    }
    return out;
  }

  FieldTable::Slot slot_of(const std::string& field) {
    const FieldTable::Slot slot = scope_.fields.intern(field);
    if (slot == kSubjectSlot) scope_.fields.wants_subjects = true;
    if (named_already_.insert(slot).second) named_.push_back(slot);
    return slot;
  }

  /// False, and one fault of the rule, where there is no room for one more pattern.
  bool take(const Alternative& a, const yaml::Node& node) {
    PatternBudget& budget = scope_.budget;
    if (budget.over()) return false;
    if (budget.patterns.take(1) && budget.bytes.take(bytes_of(a))) return true;
    const Allowance& ended = budget.patterns.over() ? budget.patterns : budget.bytes;
    faults_.add(file_, node, fmt::format("the values of {} may be met in more than {} ways, or are longer than {} bytes together", ended.whose(),
                                         budget.patterns.bound(), budget.bytes.bound()));
    return false;
  }

  /// A keyword is a part of some text of the event.
  void search_within(Alternative& a, const yaml::Node& node) {
    using Kind = Alternative::Kind;
    if (a.kind == Kind::number || a.kind == Kind::boolean) a.kind = Kind::text;
    if (a.kind == Kind::text) {
      if (a.string.empty()) faults_.add(file_, node, "an empty keyword is in every event");
      a.string.put_any_before();
      a.string.put_any_after();
    } else if (a.kind != Kind::regex) {
      faults_.add(file_, node, "a keyword must be a text or a regular expression");
    }
  }

  std::optional<Predicate> compile(const ItemDraft& draft, Alternative& a, const yaml::Node& node) {
    using Kind = Alternative::Kind;
    switch (a.kind) {
      case Kind::text:
      case Kind::boolean: return TextIs{Pattern(std::move(a.string), draft.cased, a.bytes)};
      case Kind::number: return NumberIs{std::string(a.token)};
      case Kind::null: return IsNull{};
      case Kind::compare: return NumberCompares{a.op, std::string(a.token)};
      case Kind::exists: return Exists{a.wanted};
      case Kind::field: return SameAs{slot_of(a.string.plain()), a.where, draft.cased};
      case Kind::time: return TimeIs{a.part, a.op, a.time, scope_.zone};
      case Kind::network: {
        auto network = Network::parse(a.token);
        if (network) return InNetwork{*network};
        faults_.add(file_, node, network.error().text);
        return std::nullopt;
      }
      case Kind::regex: return regex(draft, a.token, node);
    }
    return std::nullopt;
  }

  std::optional<Predicate> regex(const ItemDraft& draft, std::string_view source, const yaml::Node& node) {
    Allowance& steps = scope_.budget.regex_steps;
    const auto too_many = [&] {
      faults_.add(file_, node, fmt::format("the regular expressions of {} take more than {} steps together", steps.whose(), steps.bound()));
      return std::nullopt;
    };
    if (steps.over()) return std::nullopt;   // Compiling is what takes the time.
    if (steps.left() == 0 && !steps.take(1)) return too_many();
    std::string flags = draft.ignore_case ? "i" : "";
    if (draft.multiline) flags += "m";
    if (draft.dot_all) flags += "s";
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(limits::kRegexMemoryBytes);
    auto made = std::make_shared<const re2::RE2>(flags.empty() ? std::string(source) : fmt::format("(?{}){}", flags, source), options);
    // What is refused has cost something too: of one too large, all that it was allowed.
    const bool too_large = made->error_code() == re2::RE2::ErrorPatternTooLarge;
    const std::size_t needed = made->ok() ? static_cast<std::size_t>(made->ProgramSize()) : too_large ? kStepsOfTooLarge : source.size();
    if (!made->ok()) {
      steps.take(needed);
      faults_.add(file_, node, fmt::format("not a regular expression of RE2: {}", made->error()), why_not(*made, source));
      return std::nullopt;
    }
    if (!steps.take(needed)) return too_many();
    return RegexFinds{std::move(made)};
  }

  /// What authors know from other engines, and why it is not here.
  static std::string_view why_not(const re2::RE2& made, std::string_view source) {
    const auto has = [&](std::string_view part) { return source.find(part) != std::string_view::npos; };
    const bool reference = made.error_code() == re2::RE2::ErrorBadEscape && made.error_arg().size() == 2 && made.error_arg()[1] >= '1' && made.error_arg()[1] <= '9';
    if (reference || has("(?P=") || has("\\k<")) return "back-references are left out, since they make the time to match unbounded";
    if (has("(?=") || has("(?!") || has("(?<")) return "look-around is left out, since it makes the time to match unbounded";
    if (has("(?>") || made.error_arg() == "++" || made.error_arg() == "*+" || made.error_arg() == "?+") {
      return "no need for atomic groups and possessive repeats: the time to match is bounded without";
    }
    if (made.error_code() == re2::RE2::ErrorPatternTooLarge) return "repeats multiply: `(a{1000}){1000}` is a million letters";
    return {};
  }

  const yaml::File& file_;
  const Scope& scope_;
  std::vector<FieldTable::Slot>& named_;
  std::unordered_set<FieldTable::Slot> named_already_;
  Faults& faults_;
};

bool holds(const Item& item, const Event& event) {
  const auto met = [&](const std::vector<Predicate>& tests) {
    return std::any_of(tests.begin(), tests.end(), [&](const Predicate& test) { return meets(event, item.slot, test); });
  };
  const bool yes = item.all ? std::all_of(item.values.begin(), item.values.end(), met)
                            : std::any_of(item.values.begin(), item.values.end(), met);
  return yes != item.negated;
}

}  // namespace

Selection parse_selection(const yaml::File& file, const yaml::Node& node, const Scope& scope,
                          std::vector<FieldTable::Slot>& named, Faults& faults) {
  return SelectionReader(file, scope, named, faults).read(node);
}

bool holds(const Selection& selection, const Event& event) {
  const auto part_holds = [&](const Selection& part) { return holds(part, event); };
  switch (selection.kind) {
    case Selection::Kind::item: return holds(selection.item, event);
    case Selection::Kind::all: return std::all_of(selection.parts.begin(), selection.parts.end(), part_holds);
    case Selection::Kind::any: return std::any_of(selection.parts.begin(), selection.parts.end(), part_holds);
  }
  return false;
}

}  // namespace tocsin::sigma
