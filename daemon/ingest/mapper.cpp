// mapper.cpp: from nodes to slots, in one walk that enters only what somebody wants.
#include "daemon/ingest/mapper.h"

#include <charconv>
#include <cmath>

#include "daemon/base/limits.h"
#include "daemon/base/promise.h"

namespace tocsin::ingest {
namespace {

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::int64_t integer_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t value = 0;
  for (const char c : text.substr(negative ? 1 : 0)) value = value * 10 + (c - '0');
  return negative ? -value : value;
}

/// Protobuf's JSON writes 64-bit integers as texts, so a text of digits is an integer too.
bool counts(const Node& node) { return (node.kind == NodeKind::number || node.kind == NodeKind::text) && is_integer(node.text); }

bool has_type(const Node& node, std::uint32_t type) {
  switch (type) {
    case 0: return counts(node);
    case 1: return node.kind == NodeKind::number;
    case 2: return node.kind == NodeKind::boolean;
    case 3: return node.kind == NodeKind::text;
    default: return node.kind == NodeKind::array;
  }
}

/// An epoch in seconds, milliseconds, microseconds or nanoseconds, told by its size; seconds may have a fraction.
Result<Instant> epoch_of(std::string_view text) {
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc() || end != text.data() + text.size() || !(value >= 0 && value < 1e20)) return bad_input("the time is no epoch");
  if (value < 1e11) return instant_of(std::llround(value * 1e6));
  if (value < 1e14) return instant_of(std::llround(value * 1e3));
  if (value < 1e17) return instant_of(std::llround(value));
  return instant_of(std::llround(value / 1e3));
}

Result<Instant> time_of(const Node& node, std::string_view unit, const std::optional<Microseconds>& zone) {
  if (unit == "any" && (node.kind == NodeKind::number || (node.kind == NodeKind::text && is_integer(node.text)))) return epoch_of(node.text);
  if (unit.empty() || unit == "rfc3339" || unit == "any") {
    if (node.kind != NodeKind::text) return bad_input("the time is no text");
    auto time = parse_rfc3339(node.text);
    if (time || !zone) return time;
    auto local = parse_rfc3339(std::string(node.text) + "Z");
    if (!local) return local;
    return *local - *zone;
  }
  if (!counts(node)) return bad_input("the time is no integer");
  const std::int64_t factor = unit == "s" ? 1'000'000 : unit == "ms" ? 1'000 : 1;
  const std::int64_t value = integer_of(node.text);
  constexpr std::int64_t kMicrosMax = 253'402'300'799'000'000;  // The year 9999, the last that RFC 3339 can write.
  if (value < 0 || value > kMicrosMax / factor) return bad_input("the time is outside the years 1970 to 9999");
  return instant_of(value * factor);
}

v1::CountBasis basis_of(std::string_view word) {
  if (word == "exact" || word == "COUNT_BASIS_EXACT") return v1::COUNT_BASIS_EXACT;
  if (word == "reported" || word == "COUNT_BASIS_REPORTED") return v1::COUNT_BASIS_REPORTED;
  if (word == "estimated" || word == "COUNT_BASIS_ESTIMATED") return v1::COUNT_BASIS_ESTIMATED;
  return v1::COUNT_BASIS_UNSPECIFIED;
}

ValueType type_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::text: return ValueType::text;
    case NodeKind::number: return ValueType::number;
    case NodeKind::boolean: return ValueType::boolean;
    default: return ValueType::null;
  }
}

bool is_leaf(NodeKind kind) { return kind != NodeKind::object && kind != NodeKind::array; }

/// Whether subject_of will take it. Plain ASCII that is not only blanks needs no library to say so.
bool can_be_subject(std::string_view id_type, std::string_view clear) {
  const bool plain = std::all_of(clear.begin(), clear.end(), [](char c) { return c >= ' ' && c < 0x7F; });
  if (plain && clear.find_first_not_of(' ') != std::string_view::npos) return true;
  return normalised_id(id_type, clear).has_value();
}

const Node* child_of(const Document& document, std::uint32_t object, std::string_view key) {
  const Node* found = nullptr;
  for_children(document, object, [&](std::uint32_t child) {
    if (document.nodes[child].key == key) found = &document.nodes[child];
  });
  return found;
}

}  // namespace

Result<Mapper> Mapper::make(const std::vector<v1::Mapping>& mappings, const FieldTable& fields, MapperSettings settings) {
  TOCSIN_TRY(normalised_id("customer", "x"));   // A library without its data must fail here, not at the first event that matches.
  Mapper mapper(fields, std::move(settings));
  const auto add = [&](const v1::Mapping& mapping) -> Result<void> {
    TOCSIN_ASSIGN(Mapping compiled, Mapping::compile(mapping, fields));
    mapper.mappings_.push_back(std::move(compiled));
    return {};
  };
  if (mapper.settings_.mappings.empty()) {
    for (const v1::Mapping& mapping : mappings) {
      if (mapping.format() != "protobuf") TOCSIN_TRY(add(mapping));
    }
  }
  for (const std::string& name : mapper.settings_.mappings) {
    const auto at = std::find_if(mappings.begin(), mappings.end(), [&](const v1::Mapping& each) { return each.name() == name; });
    if (at == mappings.end()) {
      std::string known;
      for (const v1::Mapping& each : mappings) known += (known.empty() ? "" : ", ") + each.name();
      return bad_input(fmt::format("source `{}`: no mapping `{}`; there are: {}", mapper.settings_.source, name, known));
    }
    TOCSIN_TRY(add(*at));
  }
  if (mapper.mappings_.empty()) return bad_input(fmt::format("source `{}`: no mapping at all; name files or folders of mappings", mapper.settings_.source));
  return mapper;
}

std::optional<DeadLetter> Mapper::choose(const Record& record, const Mapping*& chosen) {
  Decode* decoded_by = nullptr;
  std::optional<DeadLetter> dead;
  bool read = false;
  for (const Mapping& mapping : mappings_) {
    if (mapping.decode() != decoded_by) {
      decoded_by = mapping.decode();
      auto unreadable = decoded_by(record.value, document_);
      read = !unreadable;
      // A format that reads the bytes says more about them than one that does not.
      if (read) {
        const bool object = document_.nodes.front().kind == NodeKind::object;
        dead = object ? DeadLetter{"no_mapping", "no mapping of the source matches"} : DeadLetter{"not_object", "the document is no object"};
      } else if (!dead) {
        dead = std::move(unreadable);
      }
    }
    if (read && mapping.matches(record, document_)) {
      chosen = &mapping;
      return std::nullopt;
    }
  }
  return dead;
}

bool Mapper::map(const Record& record, std::vector<Event>& events, DeadLetter& dead) {
  const auto fail = [&](DeadLetter why) {
    dead = std::move(why);
    return false;
  };
  if (record.tombstone) return fail({"tombstone", "no value"});
  const Mapping* mapping = nullptr;
  if (auto why = choose(record, mapping)) return fail(std::move(*why));
  chosen_ = mapping;
  record_ = &record;
  elements_.clear();
  if (!mapping->source().explode().empty()) {
    std::vector<std::uint32_t> arrays;
    find_path(document_, 0, mapping->source().explode(), arrays);
    for (const std::uint32_t array : arrays) {
      if (document_.nodes[array].kind != NodeKind::array) return fail({"wrong_type", "the path to explode is no array"});
      for_children(document_, array, [&](std::uint32_t child) { elements_.push_back(child); });
    }
    if (arrays.empty()) elements_.push_back(0);
  } else {
    elements_.push_back(0);
  }
  if (elements_.size() > limits::kExplodedEventsMax) {
    return fail({"too_many_events", fmt::format("{} events; at most {} are read", elements_.size(), limits::kExplodedEventsMax)});
  }
  events.resize(elements_.size());
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    events[i].clear(fields_->size());
    events[i].index = static_cast<std::uint32_t>(i);
    if (auto why = fill(*mapping, record, elements_[i], events[i])) {
      if (elements_.size() > 1) why->detail = fmt::format("element {}: {}", i, why->detail);
      return fail(std::move(*why));
    }
    if (fields_->wants_subjects) complete(events[i]);
  }
  return true;
}

void Mapper::complete(Event& event) {
  if (event.id != Id128{}) return;
  const std::uint32_t element = elements_[event.index];
  const std::string_view raw = document_.nodes[element].raw.empty() ? std::string_view(record_->value) : document_.nodes[element].raw;
  if (chosen_->source().identity() == "position") {
    event.id = identity({settings_.source, raw, fmt::format("{}/{}/{}", record_->position.partition, record_->position.offset, event.index)});
  } else {
    event.id = identity({settings_.source, raw});
  }
  std::int64_t counted = 0;
  for (const v1::SubjectRule& rule : chosen_->source().subjects()) {
    std::vector<std::uint32_t> found;
    find_path(document_, element, rule.path(), found);
    for (const std::uint32_t node : found) {
      each_person(rule, node, counted, [&](std::string_view id_type, std::string_view clear) {
        auto subject = subject_of(settings_.subject_key, id_type, clear);
        TOCSIN_ASSERT(subject);   // map() has looked at it.
        event.clear_ids.push_back({clear, subject->ref});
        event.subjects.push_back(std::move(*subject));
        return true;
      });
    }
  }
  std::stable_sort(event.clear_ids.begin(), event.clear_ids.end(), [](const ClearId& a, const ClearId& b) { return a.clear < b.clear; });
  std::sort(event.subjects.begin(), event.subjects.end());
  event.subjects.erase(std::unique(event.subjects.begin(), event.subjects.end()), event.subjects.end());
}

std::optional<DeadLetter> Mapper::fill(const Mapping& mapping, const Record& record, std::uint32_t element, Event& event) {
  if (document_.nodes[element].kind != NodeKind::object) return DeadLetter{"not_object", "the event is no object"};
  hits_.clear();
  collect(mapping.trie(), element, 0);
  // By want, best path first, document order within: the sort must keep it.
  std::stable_sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) {
    return std::tie(a.want.role, a.want.at, a.want.priority) < std::tie(b.want.role, b.want.at, b.want.priority);
  });
  if (auto dead = add_slots(mapping, element, event)) return dead;
  if (auto dead = add_time(mapping, record, event)) return dead;
  if (auto dead = add_counts(event)) return dead;
  if (auto dead = check_people(mapping, event)) return dead;
  add_differences(mapping, event);
  add_log_source(mapping, element, event);
  return std::nullopt;
}

void Mapper::collect(const Trie& trie, std::uint32_t node, std::uint32_t step) {
  const Node& here = document_.nodes[node];
  if (here.kind == NodeKind::array) {
    // An array stands for its elements, one level of the path deeper than none.
    for_children(document_, node, [&](std::uint32_t child) {
      if (!is_leaf(document_.nodes[child].kind)) collect(trie, child, step);
    });
    return;
  }
  for_children(document_, node, [&](std::uint32_t child) {
    const std::uint32_t below = trie.follow(step, document_.nodes[child].key);
    if (below == 0) return;
    for (const Want& want : trie.step(below).wants) hits_.push_back({want, child});
    if (!is_leaf(document_.nodes[child].kind) && !trie.step(below).next.empty()) collect(trie, child, below);
  });
}

void Mapper::add_value(const Mapping& mapping, FieldTable::Slot slot, std::uint32_t node, Event& event) {
  const Node& from = document_.nodes[node];
  if (from.kind == NodeKind::array) {
    event.mark_present(slot);
    for_children(document_, node, [&](std::uint32_t child) { add_value(mapping, slot, child, event); });
  } else if (from.kind == NodeKind::object) {
    event.mark_present(slot);
  } else if (const std::string* renamed = mapping.renames(slot) ? mapping.renamed(slot, from.text) : nullptr; renamed != nullptr) {
    event.add(slot, ValueType::text, *renamed);
  } else {
    event.add(slot, type_of(from.kind), from.text);
  }
}

std::optional<DeadLetter> Mapper::add_slots(const Mapping& mapping, std::uint32_t element, Event& event) {
  const Want* first = nullptr;
  people_.clear();
  for (const Hit& hit : hits_) {
    if (hit.want.role == Want::Role::person) people_.push_back(hit.node);   // Their role sorts first.
    if (hit.want.role == Want::Role::type) {
      const NodeKind kind = document_.nodes[hit.node].kind;
      if (kind != NodeKind::null && !has_type(document_.nodes[hit.node], hit.want.at)) {
        return DeadLetter{"wrong_type", fmt::format("`{}` has another type than the mapping demands", document_.nodes[hit.node].key)};
      }
    }
    if (hit.want.role != Want::Role::slot) continue;
    // Sorted by slot, then priority: of each slot only the hits of its first priority count.
    if (first == nullptr || first->at != hit.want.at) first = &hit.want;
    if (first->priority != hit.want.priority) continue;
    if (std::binary_search(people_.begin(), people_.end(), hit.node)) {
      event.mark_present(hit.want.at);   // Where ids stand as bare texts, a rule may see that there are some, not which.
    } else {
      add_value(mapping, hit.want.at, hit.node, event);
    }
  }
  if (fields_->wants_all) add_keywords(element, event);
  return std::nullopt;
}

void Mapper::add_keywords(std::uint32_t element, Event& event) {
  auto person = people_.begin();
  for (std::uint32_t node = element; node < document_.nodes[element].after;) {
    person = std::lower_bound(person, people_.end(), node);
    if (person != people_.end() && *person == node) {
      node = document_.nodes[node].after;   // Clear identifiers are no keywords.
      continue;
    }
    if (document_.nodes[node].kind == NodeKind::text) event.add(FieldTable::kAll, ValueType::text, document_.nodes[node].text);
    ++node;
  }
}

std::optional<DeadLetter> Mapper::add_time(const Mapping& mapping, const Record& record, Event& event) {
  for (const Hit& hit : hits_) {
    if (hit.want.role != Want::Role::time || document_.nodes[hit.node].kind == NodeKind::null) continue;
    const auto time = time_of(document_.nodes[hit.node], mapping.source().time().unit(), mapping.zone());
    if (!time && mapping.source().time().optional()) continue;
    if (!time) return DeadLetter{"bad_time", fmt::format("`{}` is not a time of the form that the mapping names, or has no zone", document_.nodes[hit.node].key)};
    event.time = *time;
    return std::nullopt;
  }
  if (mapping.source().time().record() && record.timestamp != Instant{}) {
    event.time = record.timestamp;
    return std::nullopt;
  }
  if (mapping.source().time().optional()) return std::nullopt;
  return DeadLetter{"no_time", "the event does not say when it happened"};
}

std::optional<DeadLetter> Mapper::add_counts(Event& event) {
  for (const Hit& hit : hits_) {
    const Node& node = document_.nodes[hit.node];
    if (node.kind == NodeKind::null) continue;
    if (hit.want.role == Want::Role::record_count) {
      if (!counts(node) || node.text.starts_with('-')) return DeadLetter{"wrong_type", fmt::format("`{}` is no count", node.key)};
      event.record_count = integer_of(node.text);
    } else if (hit.want.role == Want::Role::count_basis) {
      event.count_basis = basis_of(node.text);
    } else if (hit.want.role == Want::Role::categories) {
      if (node.kind == NodeKind::text) event.categories.emplace_back(node.text);
      for_children(document_, hit.node, [&](std::uint32_t child) {
        if (document_.nodes[child].kind == NodeKind::text) event.categories.emplace_back(document_.nodes[child].text);
      });
    }
  }
  return std::nullopt;
}

template <typename Visit>
std::optional<DeadLetter> Mapper::each_person(const v1::SubjectRule& rule, std::uint32_t node, std::int64_t& counted, Visit&& visit) const {
  std::optional<DeadLetter> dead;
  const auto person = [&](std::string_view id_type, std::string_view clear) {
    if (!visit(id_type, clear)) dead = {"bad_subject", "a person's identifier is empty or not UTF-8"};
  };
  const auto one = [&](std::uint32_t at) {
    if (dead) return;
    const Node& here = document_.nodes[at];
    if (here.kind == NodeKind::text || here.kind == NodeKind::number) {
      person(rule.id_type(), here.text);
    } else if (here.kind == NodeKind::object) {
      const Node* id = rule.id().empty() ? nullptr : child_of(document_, at, rule.id());
      const Node* type = rule.id_type_from().empty() ? nullptr : child_of(document_, at, rule.id_type_from());
      const Node* count = rule.count().empty() ? nullptr : child_of(document_, at, rule.count());
      if (id != nullptr && id->kind != NodeKind::null) {
        if (is_leaf(id->kind)) {
          person(type != nullptr && type->kind == NodeKind::text ? type->text : std::string_view(rule.id_type()), id->text);
        } else {
          dead = {"wrong_type", "a person's identifier is neither text nor number"};
        }
      }
      if (count != nullptr && count->kind != NodeKind::null) {
        if (counts(*count) && !count->text.starts_with('-')) {
          constexpr std::int64_t kPeopleMost = 1'000'000'000'000'000;   // Sums of counts must not overflow.
          counted = std::min(kPeopleMost, counted + std::min(kPeopleMost, integer_of(count->text)));
        } else {
          dead = {"wrong_type", fmt::format("`{}` is no count", count->key)};
        }
      }
    } else if (here.kind != NodeKind::null) {
      dead = {"wrong_type", "a person is neither text, number nor object"};
    }
  };
  if (document_.nodes[node].kind == NodeKind::array) {
    for_children(document_, node, one);
  } else {
    one(node);
  }
  return dead;
}

std::optional<DeadLetter> Mapper::check_people(const Mapping& mapping, Event& event) {
  std::size_t named = 0;
  for (const Hit& hit : hits_) {
    if (hit.want.role != Want::Role::person) continue;
    const v1::SubjectRule& rule = mapping.source().subjects(static_cast<int>(hit.want.at));
    auto dead = each_person(rule, hit.node, event.subject_count, [&](std::string_view id_type, std::string_view clear) {
      ++named;
      return named > limits::kSubjectsPerEventMax || can_be_subject(id_type, clear);
    });
    if (named > limits::kSubjectsPerEventMax) return DeadLetter{"too_many_subjects", fmt::format("more than {} people", limits::kSubjectsPerEventMax)};
    if (dead) return dead;
  }
  if (event.count_basis == v1::COUNT_BASIS_UNSPECIFIED) {
    if (event.subject_count > 0) {
      event.count_basis = v1::COUNT_BASIS_REPORTED;
    } else if (named > 0) {
      event.count_basis = v1::COUNT_BASIS_EXACT;
    }
  }
  return std::nullopt;
}

void Mapper::add_differences(const Mapping& mapping, Event& event) {
  for (int i = 0; i < mapping.source().differences_size(); ++i) {
    const FieldTable::Slot slot = mapping.difference_slot(static_cast<std::size_t>(i));
    if (slot == FieldTable::kAll || event.present(slot)) continue;
    std::vector<std::string_view> allowed;
    bool limited = false;
    const auto texts = [&](Want::Role role, auto&& use) {
      for (const Hit& hit : hits_) {
        if (hit.want.role != role || hit.want.at != static_cast<std::uint32_t>(i)) continue;
        if (role == Want::Role::minus) limited = true;
        const Node& node = document_.nodes[hit.node];
        if (node.kind == NodeKind::text) use(node.text);
        for_children(document_, hit.node, [&](std::uint32_t child) {
          if (document_.nodes[child].kind == NodeKind::text) use(document_.nodes[child].text);
        });
      }
    };
    texts(Want::Role::minus, [&](std::string_view text) { allowed.push_back(text); });
    if (!limited) continue;  // Without a list of what is allowed nothing can exceed it.
    std::sort(allowed.begin(), allowed.end());
    texts(Want::Role::from, [&](std::string_view text) {
      if (!std::binary_search(allowed.begin(), allowed.end(), text)) event.add(slot, ValueType::text, text);
    });
  }
}

void Mapper::add_log_source(const Mapping& mapping, std::uint32_t element, Event& event) {
  const v1::LogSourceRule& rule = mapping.source().log_source();
  const bool told = !rule.product_from().empty() || !rule.category_from().empty() || !rule.service_from().empty();
  event.log_source = {rule.product(), rule.category(), rule.service(), {}, told};
  const auto holds = [&](const v1::LogSourceCase& each) {
    return std::all_of(each.when().begin(), each.when().end(), [&](const auto& condition) {
      std::vector<std::uint32_t> found;
      find_path(document_, element, condition.first, found);
      return std::any_of(found.begin(), found.end(), [&](std::uint32_t node) {
        const google::protobuf::Value& wanted = condition.second;
        const auto is = [&](const google::protobuf::Value& value) {
          if (value.kind_case() == google::protobuf::Value::kNumberValue) return document_.nodes[node].text == fmt::format("{:.0f}", value.number_value());
          return document_.nodes[node].text == value.string_value();
        };
        if (wanted.kind_case() != google::protobuf::Value::kListValue) return is(wanted);
        return std::any_of(wanted.list_value().values().begin(), wanted.list_value().values().end(), is);
      });
    });
  };
  for (const v1::LogSourceCase& each : rule.cases()) {
    if (!holds(each)) continue;
    if (!each.product().empty()) event.log_source.product = each.product();
    if (!each.category().empty()) event.log_source.category = each.category();
    if (!each.service().empty()) event.log_source.service = each.service();
    event.log_source.wider = each.wider();
    break;
  }
  for (const Hit& hit : hits_) {
    const Node& node = document_.nodes[hit.node];
    if (node.kind != NodeKind::text || node.text.empty()) continue;
    if (hit.want.role == Want::Role::product) event.log_source.product = node.text;
    if (hit.want.role == Want::Role::category) event.log_source.category = node.text;
    if (hit.want.role == Want::Role::service) event.log_source.service = node.text;
  }
}

}  // namespace tocsin::ingest
