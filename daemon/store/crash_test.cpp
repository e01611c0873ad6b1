// crash_test.cpp: kill -9 in the middle of a transaction, and bodies that an attacker moves about.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include "daemon/store/test_store.h"
#include "daemon/store/times.h"

namespace tocsin::store {
namespace {

using testing::HasSubstr;

v1::Incident incident_named(const std::string& id) {
  v1::Incident incident;
  incident.set_incident_id(id);
  incident.set_state(v1::SUSPECTED);
  incident.set_title("CANARY-title");
  *incident.mutable_opened_at() = timestamp_of(instant_of(1));
  return incident;
}

/// Runs `work` in a process of its own, which kills itself at the end of it.
template <typename Work>
void killed_after(const Work& work) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(Crash, before_the_commit_nothing_is_there_and_after_it_everything) {
  TempDir dir;
  { ASSERT_TRUE(open_store(dir.file("s.db"))); }
  const auto write = [&](bool and_commit) {
    auto store = open_store(dir.file("s.db"));
    auto tx = (*store)->begin();
    (void)tx->acquire_epoch();
    (void)tx->advance(1, 0, 10);
    (void)tx->insert_incident(incident_named("i1"));
    (void)tx->append_audit({"unix:alice"}, instant_of(1), "act", "i1");
    if (and_commit) (void)tx->commit();
    raise(SIGKILL);
  };
  killed_after([&] { write(false); });
  {
    auto store = *open_store(dir.file("s.db"));
    EXPECT_EQ(store->read()->progress()->committed, 0U);
    EXPECT_EQ(*store->read()->incident_count(), 0);
    EXPECT_EQ(store->read()->audit_head()->rows, 0);
  }
  killed_after([&] { write(true); });
  auto store = *open_store(dir.file("s.db"));
  EXPECT_EQ(store->read()->progress()->committed, 10U);
  EXPECT_EQ(*store->read()->incident_count(), 1);
  EXPECT_TRUE(store->read()->verify_audit()->intact);
}

TEST(Sealed, a_body_that_was_moved_to_another_row_does_not_open) {
  TempDir dir;
  {
    auto store = *open_store(dir.file("s.db"));
    commit(*store, [](Transaction& tx) {
      ASSERT_TRUE(tx.insert_incident(incident_named("i1")));
      ASSERT_TRUE(tx.insert_incident(incident_named("i2")));
    });
  }
  EXPECT_FALSE(any_file_holds(dir, "CANARY"));
  sql(dir.file("s.db"), "UPDATE incident SET sealed_body=(SELECT sealed_body FROM incident WHERE incident_id='i2') WHERE incident_id='i1'");
  auto store = *open_store(dir.file("s.db"));
  const auto read = store->read()->incident("i1");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().text, HasSubstr("incident i1"));
  EXPECT_TRUE(store->read()->incident("i2"));
}

TEST(Sealed, a_key_that_was_moved_to_another_incident_does_not_open_it) {
  TempDir dir;
  {
    auto store = *open_store(dir.file("s.db"));
    commit(*store, [](Transaction& tx) {
      ASSERT_TRUE(tx.insert_incident(incident_named("i1")));
      ASSERT_TRUE(tx.insert_incident(incident_named("i2")));
    });
  }
  sql(dir.file("s.db"), "UPDATE incident_key SET wrapped=(SELECT wrapped FROM incident_key WHERE incident_id='i2') WHERE incident_id='i1'");
  auto store = *open_store(dir.file("s.db"));
  EXPECT_FALSE(store->read()->incident("i1"));
}

TEST(Sealed, another_seal_key_opens_nothing_and_says_so) {
  TempDir dir;
  {
    auto store = *open_store(dir.file("s.db"));
    commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.insert_incident(incident_named("i1"))); });
  }
  auto store = *Store::open({.path = dir.file("s.db"), .tenant = "t", .seal_key = Secret(std::string(32, 'x'))});
  EXPECT_THAT(store->read()->incident("i1").error().text, HasSubstr("is this the seal key it was made with?"));
}

TEST(Sealed, a_destroyed_key_leaves_no_byte_in_any_file) {
  TempDir dir;
  auto store = *open_store(dir.file("s.db"));
  commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.insert_incident(incident_named("i1"))); });
  std::string wrapped;
  {
    auto connection = *Connection::open(dir.file("s.db"), true);
    ASSERT_TRUE(connection->each("SELECT wrapped FROM incident_key", {}, [&](const Row& row) -> Result<void> {
      wrapped = row.text(0);
      return {};
    }));
  }
  ASSERT_FALSE(wrapped.empty());
  EXPECT_TRUE(any_file_holds(dir, wrapped));
  commit(*store, [](Transaction& tx) { ASSERT_TRUE(tx.destroy_incident_key("i1")); });
  EXPECT_FALSE(any_file_holds(dir, wrapped));
  EXPECT_EQ((*store->read()->incident("i1"))->title(), "erased");
  commit(*store, [](Transaction& tx) {
    EXPECT_FALSE(tx.update_incident(incident_named("i1"))) << "nothing can be added";
    EXPECT_FALSE(tx.destroy_incident_key("i1"));
  });
}

TEST(Store, a_row_that_points_at_no_incident_is_refused) {
  auto store = *open_store();
  auto tx = *store->begin();
  v1::Alert alert;
  alert.set_alert_id("a");
  alert.set_incident_id("nothing");
  EXPECT_FALSE(tx.insert_alert(alert));
  NoticeRow notice;
  notice.notice.set_notice_id("n");
  notice.notice.set_incident_id("nothing");
  EXPECT_FALSE(tx.insert_notice(notice));
}

}  // namespace
}  // namespace tocsin::store
