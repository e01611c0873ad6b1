// lint_rule.cpp: checks of what stands around a detection: names, dates, tags, log source, tests.
#include "daemon/sigma/authoring/lint_checks.h"
#include "daemon/sigma/authoring/log_source_names.h"
#include "daemon/sigma/language/parse.h"

namespace tocsin::sigma::lints {
namespace {

constexpr std::string_view kTagNamespaces[] = {"attack", "car", "cve", "d3fend", "detection", "stp", "tlp"};

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) {
    if (text[dash] != '-') return false;
  }
  return is_hex(text.substr(0, 8)) && is_hex(text.substr(9, 4)) && is_hex(text.substr(14, 4)) && is_hex(text.substr(19, 4)) && is_hex(text.substr(24));
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

std::string log_source_text(const yaml::Node& document) {
  std::string out;
  const yaml::Node* source = document.find("logsource");
  for (const char* key : {"product", "category", "service"}) {
    const yaml::Node* value = source == nullptr || !source->is_map() ? nullptr : source->find(key);
    out += "\n" + (value == nullptr ? "" : value->text);
  }
  return out;
}

const yaml::Node* extension(const Draft& draft, std::string_view key) {
  const yaml::Node* map = draft.document.find("tocsin");
  return map == nullptr || !map->is_map() ? nullptr : map->find(key);
}

bool empty(const yaml::Node* node) { return node == nullptr || node->is_null() || (node->is_scalar() && node->text.empty()) || (node->is_list() && node->items.empty()); }

void demand(const Draft& draft, const yaml::Node* node, std::string_view what, const Say& say) {
  if (empty(node)) say(draft.document, fmt::format("no `{}`", what), {});
}

void demand_test(const Draft& draft, bool fires, const Say& say) {
  const yaml::Node* tests = extension(draft, "tests");
  bool found = false;
  for (const yaml::Node& test : tests == nullptr ? std::vector<yaml::Node>() : tests->items) {
    const yaml::Node* expect = test.is_map() ? test.find("expect") : nullptr;
    const yaml::Node* alerts = expect != nullptr && expect->is_map() ? expect->find("alerts") : nullptr;
    found = found || (alerts != nullptr && (alerts->text != "0") == fires);
  }
  if (!found) say(draft.document, fires ? "no test expects an alert" : "no test expects none", fires ? "`expect: {alerts: 1}`" : "`expect: {alerts: 0}`");
}

/// Rules that only feed a correlation in the same file are tested by it.
bool only_feeds(const Draft& draft) {
  if (draft.document.find("filter") != nullptr) return true;   // It narrows rules and has no tests of its own.
  const auto is_named = [&](std::string_view word) {
    for (const char* key : {"id", "name"}) {
      const yaml::Node* own = draft.document.find(key);
      if (own != nullptr && own->text == word) return true;
    }
    return false;
  };
  for (const yaml::Node& other : draft.file.documents) {
    const yaml::Node* correlation = other.is_map() ? other.find("correlation") : nullptr;
    const yaml::Node* tocsin = other.is_map() ? other.find("tocsin") : nullptr;
    const yaml::Node* absence = tocsin != nullptr && tocsin->is_map() ? tocsin->find("absence") : nullptr;
    if (const yaml::Node* of = absence != nullptr && absence->is_map() ? absence->find("of") : nullptr; of != nullptr && is_named(of->text)) return true;
    if (correlation == nullptr || !correlation->is_map()) continue;
    const auto generates = [](const yaml::Node& at) { return at.find("generate") != nullptr && at.find("generate")->text == "true"; };
    if (generates(*correlation) || generates(other)) continue;
    const yaml::Node* rules = correlation->find("rules");
    const yaml::Node* condition = correlation->find("condition");
    if (rules != nullptr) {
      for (const yaml::Node* reference : scalars_of(*rules)) {
        if (is_named(reference->text)) return true;
      }
    } else if (condition != nullptr && condition->is_scalar()) {
      for (const Mention& mention : mentions_of(condition->text)) {
        if (is_named(mention.name)) return true;
      }
    }
  }
  return false;
}

}  // namespace

void remember(const Draft& draft, Others& others) {
  for (const char* key : {"id", "name"}) {
    const yaml::Node* node = draft.document.find(key);
    if (!empty(node)) others.ids.try_emplace(node->text, &draft);
  }
  if (!draft.title.empty()) others.titles.try_emplace(draft.title + log_source_text(draft.document), &draft);
}

void id_twice(const Draft& draft, const Others& others, const Say& say) {
  for (const char* key : {"id", "name"}) {
    const yaml::Node* node = draft.document.find(key);
    if (empty(node)) continue;
    const Draft& first = *others.ids.find(node->text)->second;
    if (&first.document != &draft.document) say(*node, fmt::format("`{}` is already the {} of `{}` in {}", node->text, key, first.title, first.file.path), {});
  }
}

void title_twice(const Draft& draft, const Others& others, const Say& say) {
  if (draft.title.empty()) return;
  const Draft& first = *others.titles.find(draft.title + log_source_text(draft.document))->second;
  if (&first.document != &draft.document) say(*draft.document.find("title"), fmt::format("`{}` is already a title in {}", draft.title, first.file.path), {});
}

void id_no_uuid(const Draft& draft, const Others&, const Say& say) {
  const yaml::Node* id = draft.document.find("id");
  if (!empty(id) && !is_uuid(id->text)) say(*id, fmt::format("`{}` is no UUID", id->text), "`uuidgen -r` makes one");
}

void bad_date(const Draft& draft, const Others&, const Say& say) {
  for (const char* key : {"date", "modified"}) {
    const yaml::Node* node = draft.document.find(key);
    if (!empty(node) && !is_date(node->text)) say(*node, fmt::format("`{}` is no date of the form YYYY-MM-DD", node->text), {});
  }
}

void no_level(const Draft& draft, const Others&, const Say& say) {
  if (draft.document.find("filter") == nullptr) demand(draft, draft.document.find("level"), "level", say);
}
void no_status(const Draft& draft, const Others&, const Say& say) {
  if (draft.document.find("filter") == nullptr) demand(draft, draft.document.find("status"), "status", say);
}

void unknown_tag(const Draft& draft, const Others&, const Say& say) {
  const yaml::Node* tags = draft.document.find("tags");
  if (tags == nullptr) return;
  const std::vector<std::string_view> known(std::begin(kTagNamespaces), std::end(kTagNamespaces));
  for (const yaml::Node* tag : scalars_of(*tags)) {
    const std::string_view space = std::string_view(tag->text).substr(0, tag->text.find('.'));
    if (tag->text.find('.') == std::string::npos) say(*tag, fmt::format("the tag `{}` has no namespace", tag->text), "such as `attack.`");
    else if (std::find(known.begin(), known.end(), space) == known.end()) say(*tag, fmt::format("unknown namespace `{}`", space), yaml::did_you_mean(space, known));
  }
}

void unknown_log_source(const Draft& draft, const Others&, const Say& say) {
  const yaml::Node* source = draft.document.find("logsource");
  if (source == nullptr || !source->is_map()) return;
  const std::pair<const char*, std::span<const std::string_view>> parts[] = {{"product", known_products()}, {"category", known_categories()}, {"service", known_services()}};
  for (const auto& [key, known] : parts) {
    const yaml::Node* node = source->find(key);
    if (empty(node)) continue;
    if (std::find(known.begin(), known.end(), node->text) != known.end()) continue;
    say(*node, fmt::format("unknown {} `{}`", key, node->text), yaml::did_you_mean(node->text, {known.begin(), known.end()}));
  }
}

void old_relation(const Draft& draft, const Others&, const Say& say) {
  const yaml::Node* related = draft.document.find("related");
  if (related == nullptr) return;
  for (const yaml::Node& each : related->items) {
    const yaml::Node* type = each.is_map() ? each.find("type") : nullptr;
    if (type != nullptr && type->text == "obsoletes") say(*type, "`obsoletes` is the old word", "write `obsolete`");
  }
}

void no_title_zh(const Draft& draft, const Others&, const Say& say) { if (!only_feeds(draft)) demand(draft, extension(draft, "title_zh"), "title_zh", say); }
void no_promise(const Draft& draft, const Others&, const Say& say) { if (!only_feeds(draft)) demand(draft, extension(draft, "promise"), "promise", say); }
void no_false_positives(const Draft& draft, const Others&, const Say& say) { if (!only_feeds(draft)) demand(draft, draft.document.find("falsepositives"), "falsepositives", say); }
void no_positive_test(const Draft& draft, const Others&, const Say& say) { if (!only_feeds(draft)) demand_test(draft, true, say); }
void no_negative_test(const Draft& draft, const Others&, const Say& say) { if (!only_feeds(draft)) demand_test(draft, false, say); }

}  // namespace tocsin::sigma::lints
