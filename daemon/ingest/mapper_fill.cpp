// mapper_fill.cpp: from nodes to slots, in one walk that enters only what somebody wants.
#include <array>

#include "daemon/base/limits.h"
#include "daemon/ingest/mapper.h"
#include "daemon/ingest/people.h"
#include "daemon/ingest/scalar.h"

namespace tocsin::ingest {
namespace {

bool has_type(const Node& node, std::uint32_t type) {
  switch (type) {
    case 0: return holds_integer(node);
    case 1: return node.kind == NodeKind::number;
    case 2: return node.kind == NodeKind::boolean;
    case 3: return node.kind == NodeKind::text;
    default: return node.kind == NodeKind::array;
  }
}

v1::CountBasis basis_of(std::string_view word) {
  if (word == "exact" || word == "COUNT_BASIS_EXACT") return v1::COUNT_BASIS_EXACT;
  if (word == "reported" || word == "COUNT_BASIS_REPORTED") return v1::COUNT_BASIS_REPORTED;
  if (word == "estimated" || word == "COUNT_BASIS_ESTIMATED") return v1::COUNT_BASIS_ESTIMATED;
  return v1::COUNT_BASIS_UNSPECIFIED;
}

ValueType type_of(NodeKind kind) {
  constexpr std::array<ValueType, 6> kTypes{ValueType::null, ValueType::null, ValueType::text, ValueType::number, ValueType::boolean, ValueType::null};
  return kTypes[static_cast<std::size_t>(kind)];
}

/// A text, and the texts of a list.
template <typename Use>
void each_text(const Document& document, std::uint32_t node, Use&& use) {
  const Node& here = document.nodes[node];
  if (here.kind == NodeKind::text) use(here.text);
  if (here.kind != NodeKind::array) return;   // What stands below an object has a path of its own, and may be a person.
  for_children(document, node, [&](std::uint32_t child) {
    if (document.nodes[child].kind == NodeKind::text) use(document.nodes[child].text);
  });
}

}  // namespace

void Mapper::Found::clear(const Mapping& mapping) {
  times.assign(static_cast<std::size_t>(mapping.source().time().from_size()), 0);
  people.clear();
  identifiers.clear();
  sides.clear();
  told = {};
  mistyped = miscounted = 0;
  mapping.log_source_cases().begin(log_source);
}

struct Mapper::Filling {
  Mapper& mapper;
  Event& event;

  void plain(FieldTable::Slot slot, const Node& node) { event.add(slot, type_of(node.kind), node.text); }
  void operator()(std::span<const Want> wants, std::uint32_t node, bool& hidden) {
    for (const Want& want : wants) {
      hidden |= want.hides();   // These stand first.
      mapper.take(want, node, hidden, event);
    }
  }
};

struct Mapper::FindingPeople {
  Mapper& mapper;

  void plain(FieldTable::Slot, const Node&) {}
  void operator()(std::span<const Want> wants, std::uint32_t node, bool&) {
    for (const Want& want : wants) {
      if (want.role == Want::Role::person) mapper.found_.people.push_back({want, node});
    }
  }
};

std::optional<DeadLetter> Mapper::fill(std::uint32_t element, Event& event) {
  if (document_.nodes[element].kind != NodeKind::object) return DeadLetter{"not_object", "the event is no object"};
  found_.clear(*chosen_);
  priorities_.resize(fields_->size());
  Filling filling{*this, event};
  walk(element, 0, filling);
  if (fields_->wants_all) add_keywords(element, event);
  if (found_.mistyped != 0) {
    return DeadLetter{"wrong_type", fmt::format("`{}` has another type than the mapping demands", document_.nodes[found_.mistyped].key)};
  }
  if (auto dead = add_time(event)) return dead;
  if (found_.miscounted != 0) return DeadLetter{"wrong_type", fmt::format("`{}` is no count", document_.nodes[found_.miscounted].key)};
  if (auto dead = check_people(event)) return dead;
  add_differences(event);
  add_log_source(event);
  return std::nullopt;
}

const Mapper::Way& Mapper::look_up(std::uint32_t step, const Node& node) {
  if (node.shape >= ways_->size() && node.shape != 0) ways_->resize(node.shape + 1);
  const Paths& paths = chosen_->paths();
  Way& way = node.shape == 0 ? way_ : (*ways_)[node.shape];
  way.from = step;
  if (chosen_->source().strip_blanks() && node.key.find(' ') != std::string_view::npos) {
    bare_.clear();
    std::copy_if(node.key.begin(), node.key.end(), std::back_inserter(bare_), [](char c) { return c != ' '; });
    way.to = paths.follow(step, bare_);
  } else {
    way.to = paths.follow(step, node.key, node.hash);
  }
  way.slot = paths.plain_slot(way.to);
  return way;
}

template <typename Take>
void Mapper::walk(std::uint32_t node, std::uint32_t step, Take& take) {
  const Node* const nodes = document_.nodes.data();
  const Paths& paths = chosen_->paths();
  const std::uint32_t any = paths.any(step), after = nodes[node].after;
  if (nodes[node].kind == NodeKind::array) {
    // An array stands for its elements, one level of the path deeper than none.
    for (std::uint32_t child = node + 1; child < after; child = nodes[child].after) {
      if (!is_leaf(nodes[child].kind)) walk(child, step, take);
    }
    return;
  }
  for (std::uint32_t child = node + 1; child < after; child = nodes[child].after) {
    const Node& here = nodes[child];
    const Way& way = follow(step, here);
    const std::uint32_t to = way.to;
    bool hidden = false;
    if (is_leaf(here.kind)) {
      if (way.slot != FieldTable::kAll) take.plain(way.slot, here);   // Most are.
      else if (to != 0) take(paths.wants(to), child, hidden);
      continue;
    }
    if (any != 0 && to != 0) {
      const std::size_t begin = steps_.size();
      for (const std::uint32_t each : {to, any}) {
        take(paths.wants(each), child, hidden);
        steps_.push_back(each);
      }
      walk_all(child, begin, take);
      steps_.resize(begin);
      continue;
    }
    const std::uint32_t below = to != 0 ? to : any;
    if (below == 0) continue;
    take(paths.wants(below), child, hidden);
    if (paths.leads_on(below)) walk(child, below, take);
  }
}

template <typename Take>
void Mapper::walk_all(std::uint32_t node, std::size_t begin, Take& take) {
  const Node* const nodes = document_.nodes.data();
  const std::size_t end = steps_.size();
  const bool list = nodes[node].kind == NodeKind::array;
  for (std::uint32_t child = node + 1; child < nodes[node].after; child = nodes[child].after) {
    const Node& here = nodes[child];
    if (list) {
      if (!is_leaf(here.kind)) walk_all(child, begin, take);
      continue;
    }
    // The path without a star comes first, if there is one: it alone can lead to people.
    for (std::size_t i = begin; i < end; ++i) {
      if (const std::uint32_t below = follow(steps_[i], here).to; below != 0) steps_.push_back(below);
      if (const std::uint32_t any = is_leaf(here.kind) ? 0 : chosen_->paths().any(steps_[i]); any != 0) steps_.push_back(any);
    }
    bool hidden = false;
    for (std::size_t i = end; i < steps_.size(); ++i) take(chosen_->paths().wants(steps_[i]), child, hidden);
    if (!is_leaf(here.kind) && steps_.size() > end) walk_all(child, end, take);
    steps_.resize(end);
  }
}

void Mapper::find_people(std::uint32_t element) {
  found_.people.clear();
  FindingPeople finding{*this};
  walk(element, 0, finding);
}

void Mapper::take(const Want& want, std::uint32_t node, bool hidden, Event& event) {
  using Role = Want::Role;
  const Node& here = document_.nodes[node];
  const bool null = here.kind == NodeKind::null;
  switch (want.role) {
    case Role::slot: take_slot(want, node, hidden, event); break;
    case Role::person: found_.people.push_back({want, node}); break;
    case Role::identifier: found_.identifiers.push_back(node); break;
    case Role::type:
      if (!null && found_.mistyped == 0 && !has_type(here, want.at)) found_.mistyped = node;
      break;
    case Role::time:
      if (!null && found_.times[want.at] == 0) found_.times[want.at] = node;
      break;
    case Role::record_count:
      if (null) break;
      if (is_count(here)) event.record_count = integer_of(here.text);
      else if (found_.miscounted == 0) found_.miscounted = node;
      break;
    case Role::count_basis:
      if (!null) event.count_basis = basis_of(here.text);
      break;
    case Role::categories:
      if (!hidden) take_categories(node, event);
      break;
    case Role::from:
    case Role::minus:
      if (!hidden) found_.sides.push_back({want, node});
      break;
    case Role::when: chosen_->log_source_cases().see(found_.log_source, want.at, here); break;
    case Role::product:
      if (here.kind == NodeKind::text && !hidden) found_.told.product = here.text;
      break;
    case Role::category:
      if (here.kind == NodeKind::text && !hidden) found_.told.category = here.text;
      break;
    case Role::service:
      if (here.kind == NodeKind::text && !hidden) found_.told.service = here.text;
      break;
  }
}

void Mapper::take_slot(const Want& want, std::uint32_t node, bool hidden, Event& event) {
  if (want.contested) {
    // Of each slot only the values of its best path count.
    std::uint32_t& best = priorities_[want.at];
    if (event.present(want.at)) {
      if (best < want.priority) return;
      if (best > want.priority) event.drop_values(want.at);
    }
    best = want.priority;
  }
  if (hidden) {
    event.mark_present(want.at);   // A rule may see that there are some, not which.
  } else {
    add_value(want.at, node, event);
  }
}

void Mapper::take_categories(std::uint32_t node, Event& event) const {
  each_text(document_, node, [&](std::string_view text) { event.categories.push_back(text); });
}

void Mapper::add_value(FieldTable::Slot slot, std::uint32_t node, Event& event) const {
  const Node& from = document_.nodes[node];
  if (from.kind == NodeKind::array) {
    event.mark_present(slot);
    for_children(document_, node, [&](std::uint32_t child) { add_value(slot, child, event); });
  } else if (from.kind == NodeKind::object) {
    event.mark_present(slot);
  } else if (const std::string* renamed = chosen_->renames(slot) ? chosen_->renamed(slot, from.text) : nullptr; renamed != nullptr) {
    event.add(slot, ValueType::text, *renamed);
  } else {
    event.add(slot, type_of(from.kind), from.text);
  }
}

void Mapper::add_keywords(std::uint32_t element, Event& event) const {
  auto person = found_.people.begin();
  auto identifier = found_.identifiers.begin();
  for (std::uint32_t node = element; node < document_.nodes[element].after;) {
    while (person != found_.people.end() && person->node < node) ++person;
    while (identifier != found_.identifiers.end() && *identifier < node) ++identifier;
    if ((person != found_.people.end() && person->node == node) || (identifier != found_.identifiers.end() && *identifier == node)) {
      node = document_.nodes[node].after;   // Clear identifiers are no keywords.
      continue;
    }
    if (document_.nodes[node].kind == NodeKind::text) event.add(FieldTable::kAll, ValueType::text, document_.nodes[node].text);
    ++node;
  }
}

std::optional<DeadLetter> Mapper::add_time(Event& event) const {
  const v1::TimeRule& rule = chosen_->source().time();
  for (const std::uint32_t node : found_.times) {
    if (node == 0) continue;
    if (const auto time = time_of(document_.nodes[node], rule.unit(), chosen_->zone())) {
      event.time = *time;
      return std::nullopt;
    }
    if (rule.optional()) continue;
    return DeadLetter{"bad_time", fmt::format("`{}` is not a time of the form that the mapping names, or has no zone", document_.nodes[node].key)};
  }
  if (rule.record() && record_->timestamp != Instant{}) {
    event.time = record_->timestamp;
    return std::nullopt;
  }
  if (rule.optional()) return std::nullopt;
  return DeadLetter{"no_time", "the event does not say when it happened"};
}

std::optional<DeadLetter> Mapper::check_people(Event& event) const {
  std::size_t named = 0;
  for (const Found::At& at : found_.people) {
    const v1::SubjectRule& rule = chosen_->source().subjects(static_cast<int>(at.want.at));
    auto dead = each_person(document_, rule, at.node, [&](const Person& person) -> std::optional<DeadLetter> {
      constexpr std::int64_t kPeopleMost = 1'000'000'000'000'000;   // Sums of counts must not overflow.
      event.subject_count = std::min(kPeopleMost, event.subject_count + std::min(kPeopleMost, person.counted));
      if (!person.named) return std::nullopt;
      if (++named > limits::kSubjectsPerEventMax) return DeadLetter{"too_many_subjects", fmt::format("more than {} people", limits::kSubjectsPerEventMax)};
      if (!can_be_subject(person.id_type, person.clear)) return DeadLetter{"bad_subject", "a person's identifier is empty or not UTF-8"};
      return std::nullopt;
    });
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

void Mapper::add_differences(Event& event) {
  if (found_.sides.empty()) return;
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(chosen_->source().differences_size()); ++i) {
    const FieldTable::Slot slot = chosen_->difference_slot(i);
    if (slot == FieldTable::kAll || event.present(slot)) continue;
    allowed_.clear();
    bool limited = false;
    const auto texts = [&](Want::Role role, auto&& use) {
      for (const Found::At& at : found_.sides) {
        if (at.want.role != role || at.want.at != i) continue;
        limited |= role == Want::Role::minus;
        each_text(document_, at.node, use);
      }
    };
    texts(Want::Role::minus, [&](std::string_view text) { allowed_.push_back(text); });
    if (!limited) continue;  // Without a list of what is allowed nothing can exceed it.
    std::sort(allowed_.begin(), allowed_.end());
    texts(Want::Role::from, [&](std::string_view text) {
      if (!std::binary_search(allowed_.begin(), allowed_.end(), text)) event.add(slot, ValueType::text, text);
    });
  }
}

void Mapper::add_log_source(Event& event) const {
  const v1::LogSourceRule& rule = chosen_->source().log_source();
  const bool asked = !rule.product_from().empty() || !rule.category_from().empty() || !rule.service_from().empty();
  event.log_source = {rule.product(), rule.category(), rule.service(), {}, asked};
  if (const v1::LogSourceCase* held = chosen_->log_source_cases().decide(found_.log_source)) {
    if (!held->product().empty()) event.log_source.product = held->product();
    if (!held->category().empty()) event.log_source.category = held->category();
    if (!held->service().empty()) event.log_source.service = held->service();
    event.log_source.wider = held->wider();
  }
  if (!found_.told.product.empty()) event.log_source.product = found_.told.product;
  if (!found_.told.category.empty()) {
    event.log_source.category = found_.told.category;
    event.log_source.wider = {};   // It was that of the case's category.
  }
  if (!found_.told.service.empty()) event.log_source.service = found_.told.service;
}

}  // namespace tocsin::ingest
