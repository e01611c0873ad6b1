// lint_values.cpp: checks of single items: regular expressions, wildcards, short and double values, fields.
#include "daemon/sigma/authoring/lint_checks.h"

namespace tocsin::sigma::lints {
namespace {

constexpr std::size_t kShort = 3;   // Below this a literal prunes next to nothing.

using Modifiers = std::vector<std::string_view>;

bool has(const Modifiers& modifiers, std::string_view name) { return std::find(modifiers.begin(), modifiers.end(), name) != modifiers.end(); }

void items_of(const yaml::Node& selection, const VisitItem& visit) {
  if (selection.is_map()) {
    for (const auto& [key, value] : selection.entries) {
      const std::string_view text = key.text;
      std::size_t bar = text.find('|');
      const std::string_view field = text.substr(0, bar);
      Modifiers modifiers;
      while (bar != std::string_view::npos) {
        const std::size_t next = text.find('|', bar + 1);
        modifiers.push_back(text.substr(bar + 1, next == std::string_view::npos ? next : next - bar - 1));
        bar = next;
      }
      visit(key, value, field, modifiers);
    }
    return;
  }
  if (selection.is_list() && std::any_of(selection.items.begin(), selection.items.end(), [](const yaml::Node& each) { return !each.is_scalar(); })) {
    for (const yaml::Node& each : selection.items) items_of(each, visit);
    return;
  }
  visit(selection, selection, {}, {});
}

/// Modifiers that only say which part of a text is compared.
bool plain_text(const Modifiers& modifiers) {
  return std::all_of(modifiers.begin(), modifiers.end(), [](std::string_view each) {
    return each == "contains" || each == "startswith" || each == "endswith" || each == "all" || each == "cased" || each == "neq";
  });
}

bool is_operator(char c) { return std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos; }

}  // namespace

void each_item(const Draft& draft, const VisitItem& visit) {
  for (const yaml::Node* selection : draft.selections) items_of(*selection, visit);
}

std::vector<const yaml::Node*> scalars_of(const yaml::Node& value) {
  if (value.is_scalar()) return {&value};
  std::vector<const yaml::Node*> out;
  for (const yaml::Node& each : value.items) {
    if (each.is_scalar()) out.push_back(&each);
  }
  return out;
}

void regex_wildcard(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node&, const yaml::Node& value, std::string_view, const Modifiers& modifiers) {
    if (!has(modifiers, "re")) return;
    for (const yaml::Node* each : scalars_of(value)) {
      const std::string_view text = each->text;
      if (text.size() > 2 && text.starts_with(".*")) say(*each, "`.*` at the beginning changes nothing", {});
      else if (text.size() > 2 && text.ends_with(".*") && !text.ends_with("\\.*")) say(*each, "`.*` at the end changes nothing", {});
    }
  });
}

void regex_literal(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node&, const yaml::Node& value, std::string_view, const Modifiers& modifiers) {
    if (!has(modifiers, "re")) return;
    for (const yaml::Node* each : scalars_of(value)) {
      if (!each->text.empty() && std::none_of(each->text.begin(), each->text.end(), is_operator)) {
        say(*each, fmt::format("`{}` is a plain text", each->text), "write `contains`, with `cased` where case must count");
      }
    }
  });
}

void needless_wildcard(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node&, const yaml::Node& value, std::string_view, const Modifiers& modifiers) {
    if (!plain_text(modifiers)) return;
    for (const yaml::Node* each : scalars_of(value)) {
      const std::string_view text = each->text;
      if (text.size() < 2) continue;
      if (text.find("**") != std::string_view::npos) say(*each, "two `*` side by side are one", {});
      const bool front = text.starts_with('*') && (has(modifiers, "contains") || has(modifiers, "endswith"));
      const bool back = text.ends_with('*') && !text.ends_with("\\*") && (has(modifiers, "contains") || has(modifiers, "startswith"));
      if (front || back) say(*each, fmt::format("the `*` {} is in the modifier", front && back ? "at both ends" : front ? "at the beginning" : "at the end"), {});
    }
  });
}

void wildcard_for_modifier(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node& key, const yaml::Node& value, std::string_view field, const Modifiers& modifiers) {
    if (!modifiers.empty() || field.empty()) return;
    const auto values = scalars_of(value);
    const auto form = [](const yaml::Node* node) -> std::string_view {
      const std::string_view text = node->text;
      if (text.size() < 2 || text.find_first_of("?\\") != std::string_view::npos) return {};
      const bool front = text.starts_with('*'), back = text.ends_with('*');
      const std::string_view rest = text.substr(front, text.size() - front - back);
      if (rest.empty() || rest.find('*') != std::string_view::npos) return {};
      return front && back ? "contains" : front ? "endswith" : back ? "startswith" : std::string_view();
    };
    const std::string_view first = values.empty() ? std::string_view() : form(values.front());
    if (!first.empty() && std::all_of(values.begin(), values.end(), [&](const yaml::Node* each) { return form(each) == first; })) {
      say(key, fmt::format("every value of `{}` has the same wildcards", field), fmt::format("write `{}|{}`", field, first));
    }
  });
}

void short_literal(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node&, const yaml::Node& value, std::string_view, const Modifiers& modifiers) {
    if (!plain_text(modifiers) || !has(modifiers, "contains")) return;
    for (const yaml::Node* each : scalars_of(value)) {
      if (!each->text.empty() && each->text.size() < kShort) say(*each, fmt::format("`{}` stands in most texts", each->text), {});
    }
  });
}

void value_twice(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node&, const yaml::Node& value, std::string_view, const Modifiers&) {
    std::set<std::pair<std::string_view, bool>> seen;
    for (const yaml::Node* each : scalars_of(value)) {
      if (!seen.emplace(each->text, each->quoted).second) say(*each, fmt::format("`{}` stands here twice", each->text), {});
    }
  });
}

void base64offset_alone(const Draft& draft, const Others&, const Say& say) {
  each_item(draft, [&](const yaml::Node& key, const yaml::Node&, std::string_view, const Modifiers& modifiers) {
    if (has(modifiers, "base64offset") && !has(modifiers, "contains")) say(key, "`base64offset` without `contains`", "write `base64offset|contains`");
  });
}

void unknown_field(const Draft& draft, const Others& others, const Say& say) {
  const std::vector<std::string>& fields = others.settings.fields;
  if (fields.empty()) return;
  each_item(draft, [&](const yaml::Node& key, const yaml::Node&, std::string_view field, const Modifiers&) {
    if (field.empty() || field == "subjects.ref" || std::find(fields.begin(), fields.end(), field) != fields.end()) return;
    say(key, fmt::format("no mapping fills `{}`", field), yaml::did_you_mean(field, {fields.begin(), fields.end()}));
  });
}

}  // namespace tocsin::sigma::lints
