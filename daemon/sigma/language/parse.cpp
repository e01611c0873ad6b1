// parse.cpp: the frame of a rule document. Keys that Sigma does not name are ignored, as the standard allows.
#include "daemon/sigma/language/parse.h"

#include <charconv>

namespace tocsin::sigma {
namespace {

constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kStatus[] = {"stable", "test", "experimental", "deprecated", "unsupported"};

std::string read_word(const yaml::File& file, const yaml::Node* node, std::string_view what,
                      std::span<const std::string_view> known, Faults& faults) {
  std::string out = read_text(file, node, what, faults);
  if (out.empty() || std::find(known.begin(), known.end(), out) != known.end()) return out;
  faults.add(file, *node, fmt::format("`{}` is no {}", out, what),
             yaml::did_you_mean(out, {known.begin(), known.end()}));
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

/// Of what decides the answers: everything but prose, tests and comments.
Id128 canonical_of(const yaml::Node& document) {
  std::string out;
  for (const std::string_view key : {"id", "name", "title", "level", "logsource", "detection", "correlation", "generate", "fields"}) {
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

LogSource read_log_source(const yaml::File& file, const yaml::Node& node, Faults& faults) {
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

Detection read_detection(const yaml::File& file, const yaml::Node& body, FieldTable& fields, Faults& faults) {
  Detection out;
  const yaml::Node* condition = nullptr;
  for (const auto& [key, value] : body.entries) {
    if (key.text == "condition") {
      condition = &value;
    } else if (key.text == "timeframe") {
      faults.add(file, key, "`timeframe` is no longer Sigma", "write a correlation with `timespan`");
    } else {
      out.names.push_back(key.text);
      out.selections.push_back(parse_selection(file, value, fields, out.named, faults));
    }
  }
  if (condition == nullptr) {
    faults.add(file, body, "`detection` has no `condition`");
  } else if (condition->is_scalar()) {
    out.condition = parse_condition(file, *condition, out.names, faults);
    out.condition_text = condition->text;
  } else if (condition->is_list() && !condition->items.empty()) {
    out.condition.kind = Condition::Kind::any;  // A list of conditions: one of them is enough.
    for (const yaml::Node& one : condition->items) {
      if (!one.is_scalar()) {
        faults.add(file, one, "a condition is a text");
        continue;
      }
      out.condition.parts.push_back(parse_condition(file, one, out.names, faults));
      out.condition_text += (out.condition_text.empty() ? "" : " | ") + one.text;
    }
  } else {
    faults.add(file, *condition, "`condition` needs a text, or a list of texts");
  }
  if (out.selections.empty()) faults.add(file, body, "`detection` has no selection");
  return out;
}

/// Kinds of document that we would otherwise ignore in silence.
bool refused_kind(const yaml::File& file, const yaml::Node& document, Faults& faults) {
  for (const auto& [key, value] : document.entries) {
    if (key.text == "action") {
      faults.add(file, key, "rule collections with `action` are not read", "write each rule whole, divided by `---`");
      return true;
    }
    if (key.text == "filter") {
      faults.add(file, key, "filter documents are not read by this version", "add the exclusion to the rule: `and not filter`");
      return true;
    }
  }
  return false;
}

}  // namespace

void only_keys(const yaml::File& file, const yaml::Node& map, const std::vector<std::string_view>& known, Faults& faults) {
  for (const auto& [key, value] : map.entries) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    faults.add(file, key, fmt::format("unknown key `{}`", key.text), yaml::did_you_mean(key.text, known));
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

/// Empty where no rule can be made of the document; then `faults` says why.
std::optional<Rule> parse_rule(const RuleSource& source, FieldTable& fields, Faults& faults) {
  const yaml::File& file = *source.file;
  const yaml::Node& document = *source.document;
  if (!document.is_map()) {
    faults.add(file, document, "a rule is a map with title, logsource and detection");
    return std::nullopt;
  }
  if (refused_kind(file, document, faults)) return std::nullopt;
  const yaml::Node* detection = document.find("detection");
  const yaml::Node* correlation = document.find("correlation");
  if ((detection == nullptr) == (correlation == nullptr)) {
    std::string near;
    for (const auto& [key, value] : document.entries) {
      if (detection == nullptr && near.empty() && value.is_map()) near = yaml::did_you_mean(key.text, {"detection", "correlation"});
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
  out.fields = read_texts(file, document.find("fields"), "fields", faults);
  out.falsepositives = read_texts(file, document.find("falsepositives"), "falsepositives", faults);
  out.tags = read_texts(file, document.find("tags"), "tags", faults);
  out.canonical = canonical_of(document);
  for (const std::string& field : out.fields) {
    if (field != "subjects.id") fields.intern(field);
  }

  if (correlation != nullptr) {
    parse_correlation(source, *correlation, fields, out.body.emplace<Correlation>(), faults);
  } else {
    const yaml::Node* log_source = document.find("logsource");
    if (log_source == nullptr) {
      faults.add(file, document, "a detection needs a `logsource`");
    } else {
      out.log_source = read_log_source(file, *log_source, faults);
    }
    if (detection->is_map()) {
      out.body = read_detection(file, *detection, fields, faults);
    } else {
      faults.add(file, *detection, "`detection` needs a map of selections and a condition");
    }
  }
  if (const yaml::Node* extension = document.find("tocsin")) parse_extension(source, *extension, fields, out, faults);
  return out;
}

}  // namespace

Document parse_document(const RuleSource& source, FieldTable& fields) {
  const yaml::File& file = *source.file;
  Document out;
  Faults faults;
  auto rule = parse_rule(source, fields, faults);
  const auto place = [&](std::string_view key) {
    const yaml::Node* node = source.document->find(key);
    return yaml::place_of(file, node == nullptr ? *source.document : *node);
  };
  out.line = source.document->mark.line;
  out.id = place("id");
  out.name = place("name");
  if (rule && !rule->tests.empty()) out.tests = place("tocsin");
  if (rule && rule->correlation() != nullptr) {
    const yaml::Node* rules = source.document->find("correlation")->find("rules");
    if (rules != nullptr && rules->is_list()) {
      for (const yaml::Node& each : rules->items) out.references.push_back(yaml::place_of(file, each));
    } else if (rules != nullptr) {
      out.references.push_back(yaml::place_of(file, *rules));
    }
  }
  if (rule) out.rule = std::make_shared<const Rule>(std::move(*rule));
  out.faults = faults.take();
  return out;
}

}  // namespace tocsin::sigma
