// store_test.cpp: opening, migrations, transactions, progress, partitions, dead letters, snapshots.
#include "daemon/store/store.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <thread>

#include "daemon/store/schema.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/test_store.h"

namespace tocsin::store {
namespace {

using testing::HasSubstr;

TEST(Store, a_new_file_is_private_and_opens_again) {
  TempDir dir;
  { ASSERT_TRUE(open_store(dir.file("s.db"))); }
  struct stat st {};
  ASSERT_EQ(stat(dir.file("s.db").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600U);
  EXPECT_TRUE(open_store(dir.file("s.db")));
}

TEST(Store, a_newer_schema_is_refused_and_not_touched) {
  TempDir dir;
  { ASSERT_TRUE(open_store(dir.file("s.db"))); }
  sql(dir.file("s.db"), "PRAGMA user_version=99");
  const auto again = open_store(dir.file("s.db"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_THAT(again.error().text, HasSubstr("schema version 99"));
}

TEST(Store, a_database_of_another_program_is_refused) {
  TempDir dir;
  sql(dir.file("s.db"), "CREATE TABLE theirs (x)");
  const auto opened = open_store(dir.file("s.db"));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("another program"));
}

TEST(Store, a_seal_key_of_the_wrong_length_is_bad_input) {
  const auto opened = Store::open({.path = ":memory:", .tenant = "t", .seal_key = Secret("short")});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::bad_input);
}

TEST(Schema, an_older_file_takes_only_the_missing_steps_and_a_broken_step_leaves_the_version_before) {
  TempDir dir;
  auto connection = *Connection::open(dir.file("s.db"), false);
  const Migration one[] = {{1, "CREATE TABLE a (x);"}};
  const Migration two[] = {{1, "CREATE TABLE a (x);"}, {2, "ALTER TABLE a ADD COLUMN y;"}};
  const Migration broken[] = {{1, "CREATE TABLE a (x);"}, {2, "ALTER TABLE a ADD COLUMN y;"}, {3, "CREATE TABLE c (x); CREATE TABLE a (x);"}};
  ASSERT_TRUE(migrate(*connection, "s.db", one));
  ASSERT_TRUE(migrate(*connection, "s.db", two));
  ASSERT_TRUE(migrate(*connection, "s.db", two));
  const auto failed = migrate(*connection, "s.db", broken);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().text, HasSubstr("schema version 3"));
  EXPECT_EQ(*connection->number("PRAGMA user_version", {}), 2);
  EXPECT_EQ(*connection->number("SELECT count(*) FROM sqlite_schema WHERE name='c'", {}), 0);
}

TEST(Schema, migrations_are_numbered_from_one_without_holes) {
  std::int64_t expected = 0;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, ++expected);
}

TEST(Store, a_transaction_that_is_dropped_leaves_nothing) {
  auto store = *open_store();
  { auto tx = *store->begin(); ASSERT_TRUE(tx.acquire_epoch()); }
  EXPECT_EQ(store->read()->progress()->epoch, 0U);
}

TEST(Store, a_view_sees_one_moment) {
  TempDir dir;
  auto store = *open_store(dir.file("s.db"));
  commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.acquire_epoch()); });
  auto view = *store->read();
  EXPECT_EQ(view.progress()->epoch, 1U);
  commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.acquire_epoch()); });
  EXPECT_EQ(view.progress()->epoch, 1U);
  EXPECT_EQ(store->read()->progress()->epoch, 2U);
}

TEST(Progress, only_the_newest_epoch_moves_it_and_only_from_where_it_stands) {
  auto store = *open_store();
  auto tx = *store->begin();
  const std::uint64_t first = *tx.acquire_epoch();
  EXPECT_TRUE(tx.advance(first, 0, 10));
  EXPECT_FALSE(tx.advance(first, 0, 20)) << "from a place that is past";
  EXPECT_FALSE(tx.advance(first, 10, 5)) << "backwards";
  const std::uint64_t second = *tx.acquire_epoch();
  EXPECT_EQ(second, first + 1);
  const auto zombie = tx.advance(first, 10, 20);
  ASSERT_FALSE(zombie);
  EXPECT_EQ(zombie.error().kind, ErrorKind::refused);
  EXPECT_THAT(zombie.error().text, HasSubstr("taken over"));
  EXPECT_TRUE(tx.advance(second, 10, 20));
  EXPECT_TRUE(tx.set_log_id("log-1"));
  EXPECT_EQ(tx.progress()->committed, 20U);
  EXPECT_EQ(tx.progress()->log_id, "log-1");
}

TEST(Partitions, an_unbalanced_row_is_refused_by_us_and_by_the_schema) {
  TempDir dir;
  auto store = *open_store(dir.file("s.db"));
  PartitionRow row{.source = "hr", .partition = 2, .start = 5, .next = 15, .applied = 6, .late = 1, .dead = 2, .gap = 1};
  row.record_hash = 0xffff'ffff'ffff'fff0ULL;
  commit(*store, [&](Transaction& tx) { ASSERT_TRUE(tx.put_partition(row)); });
  row.applied = 7;
  { auto tx = *store->begin(); EXPECT_FALSE(tx.put_partition(row)); }
  const auto rows = *store->read()->partitions();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].applied, 6);
  EXPECT_EQ(rows[0].record_hash, row.record_hash);
  EXPECT_TRUE(rows[0].balanced());
  auto direct = *Connection::open(dir.file("s.db"), false);
  EXPECT_FALSE(direct->run("UPDATE source_partition SET applied=7", {}));
}

TEST(DeadLetters, come_back_unchanged_are_known_once_and_are_sealed_at_rest) {
  TempDir dir;
  auto store = *open_store(dir.file("s.db"));
  const std::string value("{\"name\":\"CANARY-LETTER\"\0\xff}", 26);
  DeadLetterRow row{.source = "hr", .partition = 1, .offset = 7, .reason = "truncated", .detail = "ends early", .key = "CANARY-KEY", .value = value};
  commit(*store, [&](Transaction& tx) {
    ASSERT_TRUE(tx.add_dead_letter(row));
    row.reason = "other";
    ASSERT_TRUE(tx.add_dead_letter(row));
    ASSERT_TRUE(tx.mark_replayed("hr", 1, 7));
    EXPECT_FALSE(tx.mark_replayed("hr", 1, 8));
  });
  DeadLetterFilter filter;
  filter.with_value = true;
  const auto rows = *store->read()->dead_letters(filter);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].reason, "truncated");
  EXPECT_EQ(rows[0].value, value);
  EXPECT_EQ(rows[0].key, "CANARY-KEY");
  EXPECT_TRUE(rows[0].replayed);
  filter.unreplayed = true;
  EXPECT_TRUE(store->read()->dead_letters(filter)->empty());
  EXPECT_EQ(store->read()->dead_letter_counts()->at("truncated"), 1);
  EXPECT_FALSE(any_file_holds(dir, "CANARY"));
}

TEST(Snapshots, the_newest_two_stay_and_another_rule_set_has_none) {
  auto store = *open_store();
  auto tx = *store->begin();
  for (std::uint64_t offset : {10U, 20U, 30U}) ASSERT_TRUE(tx.put_snapshot({offset, "rules-1", fmt::format("state {}", offset), instant_of(1)}));
  EXPECT_EQ((*tx.snapshot("rules-1"))->body, "state 30");
  EXPECT_FALSE(tx.snapshot("rules-2")->has_value());
}

TEST(Store, threads_share_it_without_losing_a_write) {
  TempDir dir;
  auto store = *open_store(dir.file("s.db"));
  commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.acquire_epoch()); });
  const auto work = [&store] {
    for (int i = 0; i < 25; ++i) {
      auto tx = store->begin();
      ASSERT_TRUE(tx);
      const std::uint64_t at = tx->progress()->committed;
      ASSERT_TRUE(tx->advance(1, at, at + 1));
      ASSERT_TRUE(tx->commit());
      ASSERT_TRUE(store->read()->progress());
    }
  };
  std::thread one(work), two(work);
  one.join(), two.join();
  EXPECT_EQ(store->read()->progress()->committed, 50U);
}

TEST(Store, another_tenant_sees_nothing) {
  TempDir dir;
  { auto store = *open_store(dir.file("s.db"), "a"); commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.acquire_epoch()); }); }
  auto other = *open_store(dir.file("s.db"), "b");
  EXPECT_EQ(other->read()->progress()->epoch, 0U);
}

TEST(GroupKey, no_value_can_imitate_a_border) {
  const auto field = [](std::string name, std::string value) {
    v1::FieldValue f;
    f.set_field(std::move(name)), f.set_value(std::move(value));
    return f;
  };
  EXPECT_NE(group_key({field("a", "b;1:c=1:d")}), group_key({field("a", "b"), field("c", "d")}));
  EXPECT_EQ(group_key({field("a", "b")}), group_key({field("a", "b")}));
}

}  // namespace
}  // namespace tocsin::store
