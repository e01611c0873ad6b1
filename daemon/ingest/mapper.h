// mapper.h: records → events, by the first mapping of the source that matches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/ingest/dead_letter.h"
#include "daemon/ingest/mapping.h"

namespace tocsin::ingest {

struct MapperSettings {
  std::string source;                     ///< Name of the source: part of event identities.
  SubjectKey subject_key;
  std::vector<std::string> mappings;      ///< Names, in the order they are tried; empty: all that read JSON, by name.
};

/// Used from one thread: it keeps the memory of the last record. Its events see into the record and into this.
class Mapper {
 public:
  /// bad_input where a name is unknown or a mapping does not compile. `fields` must outlive this.
  static Result<Mapper> make(const std::vector<v1::Mapping>& mappings, const FieldTable& fields, MapperSettings settings);

  /// All events of the record, or nothing and why. `events` is reused. What every event would pay for and only those need that
  /// a rule said yes to is left out: `id`, `subjects` and `clear_ids`, unless the fields say that a detection reads the subjects.
  bool map(const Record& record, std::vector<Event>& events, DeadLetter& dead);
  /// Fills what map() left out. `event` is of the last map(), whose record still lives; a second call changes nothing.
  void complete(Event& event);

 private:
  struct Hit {
    Want want;
    std::uint32_t node;
  };

  Mapper(const FieldTable& fields, MapperSettings settings) : fields_(&fields), settings_(std::move(settings)) {}
  std::optional<DeadLetter> choose(const Record& record, const Mapping*& chosen);
  std::optional<DeadLetter> fill(const Mapping& mapping, const Record& record, std::uint32_t element, Event& event);
  void collect(const Trie& trie, std::uint32_t node, std::uint32_t step);
  std::optional<DeadLetter> add_slots(const Mapping& mapping, std::uint32_t element, Event& event);
  std::optional<DeadLetter> add_time(const Mapping& mapping, const Record& record, Event& event);
  std::optional<DeadLetter> add_counts(Event& event);
  std::optional<DeadLetter> check_people(const Mapping& mapping, Event& event);
  /// Calls visit(id_type, clear id) for each person named, and adds people given as a number.
  template <typename Visit>
  std::optional<DeadLetter> each_person(const v1::SubjectRule& rule, std::uint32_t node, std::int64_t& counted, Visit&& visit) const;
  void add_differences(const Mapping& mapping, Event& event);
  void add_log_source(const Mapping& mapping, std::uint32_t element, Event& event);
  void add_keywords(std::uint32_t element, Event& event);
  void add_value(const Mapping& mapping, FieldTable::Slot slot, std::uint32_t node, Event& event);

  const FieldTable* fields_;
  MapperSettings settings_;
  std::vector<Mapping> mappings_;
  Document document_;
  std::vector<Hit> hits_;
  std::vector<std::uint32_t> elements_;
  std::vector<std::uint32_t> people_;   ///< Nodes of the event that tell who a person is, ascending.
  const Mapping* chosen_ = nullptr;     ///< Of the last record, as the next one.
  const Record* record_ = nullptr;
};

}  // namespace tocsin::ingest
