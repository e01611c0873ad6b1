// printed.cpp: walks a report by reflection, so that a new field cannot be forgotten by page, guard or test.
#include "daemon/report/printed.h"

#include <google/protobuf/message.h>

#include "daemon/base/promise.h"
#include "daemon/report/dates.h"

namespace tocsin::report {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Fields whose value is a code of the phrase book.
constexpr std::pair<std::string_view, std::string_view> kCodes[] = {
    {"addressee", "addressee."}, {"clock_event", "clock."}, {"confidence", "confidence."}, {"jurisdiction", "jurisdiction."},
    {"language", "language."},   {"phase", "phase."},       {"status", "status."},
};

struct Walk {
  Language language;
  std::string zone;
  std::vector<PrintedLeaf> leaves;

  void message(const Message& message, const std::string& path);
  void leaf(const Message& message, const FieldDescriptor& field, const std::string& path);
  std::string coded(const std::string& field, const std::string& raw, const Message& message) const;
};

/// An id is printed by the words that stand for it: the item's label, the duty's title.
std::string Walk::coded(const std::string& field, const std::string& raw, const Message& message) const {
  if (const auto* item = dynamic_cast<const v1::ReportItem*>(&message); item != nullptr && field == "id") return item->label();
  if (const auto* duty = dynamic_cast<const v1::Obligation*>(&message); duty != nullptr && field == "duty") return duty->title();
  for (const auto& [name, prefix] : kCodes)
    if (name == field) return words(std::string(prefix) + raw, language);
  return raw;
}

void Walk::leaf(const Message& message, const FieldDescriptor& field, const std::string& path) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = reflection->GetEnum(message, &field);
    leaves.push_back({path, value->name(), certainty_text(static_cast<v1::Certainty>(value->number()), language)});
    return;
  }
  TOCSIN_ASSERT(field.cpp_type() == FieldDescriptor::CPPTYPE_STRING);   // A report has no numbers: they are printed texts.
  const std::string raw = reflection->GetString(message, &field);
  leaves.push_back({path, raw, coded(field.name(), raw, message)});
}

void Walk::message(const Message& message, const std::string& path) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string here = path.empty() ? field->name() : path + "." + field->name();
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      leaf(message, *field, here);
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) this->message(reflection->GetRepeatedMessage(message, field, i), fmt::format("{}[{}]", here, i));
    } else {
      const auto& at = dynamic_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(message, field));
      leaves.push_back({here, rfc3339(instant_of(at.seconds() * 1'000'000 + at.nanos() / 1'000)), date_text(at, zone, language)});
    }
  }
}

}  // namespace

Language language_of(const v1::Report& report) { return report.language() == "zh-CN" ? Language::zh : Language::en; }

std::string certainty_text(v1::Certainty certainty, Language language) {
  switch (certainty) {
    case v1::KNOWN: return words("certainty.known", language);
    case v1::ESTIMATED: return words("certainty.estimated", language);
    case v1::NOT_APPLICABLE: return words("certainty.not_applicable", language);
    default: return words("certainty.unknown_yet", language);
  }
}

std::vector<PrintedLeaf> printed_leaves(const v1::Report& report) {
  Walk walk{language_of(report), report.time_zone(), {}};
  walk.message(report, "");
  return std::move(walk.leaves);
}

}  // namespace tocsin::report
