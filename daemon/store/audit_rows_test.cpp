// audit_rows_test.cpp: an attacker with the database in hand edits, deletes, swaps and truncates; verify names the row.
#include <gmock/gmock.h>

#include "daemon/store/test_store.h"

namespace tocsin::store {
namespace {

using testing::HasSubstr;

class Audit : public testing::Test {
 protected:
  void SetUp() override {
    auto store = *open_store(path_);
    for (int i = 1; i <= 6; ++i)
      commit(*store, [i](Transaction& tx) {
        ASSERT_TRUE(tx.append_audit({i % 2 == 0 ? "unix:bob" : "unix:alice"}, instant_of(i * 1000), "act", fmt::format("object-{}", i), fmt::format("{{\"n\":{}}}", i)));
      });
    head_ = *store->read()->audit_head();
  }
  AuditVerdict after(const std::string& attack, const std::vector<Checkpoint>& checkpoints = {}) {
    if (!attack.empty()) sql(path_, "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;" + attack);
    auto store = *open_store(path_);
    return *store->read()->verify_audit(checkpoints);
  }
  TempDir dir_;
  std::string path_ = dir_.file("s.db");
  Checkpoint head_;
};

TEST_F(Audit, an_untouched_chain_is_intact) {
  const auto verdict = after("", {head_});
  EXPECT_TRUE(verdict.intact) << verdict.problem;
  EXPECT_EQ(verdict.rows, 6);
}

TEST_F(Audit, an_edit_of_any_column_is_found_with_its_row) {
  for (const char* column : {"principal='unix:eve'", "act='other'", "object='x'", "detail='{}'", "at=5"}) {
    TempDir copy;
    std::filesystem::copy(path_, copy.file("s.db"));
    sql(copy.file("s.db"), fmt::format("DROP TRIGGER audit_no_update; UPDATE audit SET {} WHERE seq=3", column));
    auto store = *open_store(copy.file("s.db"));
    const auto verdict = *store->read()->verify_audit();
    EXPECT_FALSE(verdict.intact) << column;
    EXPECT_THAT(verdict.problem, HasSubstr("row 3")) << column;
  }
}

TEST_F(Audit, our_own_code_cannot_edit_or_delete) {
  auto direct = *Connection::open(path_, false);
  EXPECT_FALSE(direct->script("UPDATE audit SET act='x' WHERE seq=1"));
  EXPECT_FALSE(direct->script("DELETE FROM audit WHERE seq=1"));
}

TEST_F(Audit, a_deleted_row_is_missed) { EXPECT_THAT(after("DELETE FROM audit WHERE seq=4").problem, HasSubstr("row 4 is missing")); }

TEST_F(Audit, a_deleted_row_with_the_rest_renumbered_is_found) {
  EXPECT_THAT(after("DELETE FROM audit WHERE seq=4; UPDATE audit SET seq=4 WHERE seq=5; UPDATE audit SET seq=5 WHERE seq=6;"
                    "UPDATE audit_head SET rows=5").problem, HasSubstr("row 4"));
}

TEST_F(Audit, swapped_rows_are_found) {
  EXPECT_THAT(after("UPDATE audit SET seq=99 WHERE seq=2; UPDATE audit SET seq=2 WHERE seq=3; UPDATE audit SET seq=3 WHERE seq=99").problem, HasSubstr("row 2"));
}

TEST_F(Audit, a_truncation_is_found_by_the_head) { EXPECT_THAT(after("DELETE FROM audit WHERE seq>4").problem, HasSubstr("rows 5 to 6 are missing from the end")); }

TEST_F(Audit, a_truncation_that_also_edits_the_head_is_found_by_the_checkpoint) {
  const std::string attack = "DELETE FROM audit WHERE seq>4; UPDATE audit_head SET rows=4, hash=(SELECT hash FROM audit WHERE seq=4)";
  EXPECT_TRUE(after(attack).intact) << "without a checkpoint nobody can know";
  auto store = *open_store(path_);
  EXPECT_THAT(store->read()->verify_audit({head_})->problem, HasSubstr("rows 5 to 6 are missing from the end: a checkpoint"));
}

TEST_F(Audit, a_chain_rewritten_from_scratch_is_found_by_the_checkpoint) {
  sql(path_, "DROP TRIGGER audit_no_delete; DELETE FROM audit; DELETE FROM audit_head");
  auto store = *open_store(path_);
  for (int i = 1; i <= 6; ++i)
    commit(*store, [i](Transaction& tx) { ASSERT_TRUE(tx.append_audit({"unix:eve"}, instant_of(i), "act", "o")); });
  EXPECT_TRUE(store->read()->verify_audit()->intact);
  EXPECT_THAT(store->read()->verify_audit({head_})->problem, HasSubstr("row 6 differs from the checkpoint"));
}

TEST_F(Audit, an_emptied_table_is_found) { EXPECT_THAT(after("DELETE FROM audit").problem, HasSubstr("rows 1 to 6")); }

TEST_F(Audit, an_act_without_a_principal_is_refused_and_rolls_back_with_its_transaction) {
  auto store = *open_store(path_);
  auto tx = *store->begin();
  EXPECT_FALSE(tx.append_audit({""}, instant_of(1), "act", "o"));
}

TEST_F(Audit, principals_are_known_by_name) {
  auto store = *open_store(path_);
  EXPECT_EQ(*store->read()->principals(), (std::vector<std::string>{"unix:alice", "unix:bob"}));
}

}  // namespace
}  // namespace tocsin::store
