// stage_two.cpp: the one transaction in which detection reaches the store.
#include "daemon/detect/stage_two.h"

#include "daemon/base/failpoint.h"

namespace tocsin::detect {

StageTwo::StageTwo(store::Store& store, casebook::Casebook& casebook, Correlator correlator, Fence fence)
    : store_(store), casebook_(casebook), correlator_(std::move(correlator)), fence_(fence) {}

Result<void> StageTwo::take(std::vector<v1::LogFrame>&& frames) {
  for (v1::LogFrame& frame : frames) TOCSIN_TRY(correlator_.take(std::move(frame), pending_));
  return {};
}

Result<casebook::Absorbed> StageTwo::store_pending(store::Transaction& tx, LogOffset after) {
  TOCSIN_TRY(tx.advance(fence_.epoch, fence_.committed, after));
  TOCSIN_ASSIGN(const casebook::Absorbed absorbed, casebook_.absorb(tx, pending_.effects));
  for (const PartitionKey& key : pending_.touched) TOCSIN_TRY(tx.put_partition(correlator_.partitions().at(key)));
  for (const store::DeadLetterRow& row : pending_.dead_letters) TOCSIN_TRY(tx.add_dead_letter(row));
  for (const Place& place : pending_.replayed) TOCSIN_TRY(tx.mark_replayed(place.source, place.partition, place.offset));
  return absorbed;
}

Result<void> StageTwo::commit(LogOffset after) {
  for (const PartitionKey& key : pending_.touched) {
    // The store refuses such a row; counting it here lets the metric say which promise broke.
    if (!correlator_.partitions().at(key).balanced()) ++counts_.unbalanced;
  }
  casebook::Absorbed absorbed;
  Result<void> done;
  {
    TOCSIN_ASSIGN(store::Transaction tx, store_.begin());
    TOCSIN_ASSIGN(absorbed, store_pending(tx, after));
    failpoint("before_commit");
    done = tx.commit();
  }
  // Asked outside of the transaction, which would answer with what it hoped for.
  if (!done) TOCSIN_TRY(look_whether_committed(std::move(done).error(), after));
  failpoint("after_commit");
  fence_.committed = after;
  pending_ = {};
  ++counts_.commits;
  counts_.alerts += absorbed.new_alerts;
  counts_.incidents += absorbed.new_incidents;
  counts_.known_alerts += absorbed.known_alerts;
  return {};
}

Result<void> StageTwo::look_whether_committed(Error error, LogOffset after) {
  TOCSIN_ASSIGN(const store::View view, store_.read());
  TOCSIN_ASSIGN(const store::Progress now, view.progress());
  if (now.epoch == fence_.epoch && now.committed == after && after != fence_.committed) return {};
  return Failure(std::move(error));
}

}  // namespace tocsin::detect
