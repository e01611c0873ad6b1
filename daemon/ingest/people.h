// people.h: whom an event names, as the mapping tells where they stand.
#pragma once

#include "daemon/ingest/dead_letter.h"
#include "daemon/ingest/document.h"
#include "tocsin/v1/mapping.pb.h"

namespace tocsin::ingest {

/// One person named at `node`: `clear` is empty where only a number of people stands there.
struct Person {
  bool named = false;
  std::string_view id_type, clear;
  std::int64_t counted = 0;    ///< People without ids.
};

/// Reads a text, number or object; null is nobody. Else why the event is none.
std::optional<DeadLetter> read_person(const Document& document, const v1::SubjectRule& rule, std::uint32_t node, Person& out);

/// Whether subject_of will take an identifier.
bool can_be_subject(std::string_view id_type, std::string_view clear);

/// Calls visit(person) for what stands at `node`, or for each element where it is a list, until one gives a dead letter.
template <typename Visit>
std::optional<DeadLetter> each_person(const Document& document, const v1::SubjectRule& rule, std::uint32_t node, Visit&& visit) {
  const auto one = [&](std::uint32_t at) -> std::optional<DeadLetter> {
    Person person;
    if (auto dead = read_person(document, rule, at, person)) return dead;
    return visit(person);
  };
  if (document.nodes[node].kind != NodeKind::array) return one(node);
  for (std::uint32_t child = node + 1; child < document.nodes[node].after; child = document.nodes[child].after) {
    if (auto dead = one(child)) return dead;
  }
  return std::nullopt;
}

}  // namespace tocsin::ingest
