// mapping.cpp: reading mapping files, and compiling their paths into a tree.
#include "daemon/ingest/mapping.h"

#include <filesystem>

#include "daemon/base/proto_yaml.h"
#include "daemon/ingest/mapping_faults.h"
#include "daemon/ingest/scalar.h"

namespace tocsin::ingest {
namespace {

namespace fs = std::filesystem;

Failure wrong(const v1::Mapping& mapping, std::string_view what) {
  return bad_input(fmt::format("mapping `{}`: {}", mapping.name(), what));
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
    return any_at(document, 0, each.first, [&](std::uint32_t node) {
      const Node& here = document.nodes[node];
      return is_leaf(here.kind) && here.kind != NodeKind::null && here.text == each.second;
    });
  });
}

}  // namespace

Result<v1::Mapping> load_mapping(const std::string& path) {
  v1::Mapping mapping;
  TOCSIN_TRY(load_yaml(path, mapping));
  const std::vector<MappingFault> faults = faults_of(mapping);
  if (faults.empty()) return mapping;
  TOCSIN_ASSIGN(const yaml::File file, yaml::load(path));
  std::vector<std::pair<const yaml::Node*, std::string>> told;
  for (const MappingFault& fault : faults) {
    const yaml::Node& at = node_at(file.documents.front(), fault);
    told.emplace_back(&at, yaml::fault(file, at, fault.message).value().text);
  }
  std::stable_sort(told.begin(), told.end(), [](const auto& a, const auto& b) { return std::pair(a.first->mark.line, a.first->mark.column) < std::pair(b.first->mark.line, b.first->mark.column); });
  std::string text;
  for (const auto& [at, fault] : told) text += (text.empty() ? "" : "\n") + fault;
  return bad_input(std::move(text));
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
  if (const std::vector<MappingFault> faults = faults_of(mapping); !faults.empty()) {
    return wrong(mapping, fmt::format("{}: {}", fmt::join(faults.front().place, "."), faults.front().message));
  }
  out.decode_ = find_decoder(mapping.format().empty() ? "json" : mapping.format());
  if (!mapping.time().zone().empty()) out.zone_ = zone_of(mapping.time().zone());

  // Under strip_blanks no key has blanks, neither in documents nor here: what is written with them cannot hide what is not.
  const auto add = [&](const std::string& path, Want want) { out.paths_.add(mapping.strip_blanks() ? without_blanks(path) : path, want); };
  std::vector<std::string> roots(mapping.roots().begin(), mapping.roots().end());
  if (roots.empty()) roots.emplace_back();
  for (FieldTable::Slot slot = 1; slot < fields.size(); ++slot) {
    const std::string& name = fields.name(slot);
    const auto declared = mapping.fields().find(name);
    std::vector<std::string> paths;
    if (declared != mapping.fields().end()) {
      paths = paths_of(declared->second);
    } else {
      for (const std::string& root : roots) paths.push_back(root.empty() ? name : root + "." + name);
    }
    const bool alone = paths.size() == 1;
    for (std::uint32_t i = 0; i < paths.size(); ++i) {
      add(paths[i], {.role = Want::Role::slot, .contested = !alone, .plain = alone && !mapping.enums().contains(name), .at = slot, .priority = i});
    }
  }
  for (int i = 0; i < mapping.subjects_size(); ++i) {
    const v1::SubjectRule& rule = mapping.subjects(i);
    add(rule.path(), {.role = Want::Role::person, .at = static_cast<std::uint32_t>(i)});
    // The clear identifier of a person reaches no slot, whatever a rule asks for.
    if (!rule.id().empty()) add(rule.path() + "." + rule.id(), {.role = Want::Role::identifier});
  }
  for (const auto& [path, type] : mapping.types()) add(path, {.role = Want::Role::type, .at = *type_number(type)});
  for (int i = 0; i < mapping.time().from_size(); ++i) add(mapping.time().from(i), {.role = Want::Role::time, .at = static_cast<std::uint32_t>(i)});
  if (!mapping.record_count().empty()) add(mapping.record_count(), {.role = Want::Role::record_count});
  if (!mapping.count_basis().empty()) add(mapping.count_basis(), {.role = Want::Role::count_basis});
  if (!mapping.categories().empty()) add(mapping.categories(), {.role = Want::Role::categories});
  for (int i = 0; i < mapping.differences_size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    out.difference_slots_.push_back(fields.find(mapping.differences(i).target()));
    if (out.difference_slots_.back() == FieldTable::kAll) continue;   // Nobody asks for it.
    add(mapping.differences(i).from(), {.role = Want::Role::from, .at = index});
    add(mapping.differences(i).minus(), {.role = Want::Role::minus, .at = index});
  }
  const v1::LogSourceRule& origin = mapping.log_source();
  out.cases_ = LogSourceCases(origin);
  for (std::uint32_t i = 0; i < out.cases_.paths().size(); ++i) add(out.cases_.paths()[i], {.role = Want::Role::when, .at = i});
  if (!origin.product_from().empty()) add(origin.product_from(), {.role = Want::Role::product});
  if (!origin.category_from().empty()) add(origin.category_from(), {.role = Want::Role::category});
  if (!origin.service_from().empty()) add(origin.service_from(), {.role = Want::Role::service});
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
