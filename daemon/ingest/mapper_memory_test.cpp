// mapper_memory_test.cpp: what a mapper remembers from record to record changes nothing.
#include <gtest/gtest.h>

#include <random>

#include "daemon/base/limits.h"
#include "daemon/ingest/mapper.h"

namespace tocsin::ingest {
namespace {

struct World {
  World() {
    for (const char* name : {"a", "b", "c", "a.b", "b.a", "a.b.c", "id", "a.id", "Name"}) fields.intern(name);
    fields.wants_all = fields.wants_subjects = true;
    v1::Mapping& elements = add("elements");
    elements.add_match()->add_exists("list");
    elements.set_explode("list");
    elements.mutable_time()->set_optional(true);
    elements.mutable_time()->add_from("b");
    elements.mutable_time()->set_unit("any");
    v1::Mapping& turned = add("turned");   // Reads objects that also `stars` reads, otherwise.
    turned.add_match()->add_exists("other");
    turned.mutable_time()->set_optional(true);
    (*turned.mutable_fields())["a"].set_string_value("b");
    (*turned.mutable_fields())["b"].set_string_value("a");
    (*turned.mutable_fields())["a.b"].set_string_value("b.a");
    v1::Mapping& stars = add("stars");
    stars.mutable_time()->set_optional(true);
    for (const char* root : {"a.*", "*.*", "a", ""}) stars.add_roots(root);
    stars.mutable_subjects()->Add()->set_path("c");
    stars.mutable_subjects(0)->set_id("id");
    stars.mutable_subjects(0)->set_id_type("customer");
    stars.mutable_log_source()->set_category_from("b.a");
    stars.set_categories("a.b");
  }
  v1::Mapping& add(std::string name) {
    mappings.emplace_back().set_name(std::move(name));
    return mappings.back();
  }
  Mapper mapper() const {
    auto made = Mapper::make(mappings, fields, {.source = "s", .subject_key = {Secret(std::string(32, 'k')), 1}, .mappings = {"elements", "turned", "stars"}});
    EXPECT_TRUE(made) << made.error().text;
    return std::move(*made);
  }

  FieldTable fields;
  std::vector<v1::Mapping> mappings;
};

/// Everything that an event tells.
std::string told(Mapper& mapper, const FieldTable& fields, std::string value) {
  Record record;
  record.value = std::move(value);
  std::vector<Event> events;
  DeadLetter dead;
  if (!mapper.map(record, events, dead)) return fmt::format("{}: {}", dead.reason, dead.detail);
  std::string out;
  for (const Event& event : events) {
    out += fmt::format("{} {} {} {}", rfc3339(event.time), event.log_source.category, fmt::join(event.categories, ","), event.subjects.size());
    for (FieldTable::Slot slot = 0; slot < fields.size(); ++slot) {
      if (event.present(slot)) out += fmt::format("; {}", fields.name(slot));
      for (const Value& each : event.values(slot)) out += fmt::format(" {}:{}", static_cast<int>(each.type), each.raw);
    }
    out += '\n';
  }
  return out;
}

class Author {
 public:
  explicit Author(std::uint64_t seed) : random_(seed) {}

  std::string object(int depth) {
    static const char* const kKeys[] = {"a", "b", "c", "id", "list", "a.b", "b.c", "other", "a key of more than sixteen bytes", "\\u0061"};
    std::string out = "{", used;
    for (std::size_t i = 0, n = random_() % 5; i < n; ++i) {
      const std::size_t key = random_() % std::size(kKeys);
      if (used.find(static_cast<char>(key == 9 ? 0 : key)) != std::string::npos && random_() % 50 != 0) continue;   // Seldom twice.
      used += static_cast<char>(key == 9 ? 0 : key);
      out += fmt::format("{}\"{}\":{}", out.size() > 1 ? "," : "", kKeys[key], value(depth + 1));
    }
    return out + "}";
  }

 private:
  std::string value(int depth) {
    switch (random_() % (depth > 4 ? 4 : 8)) {
      case 0: return "null";
      case 1: return fmt::format("{}", random_() % 100);
      case 2:
      case 3: return fmt::format("\"t{}\"", random_() % 100);
      case 4: {
        std::string out = "[";
        for (std::size_t i = 0, n = random_() % 4; i < n; ++i) out += (i > 0 ? "," : "") + value(depth + 1);
        return out + "]";
      }
      default: return object(depth);
    }
  }

  std::mt19937_64 random_;
};

TEST(MapperMemory, random_documents_one_after_the_other_are_read_as_if_each_were_the_first) {
  const World world;
  Mapper old = world.mapper();
  Author author(3);
  std::size_t events = 0;
  for (int i = 0; i < 4'000; ++i) {
    const std::string value = author.object(0);
    Mapper fresh = world.mapper();
    const std::string expected = told(fresh, world.fields, value);
    ASSERT_EQ(told(old, world.fields, value), expected) << value;
    ASSERT_EQ(told(old, world.fields, value), expected) << "again: " << value;
    events += expected.starts_with("1970") ? 1U : 0U;
  }
  EXPECT_GT(events, 1'000U);
}

TEST(MapperMemory, whoever_makes_up_keys_without_end_changes_nothing_for_the_others) {
  const World world;
  Mapper mapper = world.mapper();
  told(mapper, world.fields, R"({"b":{"a":1},"x":{"y":2},"c":{"id":"another"},"a":{"b":{"c":7}}})");   // What is known first is not what is known first again.
  const std::string honest = R"({"a":{"b":{"c":1},"id":"x"},"c":{"id":"someone"},"b":{"a":"cat"}})";
  const std::string expected = told(mapper, world.fields, honest);
  EXPECT_NE(expected.find("cat"), std::string::npos);
  std::size_t made_up = 0;
  // First so many that no more are remembered, then so many that all is forgotten; each object has a key of its own.
  while (made_up < (1U << 20U) + 2 * limits::kKeyShapesMax + 40'000) {
    std::string value = "{\"made up\":[";
    for (std::size_t i = 0; i < 20'000; ++i) value += fmt::format("{}{{\"k{}\":1}}", i > 0 ? "," : "", made_up++);
    told(mapper, world.fields, value + "]}");
    ASSERT_EQ(told(mapper, world.fields, honest), expected) << made_up;
  }
}

}  // namespace
}  // namespace tocsin::ingest
