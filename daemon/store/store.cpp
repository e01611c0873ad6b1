// store.cpp: opening, connections, transactions, and the keys that seal what stands in rows.
#include "daemon/store/store.h"

#include "daemon/base/promise.h"
#include "daemon/store/schema.h"
#include "daemon/store/sqlite.h"

namespace tocsin::store {
namespace {

template <typename Fields>
std::string joined(const Fields& group) {
  // Lengths before the parts: no value can imitate a border.
  std::string key;
  for (const v1::FieldValue& field : group)
    key += fmt::format("{}:{}={}:{};", field.field().size(), field.field(), field.value().size(), field.value());
  return key;
}

}  // namespace

std::string group_key(const google::protobuf::RepeatedPtrField<v1::FieldValue>& group) { return joined(group); }
std::string group_key(const std::vector<v1::FieldValue>& group) { return joined(group); }
std::string group_hash(std::string_view key) { return identity({"group", key}).hex(); }

Store::Store(StoreSettings settings) : settings_(std::move(settings)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreSettings settings) {
  if (settings.seal_key.reveal().size() != 32) return bad_input("the seal key must have 32 bytes");
  if (settings.tenant.empty()) return bad_input("the tenant must have a name");
  std::unique_ptr<Store> store(new Store(std::move(settings)));
  const std::string& path = store->settings_.path;
  TOCSIN_ASSIGN(store->writer_, Connection::open(path, false));
  TOCSIN_TRY(migrate(*store->writer_, path, migrations()));
  return store;
}

Result<Transaction> Store::begin() {
  std::unique_lock lock(writer_mutex_);
  TOCSIN_TRY(writer_->script("BEGIN IMMEDIATE"));
  return Transaction(*this, *writer_, View::Ends::write, std::move(lock));
}

Result<View> Store::read() {
  // A memory database has one connection: its readers wait for the writer, except within the writer's own thread.
  if (settings_.path == ":memory:") return View(*this, *writer_, View::Ends::nothing, std::unique_lock(writer_mutex_));
  Connection* connection = nullptr;
  {
    const std::lock_guard lock(readers_mutex_);
    if (idle_.empty()) {
      TOCSIN_ASSIGN(auto fresh, Connection::open(settings_.path, true));
      idle_.push_back(fresh.get());
      readers_.push_back(std::move(fresh));
    }
    connection = idle_.back();
    idle_.pop_back();
  }
  if (auto begun = connection->script("BEGIN"); !begun) {
    give_back(*connection);
    return Failure(std::move(begun).error());
  }
  return View(*this, *connection, View::Ends::snapshot, {});
}

void Store::give_back(Connection& connection) {
  const std::lock_guard lock(readers_mutex_);
  idle_.push_back(&connection);
}

View::View(Store& store, Connection& connection, Ends ends, std::unique_lock<std::recursive_mutex> lock)
    : store_(&store), connection_(&connection), ends_(ends), lock_(std::move(lock)) {}

View::View(View&& other) noexcept
    : store_(other.store_),
      connection_(std::exchange(other.connection_, nullptr)),
      ends_(std::exchange(other.ends_, Ends::nothing)),
      lock_(std::move(other.lock_)),
      shred_(other.shred_),
      keys_(std::move(other.keys_)) {}

View::~View() {
  if (ends_ == Ends::write) (void)connection_->script("ROLLBACK");
  if (ends_ == Ends::snapshot) {
    (void)connection_->script("ROLLBACK");
    store_->give_back(*connection_);
  }
}

Result<void> Transaction::commit() {
  TOCSIN_ASSERT(ends_ == Ends::write);
  TOCSIN_TRY(connection_->script("COMMIT"));
  ends_ = Ends::nothing;
  // Else the destroyed key would stay readable in the write-ahead log until somebody else fills it.
  if (shred_) TOCSIN_TRY(connection_->script("PRAGMA wal_checkpoint(TRUNCATE)"));
  lock_.unlock();
  return {};
}

Result<std::vector<std::string>> Store::plans() {
  const std::lock_guard lock(writer_mutex_);
  return writer_->plans();
}

std::string Store::mac(std::string_view text) const { return hex_of(hmac_sha256(settings_.seal_key.reveal(), fmt::format("mac\n{}\n{}", tenant(), text))); }

const std::string& View::tenant() const { return store_->settings_.tenant; }

std::string View::sealed_here(std::string_view what, std::string_view clear) const {
  return seal(store_->settings_.seal_key, fmt::format("{}\n{}", tenant(), what), clear);
}

Result<std::string> View::unsealed_here(std::string_view what, std::string_view sealed) const {
  return unseal(store_->settings_.seal_key, fmt::format("{}\n{}", tenant(), what), sealed);
}

Result<std::optional<Secret>> View::incident_key(std::string_view incident_id) const {
  if (const auto known = keys_.find(incident_id); known != keys_.end()) return known->second;
  std::optional<std::string> wrapped;
  TOCSIN_TRY(connection_->each("SELECT wrapped FROM incident_key WHERE tenant=? AND incident_id=?", {tenant(), incident_id},
                               [&wrapped](const Row& row) -> Result<void> {
                                 wrapped = row.text(0);
                                 return {};
                               }));
  if (!wrapped) return std::nullopt;
  auto clear = unsealed_here(fmt::format("incident_key\n{}", incident_id), *wrapped);
  if (!clear) return while_doing(fmt::format("opening the key of incident {} (is this the seal key it was made with?)", incident_id), std::move(clear).error());
  return keys_.emplace(incident_id, Secret(std::move(*clear))).first->second;
}

Result<std::string> View::seal_for(std::string_view incident_id, std::string_view what, std::string_view clear) const {
  TOCSIN_ASSIGN(const auto key, incident_key(incident_id));
  if (!key) return refused(fmt::format("the key of incident {} was destroyed: nothing can be added to it", incident_id));
  return seal(*key, fmt::format("{}\n{}\n{}", tenant(), incident_id, what), clear);
}

Result<std::string> View::unseal_for(std::string_view incident_id, std::string_view what, std::string_view sealed) const {
  TOCSIN_ASSIGN(const auto key, incident_key(incident_id));
  if (!key) return bad_input(fmt::format("the personal data of incident {} were deleted", incident_id));
  auto clear = unseal(*key, fmt::format("{}\n{}\n{}", tenant(), incident_id, what), sealed);
  if (!clear) return while_doing(fmt::format("opening {} of incident {}", what, incident_id), std::move(clear).error());
  return clear;
}

}  // namespace tocsin::store
