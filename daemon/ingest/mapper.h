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

  /// Does any of its mappings say where people stand?
  bool names_people() const {
    return std::any_of(mappings_.begin(), mappings_.end(), [](const Mapping& each) { return each.source().subjects_size() > 0; });
  }

 private:
  /// Where nodes of a shape led to, from which step. A node without a shape has none.
  struct Way {
    std::uint32_t from = kNowhere, to = 0;
    FieldTable::Slot slot = FieldTable::kAll;   ///< Where leaves go straight in.
    std::uint32_t spare = 0;                    ///< Sixteen bytes are found faster than twelve.
  };
  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

  /// What the walk over one event found beside the values of slots.
  struct Found {
    std::vector<std::uint32_t> times;        ///< By place in time.from: the node, 0 where there is none.
    struct At {
      Want want;
      std::uint32_t node;
    };
    std::vector<At> people;                  ///< In document order.
    std::vector<std::uint32_t> identifiers;  ///< Of people, in document order.
    std::vector<At> sides;                   ///< Of differences.
    LogSourceView told;                      ///< The log source as the event itself tells it.
    std::uint32_t mistyped = 0, miscounted = 0;   ///< The first node of each, 0 where there is none.
    LogSourceCases::Seen log_source;
    void clear(const Mapping& mapping);
  };

  struct Filling;
  struct FindingPeople;

  Mapper(const FieldTable& fields, MapperSettings settings) : fields_(&fields), settings_(std::move(settings)) {}
  std::optional<DeadLetter> choose(const Record& record, const Mapping*& chosen);
  std::optional<DeadLetter> fill(std::uint32_t element, Event& event);
  /// Down from an object or array, whose keys stand at `step`: for each node that is wanted, in document order, take.plain(slot, node)
  /// or take(wants, node, hidden); `hidden` is false for the first wants of a node and stays what take() makes of it for its others.
  template <typename Take>
  void walk(std::uint32_t node, std::uint32_t step, Take& take);
  /// The same from the steps of steps_ from `begin` on, which stars have made several.
  template <typename Take>
  void walk_all(std::uint32_t node, std::size_t begin, Take& take);
  /// Valid until the next one.
  const Way& follow(std::uint32_t step, const Node& node) {
    if (node.shape < ways_->size()) {
      if (const Way& way = (*ways_)[node.shape]; way.from == step) return way;
    }
    return look_up(step, node);
  }
  const Way& look_up(std::uint32_t step, const Node& node);
  /// found_.people of an event.
  void find_people(std::uint32_t element);
  void take(const Want& want, std::uint32_t node, bool hidden, Event& event);
  void take_slot(const Want& want, std::uint32_t node, bool hidden, Event& event);
  void take_categories(std::uint32_t node, Event& event) const;
  void add_value(FieldTable::Slot slot, std::uint32_t node, Event& event) const;
  std::optional<DeadLetter> add_time(Event& event) const;
  std::optional<DeadLetter> check_people(Event& event) const;
  void add_differences(Event& event);
  void add_log_source(Event& event) const;
  void add_keywords(std::uint32_t element, Event& event) const;

  const FieldTable* fields_;
  MapperSettings settings_;
  std::vector<Mapping> mappings_;
  Document document_;
  const Mapping* chosen_ = nullptr;          ///< Of the last record, as all that follows.
  const Record* record_ = nullptr;
  std::vector<std::uint32_t> arrays_, elements_;
  std::vector<std::vector<Way>> all_ways_;   ///< By mapping, then by shape.
  std::vector<Way>* ways_ = nullptr;         ///< Those of the chosen one.
  std::uint32_t generation_ = 0;             ///< Of their shapes.
  Way way_;                                  ///< Of a node without a shape.
  Found found_;                              ///< Of the last event.
  std::vector<std::uint32_t> priorities_;    ///< By slot: of the path that filled it.
  std::vector<std::string_view> allowed_;
  std::vector<std::uint32_t> steps_;         ///< Of walk_all(), those of each object behind those of the one around it.
  std::string bare_;                         ///< A key without its blanks.
};

}  // namespace tocsin::ingest
