// mapper.cpp: from a record to its events: which mapping reads it, which elements are events, who they are.
#include "daemon/ingest/mapper.h"

#include "daemon/base/limits.h"
#include "daemon/base/promise.h"
#include "daemon/ingest/people.h"

namespace tocsin::ingest {

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
  mapper.all_ways_.resize(mapper.mappings_.size());
  return mapper;
}

std::optional<DeadLetter> Mapper::choose(const Record& record, const Mapping*& chosen) {
  Decode* decoded_by = nullptr;
  std::optional<DeadLetter> unreadable;
  bool read = false, any_read = false, object = false;
  for (const Mapping& mapping : mappings_) {
    if (mapping.decode() != decoded_by) {
      decoded_by = mapping.decode();
      auto why = decoded_by(record.value, document_);
      read = !why;
      if (read) object = document_.nodes.front().kind == NodeKind::object;
      any_read |= read;
      if (why && !unreadable) unreadable = std::move(why);
    }
    if (read && mapping.matches(record, document_)) {
      chosen = &mapping;
      return std::nullopt;
    }
  }
  // A format that reads the bytes says more about them than one that does not.
  if (!any_read) return unreadable;
  return object ? DeadLetter{"no_mapping", "no mapping of the source matches"} : DeadLetter{"not_object", "the document is no object"};
}

bool Mapper::map(const Record& record, std::vector<Event>& events, DeadLetter& dead) {
  const auto fail = [&](DeadLetter why) {
    dead = std::move(why);
    return false;
  };
  if (record.tombstone) return fail({"tombstone", "no value"});
  if (auto why = choose(record, chosen_)) return fail(std::move(*why));
  record_ = &record;
  if (document_.generation != generation_) {
    for (std::vector<Way>& ways : all_ways_) ways.clear();
    generation_ = document_.generation;
  }
  ways_ = &all_ways_[static_cast<std::size_t>(chosen_ - mappings_.data())];
  elements_.clear();
  if (!chosen_->source().explode().empty()) {
    arrays_.clear();
    find_path(document_, 0, chosen_->source().explode(), arrays_);
    for (const std::uint32_t array : arrays_) {
      if (document_.nodes[array].kind != NodeKind::array) return fail({"wrong_type", "the path to explode is no array"});
      for_children(document_, array, [&](std::uint32_t child) { elements_.push_back(child); });
    }
    if (arrays_.empty()) elements_.push_back(0);
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
    if (auto why = fill(elements_[i], events[i])) {
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
  if (!chosen_->source().subjects().empty()) find_people(element);
  for (const Found::At& at : found_.people) {
    each_person(document_, chosen_->source().subjects(static_cast<int>(at.want.at)), at.node, [&](const Person& person) -> std::optional<DeadLetter> {
      if (!person.named) return std::nullopt;
      auto subject = subject_of(settings_.subject_key, person.id_type, person.clear);
      TOCSIN_ASSERT(subject);   // map() has looked at it.
      event.clear_ids.push_back({person.clear, subject->ref});
      event.subjects.push_back(std::move(*subject));
      return std::nullopt;
    });
  }
  std::stable_sort(event.clear_ids.begin(), event.clear_ids.end(), [](const ClearId& a, const ClearId& b) { return a.clear < b.clear; });
  std::sort(event.subjects.begin(), event.subjects.end());
  event.subjects.erase(std::unique(event.subjects.begin(), event.subjects.end()), event.subjects.end());
}

}  // namespace tocsin::ingest
