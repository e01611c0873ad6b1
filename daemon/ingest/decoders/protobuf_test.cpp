// protobuf_test.cpp: the walk over the wire tells what generated code tells, of honest bytes and of changed ones.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <random>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/ingest/decoders/decoders.h"
#include "tocsin/v1/event.pb.h"

namespace tocsin::ingest {
namespace {

namespace pb = google::protobuf;

/// One line a node, from generated code by reflection; the entries of a map sorted, since its order is nobody's.
class Teller {
 public:
  static std::string told(const pb::Message& message) {
    Teller teller;
    teller.object(message, "");
    return teller.out_;
  }

 private:
  void line(std::string_view kind, std::string_view key, std::string_view text) { out_ += fmt::format("{:>{}}{} {}={}\n", "", depth_ * 2, kind, key, text); }

  void object(const pb::Message& from, std::string_view key) {
    line("object", key, "");
    ++depth_;
    std::vector<const pb::FieldDescriptor*> set;
    from.GetReflection()->ListFields(from, &set);
    for (const pb::FieldDescriptor* field : set) {
      if (field->is_map()) {
        line("object", field->name(), "");
        ++depth_;
        const auto& event = static_cast<const v1::AccessEvent&>(from);
        for (const auto& [name, value] : std::map<std::string, std::string>(event.labels().begin(), event.labels().end())) line("text", name, value);
        --depth_;
      } else if (field->is_repeated()) {
        line("array", field->name(), "");
        ++depth_;
        for (int i = 0; i < from.GetReflection()->FieldSize(from, field); ++i) value(from, *field, i, "");
        --depth_;
      } else {
        value(from, *field, -1, field->name());
      }
    }
    --depth_;
  }

  void value(const pb::Message& from, const pb::FieldDescriptor& field, int at, std::string_view key) {
    const pb::Reflection& get = *from.GetReflection();
    const bool many = at >= 0;
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_STRING: return line("text", key, many ? get.GetRepeatedString(from, &field, at) : get.GetString(from, &field));
      case pb::FieldDescriptor::CPPTYPE_BOOL: return line("boolean", key, get.GetBool(from, &field) ? "true" : "false");
      case pb::FieldDescriptor::CPPTYPE_INT64: return line("number", key, fmt::format("{}", get.GetInt64(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_UINT32: return line("number", key, fmt::format("{}", get.GetUInt32(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_UINT64: return line("number", key, fmt::format("{}", get.GetUInt64(from, &field)));
      case pb::FieldDescriptor::CPPTYPE_ENUM: return line("text", key, get.GetEnum(from, &field)->name());
      case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
        const pb::Message& child = many ? get.GetRepeatedMessage(from, &field, at) : get.GetMessage(from, &field);
        if (child.GetDescriptor()->full_name() != "google.protobuf.Timestamp") return object(child, key);
        const auto& time = static_cast<const pb::Timestamp&>(child);
        return line("text", key, rfc3339(instant_of(time.seconds() * 1'000'000 + time.nanos() / 1'000)));
      }
      default: FAIL() << "AccessEvent has got a type that this test does not know: " << field.full_name();
    }
  }

  int depth_ = 0;
  std::string out_;
};

std::string told(const Document& document) {
  constexpr std::string_view kKinds[] = {"object", "array", "text", "number", "boolean", "null"};
  std::string out;
  const auto tell = [&](auto&& self, std::uint32_t at, int depth) -> void {
    const Node& node = document.nodes[at];
    out += fmt::format("{:>{}}{} {}={}\n", "", depth * 2, kKinds[static_cast<std::size_t>(node.kind)], node.key, node.text);
    std::vector<std::uint32_t> children;
    for_children(document, at, [&](std::uint32_t child) { children.push_back(child); });
    if (node.key == "labels" && depth == 1) {
      std::sort(children.begin(), children.end(), [&](std::uint32_t a, std::uint32_t b) { return document.nodes[a].key < document.nodes[b].key; });
    }
    for (const std::uint32_t child : children) self(self, child, depth + 1);
  };
  tell(tell, 0, 0);
  return out;
}

/// What generated code and the limits of times make of the bytes: the reason of a dead letter, or the nodes.
std::string expected(std::string_view bytes) {
  const pb::LogSilencer quiet;   // The library tells of every broken text.
  v1::AccessEvent event;
  if (!event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return "not_protobuf";
  const auto in = [](const pb::Timestamp& at) { return at.seconds() >= -62'135'596'800 && at.seconds() <= 253'402'300'799 && at.nanos() >= 0 && at.nanos() < 1'000'000'000; };
  if (!in(event.time()) || !in(event.retention_until()) || !in(event.partner().valid_to())) return "bad_time";
  return Teller::told(event);
}

std::string outcome(std::string_view bytes, Document& document) {
  const auto dead = decode_protobuf(bytes, document);
  return dead ? std::string(dead->reason) : told(document);
}

/// A random message by reflection.
class Author {
 public:
  explicit Author(std::uint64_t seed) : random(seed) {}

  void fill(pb::Message& out) {
    const pb::Descriptor& type = *out.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const pb::FieldDescriptor* field = type.field(i);
      if (random() % 3 == 0) continue;
      if (field->is_map()) {
        for (unsigned n = random() % 4; n > 0; --n) (*static_cast<v1::AccessEvent&>(out).mutable_labels())[text()] = text();
      } else if (field->is_repeated()) {
        for (unsigned n = random() % 4; n > 0; --n) add(out, *field);
      } else {
        set(out, *field);
      }
    }
  }
  std::string text() {
    std::string out;
    for (unsigned n = random() % 10; n > 0; --n) out += std::array<std::string_view, 6>{"a", "b", ".", "é", "中", "😀"}[random() % 6];
    return out;
  }

  std::mt19937_64 random;

 private:
  void add(pb::Message& out, const pb::FieldDescriptor& field) {
    if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) out.GetReflection()->AddString(&out, &field, text());
    else fill(*out.GetReflection()->AddMessage(&out, &field));
  }
  void set(pb::Message& out, const pb::FieldDescriptor& field) {
    const pb::Reflection& to = *out.GetReflection();
    const std::uint64_t any = random() >> random() % 64;
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_STRING: return to.SetString(&out, &field, text());
      case pb::FieldDescriptor::CPPTYPE_BOOL: return to.SetBool(&out, &field, any % 2 == 0);
      case pb::FieldDescriptor::CPPTYPE_INT64: return to.SetInt64(&out, &field, static_cast<std::int64_t>(any));
      case pb::FieldDescriptor::CPPTYPE_UINT32: return to.SetUInt32(&out, &field, static_cast<std::uint32_t>(any));
      case pb::FieldDescriptor::CPPTYPE_UINT64: return to.SetUInt64(&out, &field, any);
      case pb::FieldDescriptor::CPPTYPE_ENUM: return to.SetEnumValue(&out, &field, static_cast<int>(random() % 6) - 1);
      case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
        pb::Message& child = *to.MutableMessage(&out, &field);
        if (child.GetDescriptor()->full_name() != "google.protobuf.Timestamp") return fill(child);
        static_cast<pb::Timestamp&>(child).set_seconds(static_cast<std::int64_t>(random() % (random() % 50 == 0 ? UINT64_MAX : 4'000'000'000)));
        return static_cast<pb::Timestamp&>(child).set_nanos(static_cast<int>(random() % 1'000'000'000));
      }
      default: FAIL();
    }
  }
};

TEST(Protobuf, every_message_reads_as_generated_code_reads_it) {
  Author author(3);
  Document document;
  int events = 0;
  for (int i = 0; i < 4'000 && !::testing::Test::HasFailure(); ++i) {
    v1::AccessEvent event;
    author.fill(event);
    const std::string bytes = event.SerializeAsString();
    if (bytes.empty()) continue;
    const std::string wanted = expected(bytes);
    EXPECT_EQ(outcome(bytes, document), wanted);
    events += wanted.starts_with("object") ? 1 : 0;
  }
  EXPECT_GT(events, 3'000);
}

TEST(Protobuf, fields_written_twice_or_in_any_order_are_merged_alike) {
  Author author(5);
  Document document;
  for (int i = 0; i < 3'000 && !::testing::Test::HasFailure(); ++i) {
    // One message after the other is their merge, and each field alone makes their order any.
    std::string bytes;
    for (unsigned n = 2 + author.random() % 6; n > 0; --n) {
      v1::AccessEvent event;
      author.fill(event);
      for (int drop = 0; drop < event.GetDescriptor()->field_count(); ++drop) {
        if (author.random() % 3 != 0) event.GetReflection()->ClearField(&event, event.GetDescriptor()->field(drop));
      }
      bytes += event.SerializeAsString();
    }
    if (bytes.empty()) continue;
    EXPECT_EQ(outcome(bytes, document), expected(bytes));
  }
}

TEST(Protobuf, a_changed_byte_changes_both_alike) {
  Author author(7);
  Document document;
  int dead = 0, alive = 0;
  for (int i = 0; i < 3'000 && !::testing::Test::HasFailure(); ++i) {
    v1::AccessEvent event;
    author.fill(event);
    const std::string honest = event.SerializeAsString();
    for (int n = 0; n < 10 && !honest.empty(); ++n) {
      std::string bytes = honest;
      const std::size_t at = author.random() % bytes.size();
      switch (author.random() % 4) {
        case 0: bytes.resize(at); break;
        case 1: bytes.insert(at, 1, static_cast<char>(author.random())); break;
        default: bytes[at] = static_cast<char>(author.random());
      }
      if (bytes.empty()) continue;
      const std::string wanted = expected(bytes);
      EXPECT_EQ(outcome(bytes, document), wanted) << ::testing::PrintToString(bytes);
      ++(wanted.starts_with("object") ? alive : dead);
    }
  }
  EXPECT_GT(dead, 3'000);
  EXPECT_GT(alive, 3'000);
}

TEST(Protobuf, hostile_bytes_end_in_the_same_answer) {
  using std::string_literals::operator""s;
  Document document;
  const std::string groups_within = [] {
    std::string out;
    for (int i = 0; i < 99; ++i) out += "\xfb\x01";   // Field 31 begins a group.
    for (int i = 0; i < 99; ++i) out += "\xfc\x01";
    return out;
  }();
  std::string bomb;
  for (int i = 0; i < 200'000; ++i) bomb += "\xfb\x01";
  const std::string attacks[] = {
      "\x0a\xff\xff\xff\xff\x07"s,                      // 2 GiB of uid.
      "\x0a\xff\xff\xff\xff\x0f"s,                      // −1 of it.
      "\x0a\x80\x80\x80\x80\x00"s,                      // No bytes, said in five.
      "\x22\x0a\x0a\x01"s,                              // An actor that ends within its id.
      "\x22\x03\x0a\x05" "ab"s,                         // An id longer than its actor.
      "\x00"s, "\x07"s, "\x06\x00"s, "\x04"s,           // Field 0, no type, an end without a begin.
      "\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"s,  // More bits than a number has.
      "\x40\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,
      "\x0d\x01\x02\x03\x04"s,                          // uid as a fixed32: another type is passed over.
      "\x08\x05"s, "\x42\x01x"s,                        // uid as a number, a count as a text.
      "\xf8\x3f\x01\xfa\x3f\x02hi"s,                    // Fields that we do not know.
      "\x0a\x02\xc3\x28"s, "\x0a\x03\xed\xa0\x80"s,     // Texts that are no UTF-8.
      "\x50\x09"s, "\x50\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,   // Count bases of the future.
      "\xc2\x01\x00"s, "\xc2\x01\x03\x12\x01v"s,        // A label without name or value, one without a name.
      "\xc2\x01\x06\x0a\x01k\x12\x01v\xc2\x01\x06\x0a\x01k\x12\x01w"s,   // A label written twice.
      groups_within, "\xfb\x01" + groups_within + "\xfc\x01", "\xfb\x01\xfb\x01" + groups_within + "\xfc\x01\xfc\x01", bomb,
      "\xfb\x01\xfc\x02"s,                              // A group that another one ends.
  };
  for (const std::string& bytes : attacks) EXPECT_EQ(outcome(bytes, document), expected(bytes)) << ::testing::PrintToString(bytes.substr(0, 40));
  EXPECT_EQ(outcome(std::string(limits::kEventBytesMax + 1, 'x'), document), "too_large");
  EXPECT_EQ(outcome("", document), "empty");
  std::string labels;
  for (int i = 0; i < 100'000; ++i) labels += "\xc2\x01\x06\x0a\x01k\x12\x01v";
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(labels, document), "object =\n  object labels=\n    text k=v\n");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

}  // namespace
}  // namespace tocsin::ingest
