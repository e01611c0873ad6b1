// make_rule.cpp: selections, conditions and filters around random items.
#include "tests/reference/make_rule.h"

#include "tests/reference/make_item.h"

namespace tocsin::reference {
namespace {

MadeSelection item_selection(MadeItem item) { return {MadeSelection::Kind::item, std::move(item), {}}; }

/// Items of one map, each key once.
MadeSelection make_map(Dice& dice) {
  MadeSelection out{MadeSelection::Kind::map, {}, {}};
  std::set<std::string> keys;
  for (int n = dice.between(1, 3); n > 0; --n) {
    MadeItem item = dice.percent(4) ? make_keyword(dice, false) : make_item(dice);
    if (keys.insert(item.key).second) out.parts.push_back(item_selection(std::move(item)));
  }
  return out;
}

MadeSelection make_selection(Dice& dice, int depth) {
  const std::size_t roll = dice.below(100);
  if (roll < 62 || depth == 0) return make_map(dice);
  if (roll < 70) return item_selection(make_keyword(dice, true));
  MadeSelection out{MadeSelection::Kind::list, {}, {}};
  const bool keywords = dice.percent(35);
  for (int n = dice.between(1, 3); n > 0; --n)
    out.parts.push_back(keywords ? item_selection(make_keyword(dice, true)) : make_selection(dice, depth - 1));
  return out;
}

MadeCondition make_condition(Dice& dice, const std::vector<std::string>& names, int depth) {
  using Kind = MadeCondition::Kind;
  MadeCondition out;
  out.loud = dice.percent(10);
  const std::size_t roll = dice.below(depth > 0 ? 100 : 45);
  if (roll < 25) {
    out.text = dice.pick(names);
  } else if (roll < 45) {
    constexpr std::string_view kQuantifiers[] = {"1", "any", "all"};
    out.quantifier = dice.pick(kQuantifiers);
    out.kind = out.quantifier == "all" ? Kind::all_of : Kind::one_of;
    const std::string name = dice.pick(names);
    constexpr std::string_view kThem[] = {"them", "*"};
    switch (dice.below(3)) {
      case 0: out.text = dice.pick(kThem); break;
      case 1: out.text = name.substr(0, 3) + "*"; break;
      default: out.text = "*" + name.substr(name.size() - 1); break;
    }
    if (name.starts_with("_")) out.text = "_*";
    const auto open = [](const std::string& each) { return !each.starts_with("_"); };
    if (!name.starts_with("_") && std::none_of(names.begin(), names.end(), open)) out.text = "_*";
  } else if (roll < 60) {
    out.kind = Kind::no;
    out.parts.push_back(make_condition(dice, names, depth - 1));
  } else {
    out.kind = roll < 80 ? Kind::any : Kind::all;
    for (int n = dice.between(2, 3); n > 0; --n) out.parts.push_back(make_condition(dice, names, depth - 1));
  }
  return out;
}

MadeDetection make_detection(Dice& dice, int selections) {
  constexpr std::string_view kNames[] = {"sel_a", "sel_b", "selection", "filter_main", "_hidden", "other1", "other2"};
  MadeDetection out;
  std::vector<std::string> names;
  for (int n = dice.between(1, selections); n > 0; --n) {
    const std::string name(dice.pick(kNames));
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    names.push_back(name);
    out.selections.emplace_back(name, make_selection(dice, 2));
  }
  for (int n = dice.percent(10) ? 2 : 1; n > 0; --n) out.conditions.push_back(make_condition(dice, names, 2));
  return out;
}

std::string yaml_of(const MadeItem& item) {
  if (item.values.empty()) return "[]";
  if (!item.as_list) return item.values[0].yaml;
  std::string out;
  for (const MadeValue& value : item.values) out += (out.empty() ? "[" : ", ") + value.yaml;
  return out + "]";
}

/// In flow style; a list of one line each would say the same.
std::string yaml_of(const MadeSelection& selection) {
  std::string out;
  switch (selection.kind) {
    case MadeSelection::Kind::item: return yaml_of(selection.item);
    case MadeSelection::Kind::map:
      for (const MadeSelection& part : selection.parts)
        out += (out.empty() ? "{" : ", ") + std::string("\"") + part.item.key + "\": " + yaml_of(part.item);
      return out + "}";
    case MadeSelection::Kind::list:
      for (const MadeSelection& part : selection.parts) out += (out.empty() ? "[" : ", ") + yaml_of(part);
      return out + "]";
  }
  return out;
}

/// How close an operator binds decides whether it needs parentheses inside another.
std::string text_of(const MadeCondition& condition, int around) {
  using Kind = MadeCondition::Kind;
  std::string out;
  switch (condition.kind) {
    case Kind::name: return condition.text;
    case Kind::one_of:
    case Kind::all_of: return condition.quantifier + " of " + condition.text;
    case Kind::no: return (condition.loud ? "NOT " : "not ") + text_of(condition.parts[0], 3);
    case Kind::all:
    case Kind::any: {
      const bool all = condition.kind == Kind::all;
      for (const MadeCondition& part : condition.parts) out += (out.empty() ? "" : all ? (condition.loud ? " AND " : " and ") : condition.loud ? " Or " : " or ") + text_of(part, all ? 2 : 1);
      return (all ? 2 : 1) < around ? "(" + out + ")" : out;
    }
  }
  return out;
}

std::string yaml_of(const MadeDetection& detection) {
  std::string out;
  for (const auto& [name, selection] : detection.selections) out += fmt::format("  {}: {}\n", name, yaml_of(selection));
  out += "  condition: ";
  if (detection.conditions.size() == 1) return out + text_of(detection.conditions[0], 0) + "\n";
  std::string list;
  for (const MadeCondition& each : detection.conditions) list += (list.empty() ? "[" : ", ") + text_of(each, 0);
  return out + list + "]\n";
}

void collect(const MadeSelection& selection, std::set<std::string>& out, int depth) {
  out.insert(selection.item.features.begin(), selection.item.features.end());
  if (selection.kind == MadeSelection::Kind::list) out.insert(depth > 0 ? "nested list" : "list of selections");
  for (const MadeSelection& part : selection.parts) collect(part, out, depth + (selection.kind == MadeSelection::Kind::list ? 1 : 0));
}

void collect(const MadeCondition& condition, std::set<std::string>& out) {
  using Kind = MadeCondition::Kind;
  switch (condition.kind) {
    case Kind::name: break;
    case Kind::one_of:
    case Kind::all_of:
      out.insert(condition.quantifier + " of");
      out.insert(condition.text == "them" ? "of them" : condition.text == "_*" ? "of _*" : "of pattern");
      break;
    case Kind::no: out.insert("not"); break;
    case Kind::all: out.insert("and"); break;
    case Kind::any: out.insert("or"); break;
  }
  for (const MadeCondition& part : condition.parts) collect(part, out);
}

void collect(const MadeDetection& detection, std::set<std::string>& out) {
  for (const auto& [name, selection] : detection.selections) collect(selection, out, 0);
  for (const MadeCondition& condition : detection.conditions) collect(condition, out);
  if (detection.conditions.size() > 1) out.insert("list of conditions");
}

/// Every tree with one branch less, and every branch in place of its tree.
std::vector<MadeSelection> smaller(const MadeSelection& selection) {
  std::vector<MadeSelection> out;
  if (selection.kind == MadeSelection::Kind::item) {
    for (std::size_t i = 0; selection.item.values.size() > 1 && i < selection.item.values.size(); ++i) {
      out.push_back(selection);
      out.back().item.values.erase(out.back().item.values.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return out;
  }
  for (std::size_t i = 0; i < selection.parts.size(); ++i) {
    if (selection.parts.size() > 1) {
      out.push_back(selection);
      out.back().parts.erase(out.back().parts.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (selection.kind == MadeSelection::Kind::list) out.push_back(selection.parts[i]);
    for (const MadeSelection& less : smaller(selection.parts[i])) {
      out.push_back(selection);
      out.back().parts[i] = less;
    }
  }
  return out;
}

std::vector<MadeCondition> smaller(const MadeCondition& condition) {
  std::vector<MadeCondition> out = condition.parts;
  for (std::size_t i = 0; i < condition.parts.size(); ++i) {
    if (condition.parts.size() > 2) {
      out.push_back(condition);
      out.back().parts.erase(out.back().parts.begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (const MadeCondition& less : smaller(condition.parts[i])) {
      out.push_back(condition);
      out.back().parts[i] = less;
    }
  }
  return out;
}

std::vector<MadeDetection> smaller(const MadeDetection& detection) {
  std::vector<MadeDetection> out;
  const auto with = [&](const auto& change) {
    out.push_back(detection);
    change(out.back());
  };
  for (std::size_t i = 0; i < detection.selections.size(); ++i) {
    if (detection.selections.size() > 1) with([&](MadeDetection& each) { each.selections.erase(each.selections.begin() + static_cast<std::ptrdiff_t>(i)); });
    for (const MadeSelection& less : smaller(detection.selections[i].second)) with([&](MadeDetection& each) { each.selections[i].second = less; });
  }
  for (std::size_t i = 0; i < detection.conditions.size(); ++i) {
    if (detection.conditions.size() > 1) with([&](MadeDetection& each) { each.conditions.erase(each.conditions.begin() + static_cast<std::ptrdiff_t>(i)); });
    for (const MadeCondition& less : smaller(detection.conditions[i])) with([&](MadeDetection& each) { each.conditions[i] = less; });
  }
  return out;
}

}  // namespace

MadeRule make_rule(Dice& dice, const std::string& id) {
  MadeRule out;
  out.id = id;
  constexpr std::tuple<std::string_view, std::string_view, std::string_view, std::string_view> kSources[] = {
      {"{product: p}", "p", "", ""}, {"{product: P, category: c}", "p", "c", ""}, {"{category: c, service: s}", "", "c", "s"}, {"{product: q, service: s}", "q", "", "s"}};
  std::tie(out.log_source, out.product, out.category, out.service) = dice.pick(kSources);
  out.detection = make_detection(dice, 4);
  if (dice.percent(10)) {
    out.filter = make_detection(dice, 2);
    out.filter->conditions.resize(1);   // A filter's condition is one text.
  }
  return out;
}

std::string yaml_of(const MadeRule& rule) {
  std::string out = fmt::format("title: T\nid: {}\nlogsource: {}\ndetection:\n{}", rule.id, rule.log_source, yaml_of(rule.detection));
  if (rule.filter) out += fmt::format("---\ntitle: F\nlogsource: {}\nfilter:\n  rules: [{}]\n{}", rule.log_source, rule.id, yaml_of(*rule.filter));
  return out;
}

std::set<std::string> features_of(const MadeRule& rule) {
  std::set<std::string> out;
  collect(rule.detection, out);
  if (rule.filter) {
    collect(*rule.filter, out);
    out.insert("filter");
  }
  return out;
}

std::vector<MadeRule> smaller(const MadeRule& rule) {
  std::vector<MadeRule> out;
  if (rule.filter) {
    out.push_back(rule);
    out.back().filter.reset();
    for (const MadeDetection& less : smaller(*rule.filter)) {
      out.push_back(rule);
      out.back().filter = less;
    }
  }
  for (const MadeDetection& less : smaller(rule.detection)) {
    out.push_back(rule);
    out.back().detection = less;
  }
  return out;
}

std::vector<std::size_t> selections_of(const MadeDetection& detection, const std::string& pattern) {
  std::vector<std::size_t> out;
  const Pattern wanted = read_pattern(pattern == "them" ? "*" : pattern);
  for (std::size_t i = 0; i < detection.selections.size(); ++i) {
    const std::string& name = detection.selections[i].first;
    if ((pattern.starts_with("_") || !name.starts_with("_")) && like(wanted, letters_of(name), true)) out.push_back(i);
  }
  return out;
}

}  // namespace tocsin::reference
