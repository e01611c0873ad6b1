// mapping.cpp: reading mapping files, and compiling their paths into a tree.
#include "daemon/ingest/mapping.h"

#include <filesystem>

#include "daemon/base/proto_yaml.h"

namespace tocsin::ingest {
namespace {

namespace fs = std::filesystem;

Failure wrong(const v1::Mapping& mapping, std::string_view what) {
  return bad_input(fmt::format("mapping `{}`: {}", mapping.name(), what));
}

std::vector<std::string> paths_of(const google::protobuf::Value& value) {
  if (value.kind_case() == google::protobuf::Value::kStringValue) return {value.string_value()};
  std::vector<std::string> paths;
  for (const auto& item : value.list_value().values()) paths.push_back(item.string_value());
  return paths;
}

bool only_texts(const google::protobuf::Value& value) {
  if (value.kind_case() == google::protobuf::Value::kStringValue) return !value.string_value().empty();
  if (value.kind_case() != google::protobuf::Value::kListValue || value.list_value().values().empty()) return false;
  return std::all_of(value.list_value().values().begin(), value.list_value().values().end(), [](const auto& item) {
    return item.kind_case() == google::protobuf::Value::kStringValue && !item.string_value().empty();
  });
}

bool glob(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (text.size() < star || text.substr(0, star) != pattern.substr(0, star)) return false;
  for (std::size_t skip = star; skip <= text.size(); ++skip) {
    if (glob(pattern.substr(star + 1), text.substr(skip))) return true;
  }
  return false;
}

bool holds(const v1::MatchRule& rule, const Record& record, const Document& document) {
  if (!rule.topics().empty() && std::none_of(rule.topics().begin(), rule.topics().end(), [&](const std::string& each) { return glob(each, record.topic); })) {
    return false;
  }
  for (const auto& [name, value] : rule.headers()) {
    if (std::find(record.headers.begin(), record.headers.end(), std::pair{name, value}) == record.headers.end()) return false;
  }
  for (const std::string& path : rule.exists()) {
    if (!any_at(document, 0, path, [](std::uint32_t) { return true; })) return false;
  }
  return std::all_of(rule.equals().begin(), rule.equals().end(), [&](const auto& each) {
    return any_at(document, 0, each.first, [&](std::uint32_t node) { return document.nodes[node].text == each.second; });
  });
}

Result<std::optional<Microseconds>> zone_of(const v1::Mapping& mapping) {
  const std::string& zone = mapping.time().zone();
  if (zone.empty()) return std::optional<Microseconds>();
  const auto probe = parse_rfc3339("1970-01-02T00:00:00" + zone);
  if (!probe) return wrong(mapping, fmt::format("time.zone `{}` is no offset; write Z or +08:00 (a zone with summer time would make one hour of the year ambiguous)", zone));
  return std::optional(Microseconds(86'400'000'000 - micros_of(*probe)));
}

bool is_subject_id(const v1::Mapping& mapping, std::string_view path) {
  return std::any_of(mapping.subjects().begin(), mapping.subjects().end(), [&](const v1::SubjectRule& rule) {
    return path == (rule.id().empty() ? rule.path() : rule.path() + "." + rule.id());
  });
}

}  // namespace

Result<v1::Mapping> load_mapping(const std::string& path) {
  v1::Mapping mapping;
  TOCSIN_TRY(load_yaml(path, mapping));
  return mapping;
}

Result<std::vector<v1::Mapping>> load_mappings(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code failed;
    if (!fs::is_directory(path, failed)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path, failed)) {
      const std::string suffix = entry.path().extension().string();
      if (entry.is_regular_file() && (suffix == ".yml" || suffix == ".yaml")) files.push_back(entry.path().string());
    }
  }
  std::vector<v1::Mapping> mappings;
  std::string faults;
  for (const std::string& file : files) {
    auto mapping = load_mapping(file);
    if (mapping) {
      mappings.push_back(std::move(*mapping));
    } else {
      faults += (faults.empty() ? "" : "\n") + mapping.error().text;
    }
  }
  if (!faults.empty()) return bad_input(std::move(faults));
  std::sort(mappings.begin(), mappings.end(), [](const auto& a, const auto& b) { return a.name() < b.name(); });
  for (std::size_t i = 1; i < mappings.size(); ++i) {
    if (mappings[i].name() == mappings[i - 1].name()) return wrong(mappings[i], "two files have this name");
  }
  return mappings;
}

Result<Mapping> Mapping::compile(v1::Mapping from, const FieldTable& fields) {
  Mapping out;
  out.source_ = std::make_unique<v1::Mapping>(std::move(from));
  const v1::Mapping& mapping = *out.source_;
  out.decode_ = find_decoder(mapping.format().empty() ? "json" : mapping.format());
  if (out.decode_ == nullptr) return wrong(mapping, fmt::format("unknown format `{}`", mapping.format()));
  if (mapping.time().from().empty() && !mapping.time().record() && !mapping.time().optional()) return wrong(mapping, "time.from names no path, and neither time.record nor time.optional is set");
  TOCSIN_ASSIGN(out.zone_, zone_of(mapping));

  std::vector<std::string> roots(mapping.roots().begin(), mapping.roots().end());
  if (roots.empty()) roots.emplace_back();
  for (const auto& [name, value] : mapping.fields()) {
    if (!only_texts(value)) return wrong(mapping, fmt::format("fields.{}: expected a path or a list of paths", name));
  }
  for (FieldTable::Slot slot = 1; slot < fields.size(); ++slot) {
    const std::string& name = fields.name(slot);
    const auto declared = mapping.fields().find(name);
    std::vector<std::string> paths;
    if (declared != mapping.fields().end()) {
      paths = paths_of(declared->second);
    } else {
      for (const std::string& root : roots) paths.push_back(root.empty() ? name : root + "." + name);
    }
    // The clear identifier of a person reaches no slot, whatever a rule asks for.
    std::erase_if(paths, [&](const std::string& path) { return is_subject_id(mapping, path); });
    const bool alone = paths.size() == 1;
    for (std::uint32_t i = 0; i < paths.size(); ++i) {
      out.paths_.add(paths[i], {.role = Want::Role::slot, .contested = !alone, .plain = alone && !mapping.enums().contains(name), .at = slot, .priority = i});
    }
  }
  for (int i = 0; i < mapping.subjects_size(); ++i) out.paths_.add(mapping.subjects(i).path(), {.role = Want::Role::person, .at = static_cast<std::uint32_t>(i)});
  static constexpr std::array<std::string_view, 5> kTypes{"integer", "number", "boolean", "text", "list"};
  for (const auto& [path, type] : mapping.types()) {
    const auto at = std::find(kTypes.begin(), kTypes.end(), type);
    if (at == kTypes.end()) return wrong(mapping, fmt::format("types.{}: `{}` is none of integer, number, boolean, text, list", path, type));
    out.paths_.add(path, {.role = Want::Role::type, .at = static_cast<std::uint32_t>(at - kTypes.begin())});
  }
  for (int i = 0; i < mapping.time().from_size(); ++i) out.paths_.add(mapping.time().from(i), {.role = Want::Role::time, .at = static_cast<std::uint32_t>(i)});
  if (!mapping.record_count().empty()) out.paths_.add(mapping.record_count(), {.role = Want::Role::record_count});
  if (!mapping.count_basis().empty()) out.paths_.add(mapping.count_basis(), {.role = Want::Role::count_basis});
  if (!mapping.categories().empty()) out.paths_.add(mapping.categories(), {.role = Want::Role::categories});
  for (int i = 0; i < mapping.differences_size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    out.difference_slots_.push_back(fields.find(mapping.differences(i).target()));
    if (out.difference_slots_.back() == FieldTable::kAll) continue;   // Nobody asks for it.
    out.paths_.add(mapping.differences(i).from(), {.role = Want::Role::from, .at = index});
    out.paths_.add(mapping.differences(i).minus(), {.role = Want::Role::minus, .at = index});
  }
  const v1::LogSourceRule& origin = mapping.log_source();
  out.cases_ = LogSourceCases(origin);
  for (std::uint32_t i = 0; i < out.cases_.paths().size(); ++i) out.paths_.add(out.cases_.paths()[i], {.role = Want::Role::when, .at = i});
  if (!origin.product_from().empty()) out.paths_.add(origin.product_from(), {.role = Want::Role::product});
  if (!origin.category_from().empty()) out.paths_.add(origin.category_from(), {.role = Want::Role::category});
  if (!origin.service_from().empty()) out.paths_.add(origin.service_from(), {.role = Want::Role::service});
  out.enums_.resize(fields.size(), nullptr);
  for (const auto& [name, table] : mapping.enums()) {
    if (const FieldTable::Slot slot = fields.find(name); slot != FieldTable::kAll) out.enums_[slot] = &table;
  }
  return out;
}

bool Mapping::matches(const Record& record, const Document& document) const {
  if (source_->match().empty()) return true;
  return std::any_of(source_->match().begin(), source_->match().end(), [&](const v1::MatchRule& rule) { return holds(rule, record, document); });
}

const std::string* Mapping::renamed(FieldTable::Slot slot, std::string_view value) const {
  const auto at = enums_[slot]->values().find(value);
  return at == enums_[slot]->values().end() ? nullptr : &at->second;
}

}  // namespace tocsin::ingest
