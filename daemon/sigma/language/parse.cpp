// parse.cpp: the frame of a rule document. Keys that Sigma does not name are ignored, as the standard allows.
#include "daemon/sigma/language/parse.h"

#include <charconv>
#include <ranges>

#include "daemon/base/limits.h"

namespace tocsin::sigma {
namespace {

constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kStatus[] = {"stable", "test", "experimental", "deprecated", "unsupported"};

std::string read_word(const yaml::File& file, const yaml::Node* node, std::string_view what,
                      std::span<const std::string_view> known, Faults& faults) {
  std::string out = read_text(file, node, what, faults);
  if (out.empty() || std::find(known.begin(), known.end(), out) != known.end()) return out;
  faults.add(file, *node, fmt::format("`{}` is no {}", out, what),
             faults.did_you_mean(out, {known.begin(), known.end()}));
  return out;
}

void write_canonical(const yaml::Node& node, std::string& out) {
  const auto begin = [&out](char kind, std::size_t n) {
    char digits[24];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), n).ptr;
    out += kind;
    out.append(digits, static_cast<std::size_t>(end - digits));
    out += ':';
  };
  switch (node.kind) {
    case yaml::Node::Kind::scalar:
      begin(node.quoted ? 'q' : 'p', node.text.size());
      out += node.text;
      return;
    case yaml::Node::Kind::list:
      begin('[', node.items.size());
      for (const yaml::Node& item : node.items) write_canonical(item, out);
      return;
    case yaml::Node::Kind::map:
      begin('{', node.entries.size());
      for (const auto& [key, value] : node.entries) {
        write_canonical(key, out);
        write_canonical(value, out);
      }
  }
}

}  // namespace

Id128 canonical_of(const yaml::Node& document, std::string_view kind) {
  std::string out;
  for (const std::string_view key : {std::string_view("id"), std::string_view("name"), std::string_view("title"), std::string_view("level"),
                                     std::string_view("logsource"), kind, std::string_view("generate"), std::string_view("fields")}) {
    out += key;
    if (const yaml::Node* value = document.find(key)) write_canonical(*value, out);
  }
  if (const yaml::Node* extension = document.find("tocsin"); extension != nullptr && extension->is_map()) {
    for (const auto& [key, value] : extension->entries) {
      if (key.text == "tests") continue;
      out += key.text;
      write_canonical(value, out);
    }
  }
  return identity({out});
}

LogSource parse_log_source(const yaml::File& file, const yaml::Node& node, Faults& faults) {
  LogSource out;
  if (!node.is_map()) {
    faults.add(file, node, "`logsource` needs a map of product, category, service");
    return out;
  }
  out.product = read_text(file, node.find("product"), "product", faults);
  out.category = read_text(file, node.find("category"), "category", faults);
  out.service = read_text(file, node.find("service"), "service", faults);
  if (out == LogSource{}) {
    faults.add(file, node, "`logsource` names neither product, category nor service, so the rule would look at every event");
  }
  return out;
}

void only_keys(const yaml::File& file, const yaml::Node& map, const std::vector<std::string_view>& known, Faults& faults) {
  for (const auto& [key, value] : map.entries) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    faults.add(file, key, fmt::format("unknown key `{}`", key.text), faults.did_you_mean(key.text, known));
  }
}

std::string read_text(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults) {
  if (node == nullptr) return {};
  if (node->is_scalar() && !node->is_null()) return node->text;
  if (!node->is_null()) faults.add(file, *node, fmt::format("`{}` needs a text", what));
  return {};
}

std::vector<std::string> read_texts(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults) {
  std::vector<std::string> out;
  if (node == nullptr || node->is_null()) return out;
  if (node->is_scalar()) return {node->text};
  if (node->is_map()) faults.add(file, *node, fmt::format("`{}` needs a text, or a list of texts", what));
  for (const yaml::Node& item : node->items) {
    if (item.is_scalar()) {
      out.push_back(item.text);
    } else {
      faults.add(file, item, fmt::format("`{}` needs texts", what));
    }
  }
  return out;
}

std::vector<std::string> read_fields(const yaml::File& file, const yaml::Node* node, std::string_view what, Faults& faults) {
  std::vector<std::string> out = read_texts(file, node, what, faults);
  if (out.size() > limits::kCorrelationFieldsMax) {
    faults.add(file, *node, fmt::format("`{}` names {} fields; at most {} are read", what, out.size(), limits::kCorrelationFieldsMax));
    out.resize(limits::kCorrelationFieldsMax);
  }
  return out;
}

std::optional<std::int64_t> read_whole(const yaml::File& file, const yaml::Node& node, std::string_view what, Faults& faults) {
  std::int64_t out = 0;
  const std::string_view text = node.text;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (node.is_scalar() && !text.empty() && code == std::errc() && end == text.data() + text.size() && out >= 0) return out;
  faults.add(file, node, fmt::format("`{}` needs a whole number, not below 0", what));
  return std::nullopt;
}

Microseconds read_duration(const yaml::File& file, const yaml::Node& node, Faults& faults) {
  auto out = parse_duration(node.is_scalar() ? node.text : "");
  if (out && out->count() > 0) return *out;
  faults.add(file, node, "needs a duration above 0", "such as `90s`, `15m`, `24h`, `7d`");
  return {};
}

namespace {

/// Other rules this one is about. They need not be loaded: old ones are long gone.
void check_related(const yaml::File& file, const yaml::Node& list, Faults& faults) {
  constexpr std::string_view kTypes[] = {"correlation", "derived", "merged", "obsolete", "renamed", "similar"};
  if (list.is_null()) return;
  if (!list.is_list()) return faults.add(file, list, "`related` needs a list of maps: id and type");
  for (const yaml::Node& each : list.items) {
    const yaml::Node* id = each.find("id");
    const yaml::Node* type = each.find("type");
    if (!each.is_map() || id == nullptr || type == nullptr) {
      faults.add(file, each, "a related rule needs `id` and `type`");
      continue;
    }
    if (read_text(file, id, "id", faults).empty()) faults.add(file, *id, "a related rule needs an `id`");
    read_word(file, type, "type of relation", kTypes, faults);
  }
}

std::shared_ptr<const TimeZone> read_zone(const yaml::File& file, const yaml::Node& node, Faults& faults) {
  auto zone = TimeZone::find(node.is_scalar() ? node.text : "");
  if (zone) return std::make_shared<const TimeZone>(std::move(*zone));
  faults.add(file, node, fmt::format("`{}` is no time zone", node.text.substr(0, 100)), "write a name of the IANA table, such as `Asia/Shanghai`");
  return nullptr;
}

/// Empty where no rule can be made of the document; then `faults` says why.
std::optional<Rule> parse_rule(const RuleSource& source, const Scope& scope, Faults& faults) {
  const yaml::File& file = *source.file;
  const yaml::Node& document = *source.document;
  if (!document.is_map()) {
    faults.add(file, document, "a rule is a map with title, logsource and detection");
    return std::nullopt;
  }
  const yaml::Node* detection = document.find("detection");
  const yaml::Node* correlation = document.find("correlation");
  if ((detection == nullptr) == (correlation == nullptr)) {
    std::string near;
    for (const auto& [key, value] : document.entries) {
      if (detection == nullptr && near.empty() && value.is_map()) near = faults.did_you_mean(key.text, {"detection", "correlation"});
      if (!near.empty()) {
        faults.add(file, key, fmt::format("unknown key `{}`, and neither `detection` nor `correlation`", key.text), near);
        return std::nullopt;
      }
    }
    faults.add(file, document, detection ? "a document is a `detection` or a `correlation`, not both"
                                         : "neither `detection` nor `correlation`: this is no Sigma rule");
    return std::nullopt;
  }

  Rule out;
  out.file = file.path;
  out.title = read_text(file, document.find("title"), "title", faults);
  if (out.title.empty()) faults.add(file, document, "a rule needs a `title`");
  out.name = read_text(file, document.find("name"), "name", faults);
  out.id = read_text(file, document.find("id"), "id", faults);
  if (out.id.empty()) out.id = out.name;
  if (out.id.empty()) {
    faults.add(file, document, "a rule needs an `id` (a UUID) or a `name`: alerts are named after it");
  }
  out.description = read_text(file, document.find("description"), "description", faults);
  if (auto level = read_word(file, document.find("level"), "level", kLevels, faults); !level.empty()) out.level = level;
  out.status = read_word(file, document.find("status"), "status", kStatus, faults);
  out.fields = read_fields(file, document.find("fields"), "fields", faults);
  out.falsepositives = read_texts(file, document.find("falsepositives"), "falsepositives", faults);
  out.tags = read_texts(file, document.find("tags"), "tags", faults);
  out.canonical = canonical_of(document, detection != nullptr ? "detection" : "correlation");
  for (const std::string& field : out.fields) {
    if (field != "subjects.id") scope.fields.intern(field);
  }
  if (const yaml::Node* related = document.find("related")) check_related(file, *related, faults);
  const yaml::Node* extension = document.find("tocsin");

  if (correlation != nullptr) {
    parse_correlation(source, *correlation, scope.fields, out.body.emplace<Correlation>(), faults);
  } else {
    const yaml::Node* log_source = document.find("logsource");
    if (log_source == nullptr) {
      faults.add(file, document, "a detection needs a `logsource`");
    } else {
      out.log_source = parse_log_source(file, *log_source, faults);
    }
    const bool extended = extension != nullptr && extension->is_map();
    Scope own = scope;
    if (const yaml::Node* zone = extended ? extension->find("time_zone") : nullptr) own.zone = read_zone(file, *zone, faults);
    out.body = parse_detection(file, *detection, extended ? extension->find("detection") : nullptr, own, faults);
    if (scope.expanded != Id128{}) out.canonical = identity({out.canonical.view(), scope.expanded.view()});
  }
  if (extension != nullptr) parse_extension(source, *extension, scope.fields, out, faults);
  return out;
}

}  // namespace

namespace {

/// Where a correlation, an extension or a filter names each rule.
void find_references(const RuleSource& source, Document& out) {
  const yaml::File& file = *source.file;
  const yaml::Node& document = *source.document;
  const auto place = [&](const yaml::Node& node) { return yaml::place_of(file, node); };
  if (out.rule != nullptr && out.rule->extension) {
    const yaml::Node& kind = *document.find("tocsin")->find(out.rule->extension->type->name);
    const yaml::Node* of = kind.find("of");
    out.kind = place(kind);
    out.references = {out.kind, place(of == nullptr ? kind : *of)};
  }
  const yaml::Node* body = out.filter != nullptr ? document.find("filter") : document.find("correlation");
  if (body == nullptr || (out.rule != nullptr && out.rule->extension)) return;
  const yaml::Node* type = body->find("type");
  out.kind = place(type == nullptr ? *body : *type);
  const yaml::Node* rules = body->find("rules");
  if (rules != nullptr && rules->is_list()) {
    // To find a place takes as long as its line. The others are shown as the list that they stand in.
    for (const yaml::Node& each : rules->items | std::views::take(limits::kCorrelationRulesMax)) out.references.push_back(place(each));
    if (rules->items.size() > limits::kCorrelationRulesMax) out.references.push_back(place(*rules));
  } else if (rules != nullptr) {
    out.references.push_back(place(*rules));
  } else if (const yaml::Node* condition = body->find("condition"); condition != nullptr && out.rule != nullptr && out.rule->correlation() != nullptr) {
    const std::vector<Mention> mentions = mentions_of(condition->text);
    for (const std::string& name : out.rule->correlation()->rules) {
      const auto at = std::find_if(mentions.begin(), mentions.end(), [&](const Mention& mention) { return mention.name == name; });
      out.references.push_back(at == mentions.end() ? place(*condition) : place_within(file, *condition, at->offset, name.size()));
    }
  }
}

}  // namespace

Document parse_document(const RuleSource& source, FieldTable& fields, const Placeholders& placeholders, PatternBudget& budget) {
  const yaml::File& file = *source.file;
  const yaml::Node& document = *source.document;
  Document out;
  Faults faults;
  budget.next_rule();
  Id128 expanded;
  const Scope scope{fields, placeholders, budget, expanded};
  const auto place = [&](std::string_view key) {
    const yaml::Node* node = document.find(key);
    return yaml::place_of(file, node == nullptr ? document : *node);
  };
  out.line = document.mark.line;
  out.id = place("id");
  out.name = place("name");
  if (const yaml::Node* filter = document.is_map() ? document.find("filter") : nullptr) {
    out.filter = std::make_shared<const Filter>(parse_filter(source, *filter, scope, faults));
  } else if (auto rule = parse_rule(source, scope, faults)) {
    if (!rule->tests.empty()) out.tests = place("tocsin");
    out.rule = std::make_shared<const Rule>(std::move(*rule));
  }
  find_references(source, out);
  out.faults = faults.take();
  return out;
}

}  // namespace tocsin::sigma
