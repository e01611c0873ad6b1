// mapping_faults.cpp: the checks, one after the other.
#include "daemon/ingest/mapping_faults.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "daemon/ingest/decoders/decoders.h"

namespace tocsin::ingest {
namespace {

using google::protobuf::Value;

bool only_texts(const Value& value) {
  if (value.kind_case() == Value::kStringValue) return !value.string_value().empty();
  if (value.kind_case() != Value::kListValue || value.list_value().values().empty()) return false;
  return std::all_of(value.list_value().values().begin(), value.list_value().values().end(),
                     [](const Value& item) { return item.kind_case() == Value::kStringValue && !item.string_value().empty(); });
}

bool can_be_asked_for(const Value& value) {
  const auto one = [](const Value& each) { return each.kind_case() == Value::kStringValue || each.kind_case() == Value::kNumberValue || each.kind_case() == Value::kBoolValue; };
  if (value.kind_case() != Value::kListValue) return one(value);
  return !value.list_value().values().empty() && std::all_of(value.list_value().values().begin(), value.list_value().values().end(), one);
}

bool has_star(std::string_view path) {
  const std::string dotted = fmt::format(".{}.", path);
  return dotted.find(".*.") != std::string::npos;
}

class Checks {
 public:
  explicit Checks(const v1::Mapping& mapping) : mapping_(mapping) {}

  std::vector<MappingFault> run() {
    if (find_decoder(mapping_.format().empty() ? "json" : mapping_.format()) == nullptr) add({"format"}, fmt::format("unknown format `{}`", mapping_.format()));
    time();
    fields();
    for (const auto& [path, type] : mapping_.types()) {
      if (!type_number(type)) add({"types", path}, fmt::format("`{}` is none of integer, number, boolean, text, list", type));
    }
    for (int i = 0; i < mapping_.subjects_size(); ++i) people(mapping_.subjects(i), std::to_string(i));
    shown(mapping_.categories(), {"categories"});
    log_source();
    for (int i = 0; i < mapping_.differences_size(); ++i) shown(mapping_.differences(i).from(), {"differences", std::to_string(i), "from"});
    return std::move(faults_);
  }

 private:
  void add(std::vector<std::string> place, std::string message) { faults_.push_back({std::move(place), std::move(message)}); }

  void time() {
    const v1::TimeRule& rule = mapping_.time();
    if (rule.from().empty() && !rule.record() && !rule.optional()) add({"time"}, "time.from names no path, and neither time.record nor time.optional is set");
    if (!rule.zone().empty() && !zone_of(rule.zone())) {
      add({"time", "zone"}, fmt::format("time.zone `{}` is no offset; write Z or +08:00 (a zone with summer time would make one hour of the year ambiguous)", rule.zone()));
    }
  }

  void fields() {
    for (const auto& [name, value] : mapping_.fields()) {
      if (!only_texts(value)) {
        add({"fields", name}, fmt::format("fields.{}: expected a path or a list of paths", name));
        continue;
      }
      for (const std::string& path : paths_of(value)) shown(path, {"fields", name});
    }
  }

  void people(const v1::SubjectRule& rule, const std::string& number) {
    for (const auto& [key, path] : {std::pair{"path", rule.path()}, {"id", rule.id()}}) {
      if (has_star(path)) add({"subjects", number, key}, "`*` stands for names that nobody lists: where people stand must be told apart from all that rules may name; write a path for each name");
    }
    if (!mapping_.strip_blanks() || rule.id().empty()) return;
    add({"subjects", number, "id"}, "this key is compared as it is written, and with `strip_blanks` fields are not: a rule could name what is passed by here; lead `path` to the identifiers, without `id`");
  }

  /// `path` ends in what rules, alerts or the log may show.
  void shown(const std::string& path, std::vector<std::string> place) {
    if (path.empty()) return;
    const auto same = [&](const std::string& other) { return mapping_.strip_blanks() ? without_blanks(path) == without_blanks(other) : path == other; };
    for (const v1::SubjectRule& rule : mapping_.subjects()) {
      if (!same(rule.id().empty() ? rule.path() : rule.path() + "." + rule.id())) continue;
      return add(std::move(place), fmt::format("`{}` holds people's identifiers, and nothing may show these; `subjects.ref` is their hash", path));
    }
  }

  void log_source() {
    const v1::LogSourceRule& rule = mapping_.log_source();
    for (int i = 0; i < rule.cases_size(); ++i) {
      for (const auto& [path, wanted] : rule.cases(i).when()) {
        if (!can_be_asked_for(wanted)) add({"log_source", "cases", std::to_string(i), "when", path}, "expected a text, a number, true or false, or a list of these");
      }
    }
    shown(rule.product_from(), {"log_source", "product_from"});
    shown(rule.category_from(), {"log_source", "category_from"});
    shown(rule.service_from(), {"log_source", "service_from"});
  }

  const v1::Mapping& mapping_;
  std::vector<MappingFault> faults_;
};

}  // namespace

std::vector<MappingFault> faults_of(const v1::Mapping& mapping) { return Checks(mapping).run(); }

const yaml::Node& node_at(const yaml::Node& top, const MappingFault& fault) {
  const yaml::Node* at = &top;
  for (const std::string& word : fault.place) {
    const yaml::Node* below = at->is_map() ? at->find(word) : nullptr;
    if (at->is_list()) {
      std::size_t number = 0;
      std::from_chars(word.data(), word.data() + word.size(), number);
      if (number < at->items.size()) below = &at->items[number];
    }
    if (below == nullptr) break;
    at = below;
  }
  return *at;
}

std::string without_blanks(std::string_view path) {
  std::string out(path);
  std::erase(out, ' ');
  return out;
}

std::optional<Microseconds> zone_of(const std::string& zone) {
  const auto probe = parse_rfc3339("1970-01-02T00:00:00" + zone);
  return probe ? std::optional(Microseconds(86'400'000'000 - micros_of(*probe))) : std::nullopt;
}

std::vector<std::string> paths_of(const Value& value) {
  if (value.kind_case() == Value::kStringValue) return {value.string_value()};
  std::vector<std::string> paths;
  for (const auto& item : value.list_value().values()) paths.push_back(item.string_value());
  return paths;
}

std::optional<std::uint32_t> type_number(std::string_view word) {
  static constexpr std::array<std::string_view, 5> kTypes{"integer", "number", "boolean", "text", "list"};
  const auto at = std::find(kTypes.begin(), kTypes.end(), word);
  return at == kTypes.end() ? std::nullopt : std::optional(static_cast<std::uint32_t>(at - kTypes.begin()));
}

}  // namespace tocsin::ingest
