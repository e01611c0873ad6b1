// people.cpp: a person as text, number or object.
#include "daemon/ingest/people.h"

#include "daemon/ingest/scalar.h"
#include "daemon/model/subject.h"

namespace tocsin::ingest {
namespace {

const Node* child_of(const Document& document, std::uint32_t object, std::string_view key) {
  if (key.empty()) return nullptr;
  const Node* found = nullptr;
  for_children(document, object, [&](std::uint32_t child) {
    if (document.nodes[child].key == key) found = &document.nodes[child];
  });
  return found != nullptr && found->kind != NodeKind::null ? found : nullptr;
}

}  // namespace

bool can_be_subject(std::string_view id_type, std::string_view clear) {
  // Plain ASCII that is not only blanks needs no library to say so.
  const bool plain = std::all_of(clear.begin(), clear.end(), [](char c) { return c >= ' ' && c < 0x7F; });
  if (plain && clear.find_first_not_of(' ') != std::string_view::npos) return true;
  return normalised_id(id_type, clear).has_value();
}

std::optional<DeadLetter> read_person(const Document& document, const v1::SubjectRule& rule, std::uint32_t node, Person& out) {
  const Node& here = document.nodes[node];
  if (here.kind == NodeKind::null) return std::nullopt;
  if (here.kind == NodeKind::text || here.kind == NodeKind::number) {
    out = {true, rule.id_type(), here.text, 0};
    return std::nullopt;
  }
  if (here.kind != NodeKind::object) return DeadLetter{"wrong_type", "a person is neither text, number nor object"};
  if (const Node* id = child_of(document, node, rule.id())) {
    if (!is_leaf(id->kind)) return DeadLetter{"wrong_type", "a person's identifier is neither text nor number"};
    const Node* type = child_of(document, node, rule.id_type_from());
    out = {true, type != nullptr && type->kind == NodeKind::text ? type->text : std::string_view(rule.id_type()), id->text, 0};
  }
  if (const Node* count = child_of(document, node, rule.count())) {
    if (!is_count(*count)) return DeadLetter{"wrong_type", fmt::format("`{}` is no count", count->key)};
    out.counted = integer_of(count->text);
  }
  return std::nullopt;
}

}  // namespace tocsin::ingest
