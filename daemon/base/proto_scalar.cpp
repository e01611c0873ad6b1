// proto_scalar.cpp: types, ranges and words of single values.
#include "daemon/base/proto_scalar.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <charconv>
#include <cmath>

#include "daemon/base/clock.h"
#include "daemon/base/hash.h"
#include "daemon/base/promise.h"
#include "tocsin/v1/options.pb.h"

namespace tocsin {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

/// `CountBasis` → `COUNT_BASIS_`, which proto style puts before every value's name.
std::string prefix_of(const pb::EnumDescriptor& type) {
  std::string out;
  for (const char c : type.name()) {
    if (c >= 'A' && c <= 'Z' && !out.empty()) out += '_';
    out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return out + "_";
}

std::string word_of(const pb::EnumValueDescriptor& value) {
  const std::string prefix = prefix_of(*value.type());
  std::string_view name = value.name();
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  return lower(name);
}

/// The words a person may write: a zero value named UNSPECIFIED means absence and is not one of them.
std::vector<std::string> words_of(const pb::EnumDescriptor& type) {
  std::vector<std::string> out;
  for (int i = 0; i < type.value_count(); ++i) {
    std::string word = word_of(*type.value(i));
    if (word != "unspecified") out.push_back(std::move(word));
  }
  return out;
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t end = text.find(by);
    out.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string hint_among(std::string_view word, const std::vector<std::string>& known) {
  return yaml::did_you_mean(word, std::vector<std::string_view>(known.begin(), known.end()));
}

Complaint wrong_type(const Field& field, const ScalarText& scalar, std::string hint = {}) {
  return {fmt::format("expected {}, found {}", expectation(field), scalar.shown), std::move(hint)};
}

template <typename Number>
std::optional<Number> number_of(const ScalarText& scalar) {
  Number out{};
  const char* end = scalar.text.data() + scalar.text.size();
  const auto [stop, error] = std::from_chars(scalar.text.data(), end, out);
  if (scalar.quoted || scalar.text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return out;
}

bool is_whole_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<Complaint> out_of_range(const Field& field, double value, const ScalarText& scalar, bool is_duration) {
  const auto& options = field.options();
  const auto text = [&](std::int64_t bound) {
    return is_duration ? duration_text(std::chrono::milliseconds(bound)) : std::to_string(bound);
  };
  if (options.HasExtension(v1::min) && value < static_cast<double>(options.GetExtension(v1::min))) {
    return Complaint{fmt::format("{} is less than {}, the least that `{}` may be", scalar.shown,
                                 text(options.GetExtension(v1::min)), field.name()), ""};
  }
  if (options.HasExtension(v1::max) && value > static_cast<double>(options.GetExtension(v1::max))) {
    return Complaint{fmt::format("{} is more than {}, the most that `{}` may be", scalar.shown,
                                 text(options.GetExtension(v1::max)), field.name()), ""};
  }
  return std::nullopt;
}

template <typename Number, typename Store>
std::optional<Complaint> set_number(const Field& field, const ScalarText& scalar, Store store) {
  const auto number = number_of<Number>(scalar);
  if (!number || (std::is_floating_point_v<Number> && !std::isfinite(static_cast<double>(*number)))) {
    if (std::is_integral_v<Number> && !scalar.quoted && is_whole_number(scalar.text)) {
      return Complaint{fmt::format("{} does not fit into `{}` ({} to {})", scalar.shown, field.name(),
                                   std::numeric_limits<Number>::min(), std::numeric_limits<Number>::max()), ""};
    }
    return wrong_type(field, scalar, scalar.quoted ? "without the quotes" : "");
  }
  if (auto complaint = out_of_range(field, static_cast<double>(*number), scalar, false)) return complaint;
  store(*number);
  return std::nullopt;
}

std::optional<Complaint> set_text(pb::Message& message, const Field& field, const ScalarText& scalar) {
  const auto* reflection = message.GetReflection();
  std::string value = scalar.text;
  if (field.type() == Field::TYPE_BYTES) {
    auto raw = bytes_of_base64(value);
    if (!raw) return wrong_type(field, scalar);
    value = std::move(*raw);
  } else if (const std::string& allowed = field.options().GetExtension(v1::one_of); !allowed.empty()) {
    const auto words = split(allowed, '|');
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      return wrong_type(field, scalar, hint_among(value, words));
    }
  }
  field.is_repeated() ? reflection->AddString(&message, &field, std::move(value))
                      : reflection->SetString(&message, &field, std::move(value));
  return std::nullopt;
}

std::optional<Complaint> set_enum(pb::Message& message, const Field& field, const ScalarText& scalar) {
  const auto* reflection = message.GetReflection();
  const pb::EnumDescriptor& type = *field.enum_type();
  for (int i = 0; i < type.value_count(); ++i) {
    const pb::EnumValueDescriptor* value = type.value(i);
    if (scalar.text != value->name() && scalar.text != word_of(*value)) continue;
    field.is_repeated() ? reflection->AddEnum(&message, &field, value) : reflection->SetEnum(&message, &field, value);
    return std::nullopt;
  }
  return wrong_type(field, scalar, hint_among(lower(scalar.text), words_of(type)));
}

pb::Message& slot_for_message(pb::Message& message, const Field& field) {
  const auto* reflection = message.GetReflection();
  return field.is_repeated() ? *reflection->AddMessage(&message, &field) : *reflection->MutableMessage(&message, &field);
}

void set_pair(pb::Message& message, std::int64_t seconds, std::int64_t nanos) {
  const pb::Descriptor& type = *message.GetDescriptor();
  message.GetReflection()->SetInt64(&message, type.FindFieldByName("seconds"), seconds);
  message.GetReflection()->SetInt32(&message, type.FindFieldByName("nanos"), static_cast<std::int32_t>(nanos));
}

std::optional<Complaint> set_message(pb::Message& message, const Field& field, const ScalarText& scalar) {
  const std::string& type = field.message_type()->full_name();
  if (type == "google.protobuf.Duration") {
    const auto duration = parse_duration(scalar.text);
    if (!duration) return wrong_type(field, scalar);
    if (auto complaint = out_of_range(field, static_cast<double>(duration->count()) / 1000, scalar, true)) return complaint;
    set_pair(slot_for_message(message, field), duration->count() / 1'000'000, duration->count() % 1'000'000 * 1000);
    return std::nullopt;
  }
  if (type == "google.protobuf.Timestamp") {
    const auto time = parse_rfc3339(scalar.text);
    if (!time) return wrong_type(field, scalar, scalar.text.size() >= 10 ? "a zone such as Z or +08:00 is needed" : "");
    const auto second = std::chrono::floor<std::chrono::seconds>(*time);
    set_pair(slot_for_message(message, field), second.time_since_epoch().count(), (*time - second).count() * 1000);
    return std::nullopt;
  }
  pb::Message& wrapper = slot_for_message(message, field);
  return set_scalar(wrapper, *wrapper.GetDescriptor()->FindFieldByName("value"), scalar);
}

bool is_wrapper(std::string_view name) {
  return name.starts_with("google.protobuf.") && name.ends_with("Value") && name != "google.protobuf.Value" &&
         name != "google.protobuf.ListValue";
}

}  // namespace

bool is_scalar_message(const pb::Descriptor& type) {
  return type.full_name() == "google.protobuf.Duration" || type.full_name() == "google.protobuf.Timestamp" ||
         is_wrapper(type.full_name());
}

std::string expectation(const Field& field) {
  switch (field.cpp_type()) {
    case Field::CPPTYPE_BOOL: return "true or false";
    case Field::CPPTYPE_INT32:
    case Field::CPPTYPE_INT64: return "a whole number";
    case Field::CPPTYPE_UINT32:
    case Field::CPPTYPE_UINT64: return "a whole number from 0";
    case Field::CPPTYPE_DOUBLE:
    case Field::CPPTYPE_FLOAT: return "a number";
    case Field::CPPTYPE_ENUM: return fmt::format("one of {}", fmt::join(words_of(*field.enum_type()), ", "));
    case Field::CPPTYPE_STRING: {
      const std::string& allowed = field.options().GetExtension(v1::one_of);
      if (!allowed.empty()) return fmt::format("one of {}", fmt::join(split(allowed, '|'), ", "));
      return field.type() == Field::TYPE_BYTES ? "base64" : "a text";
    }
    case Field::CPPTYPE_MESSAGE: break;
  }
  const pb::Descriptor& type = *field.message_type();
  if (type.full_name() == "google.protobuf.Duration") return "a duration such as 90s, 10m or 24h";
  if (type.full_name() == "google.protobuf.Timestamp") return "a time such as 2026-11-24T02:15:00Z";
  if (type.full_name() == "google.protobuf.ListValue") return "a list";
  if (is_wrapper(type.full_name())) return expectation(*type.FindFieldByName("value"));
  return "a map";
}

std::optional<Complaint> set_scalar(pb::Message& message, const Field& field, const ScalarText& scalar) {
  const auto* r = message.GetReflection();
  const bool add = field.is_repeated();
  switch (field.cpp_type()) {
    case Field::CPPTYPE_INT32:
      return set_number<std::int32_t>(field, scalar, [&](auto n) { add ? r->AddInt32(&message, &field, n) : r->SetInt32(&message, &field, n); });
    case Field::CPPTYPE_INT64:
      return set_number<std::int64_t>(field, scalar, [&](auto n) { add ? r->AddInt64(&message, &field, n) : r->SetInt64(&message, &field, n); });
    case Field::CPPTYPE_UINT32:
      return set_number<std::uint32_t>(field, scalar, [&](auto n) { add ? r->AddUInt32(&message, &field, n) : r->SetUInt32(&message, &field, n); });
    case Field::CPPTYPE_UINT64:
      return set_number<std::uint64_t>(field, scalar, [&](auto n) { add ? r->AddUInt64(&message, &field, n) : r->SetUInt64(&message, &field, n); });
    case Field::CPPTYPE_DOUBLE:
      return set_number<double>(field, scalar, [&](auto n) { add ? r->AddDouble(&message, &field, n) : r->SetDouble(&message, &field, n); });
    case Field::CPPTYPE_FLOAT:
      return set_number<float>(field, scalar, [&](auto n) { add ? r->AddFloat(&message, &field, n) : r->SetFloat(&message, &field, n); });
    case Field::CPPTYPE_BOOL: {
      if (scalar.quoted || (scalar.text != "true" && scalar.text != "false")) {
        const std::string word = lower(scalar.text);
        const bool yes = word == "yes" || word == "on" || word == "true";
        const bool no = word == "no" || word == "off" || word == "false";
        return wrong_type(field, scalar, yes ? "write true" : no ? "write false" : "");
      }
      add ? r->AddBool(&message, &field, scalar.text == "true") : r->SetBool(&message, &field, scalar.text == "true");
      return std::nullopt;
    }
    case Field::CPPTYPE_STRING: return set_text(message, field, scalar);
    case Field::CPPTYPE_ENUM: return set_enum(message, field, scalar);
    case Field::CPPTYPE_MESSAGE: return set_message(message, field, scalar);
  }
  TOCSIN_ASSERT(false && "every kind of field is read");
}

}  // namespace tocsin
