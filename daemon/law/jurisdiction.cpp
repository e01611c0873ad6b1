// jurisdiction.cpp: loads a jurisdiction and refuses what would later be a silent gap in the law.
#include "daemon/law/jurisdiction.h"

#include <google/protobuf/message.h>

#include <filesystem>
#include <set>

#include "daemon/base/proto_yaml.h"
#include "daemon/law/counting.h"

namespace tocsin::law {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Every list `s` below the message must name listed sources: walked by reflection, so that a new kind of leaf is covered.
void check_sources(const Message& message, const std::set<std::string>& sources, std::vector<std::string>& faults) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "s" && field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        const std::string source = reflection->GetRepeatedString(message, field, i);
        if (!sources.contains(source)) faults.push_back(fmt::format("source `{}` is not listed under `sources`", source));
      }
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) check_sources(reflection->GetRepeatedMessage(message, field, i), sources, faults);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      check_sources(reflection->GetMessage(message, field), sources, faults);
    }
  }
}

void check_test(const v1::LegalTest& test, const v1::Jurisdiction& jurisdiction, const std::string& where, std::vector<std::string>& faults) {
  if (test.has_n() == !test.word().empty()) faults.push_back(fmt::format("{}: the test of `{}` needs either `n` or `word`", where, test.fact()));
  if (!test.word().empty() && test.fact() != "grade" && test.cmp() != "eq" && test.cmp() != "ne")
    faults.push_back(fmt::format("{}: words are compared by eq and ne, not by `{}`", where, test.cmp()));
  if (test.fact() != "grade") return;
  const auto& levels = jurisdiction.grading().levels();
  if (std::none_of(levels.begin(), levels.end(), [&](const v1::Grade& grade) { return grade.id() == test.word(); }))
    faults.push_back(fmt::format("{}: there is no grade `{}`", where, test.word()));
  if (test.cmp() != "gte") faults.push_back(fmt::format("{}: grades are compared by gte", where));
}

void check_duty(const v1::Duty& duty, const v1::Jurisdiction& jurisdiction, std::vector<std::string>& faults) {
  if (duty.addressee().empty()) faults.push_back(fmt::format("{}: nobody is named under `addressee`", duty.id()));
  for (const v1::LegalTest& test : duty.when()) check_test(test, jurisdiction, duty.id(), faults);
  for (const v1::Exemption& exemption : duty.exempt()) check_test(exemption.test(), jurisdiction, duty.id(), faults);
  for (const v1::TimeLimit& limit : duty.deadlines()) {
    if (limit.has_n() && limit.from().empty() && duty.clock_start().v().empty())
      faults.push_back(fmt::format("{}: the {} limit has a number but no clock event to run from", duty.id(), limit.phase()));
    if (!limit.has_n()) continue;
    if (auto counted = due_after(Instant{}, limit, jurisdiction); !counted) faults.push_back(fmt::format("{}: {}", duty.id(), counted.error().text));
  }
}

}  // namespace

bool is_verified(std::string_view confidence) { return confidence == "VP" || confidence == "VQ" || confidence == "VS"; }

Result<v1::Jurisdiction> load_jurisdiction(const std::string& folder, const std::string& code) {
  const std::string path = (std::filesystem::path(folder) / (code + ".yml")).string();
  v1::Jurisdiction jurisdiction;
  TOCSIN_TRY(load_yaml(path, jurisdiction));
  std::vector<std::string> faults;
  if (jurisdiction.id() != code) faults.push_back(fmt::format("the file says `id: {}`, its name says `{}`", jurisdiction.id(), code));
  std::set<std::string> sources, duties;
  for (const v1::LegalSource& source : jurisdiction.sources()) sources.insert(source.id());
  check_sources(jurisdiction, sources, faults);
  for (const v1::Grade& grade : jurisdiction.grading().levels())
    for (const v1::LegalTest& test : grade.any_of()) check_test(test, jurisdiction, "grade " + grade.id(), faults);
  for (const v1::Duty& duty : jurisdiction.duties()) {
    if (!duties.insert(duty.id()).second) faults.push_back(fmt::format("duty `{}` stands twice", duty.id()));
    check_duty(duty, jurisdiction, faults);
  }
  if (faults.empty()) return jurisdiction;
  return bad_input(fmt::format("{}: {}", path, fmt::join(faults, fmt::format("\n{}: ", path))));
}

Result<std::vector<v1::Jurisdiction>> load_jurisdictions(const std::string& folder, const std::vector<std::string>& codes) {
  std::vector<v1::Jurisdiction> all;
  for (const std::string& code : codes) {
    TOCSIN_ASSIGN(auto jurisdiction, load_jurisdiction(folder, code));
    all.push_back(std::move(jurisdiction));
  }
  return all;
}

}  // namespace tocsin::law
