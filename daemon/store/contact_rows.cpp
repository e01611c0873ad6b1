// contact_rows.cpp: the sealed copy of the system of record.
#include "daemon/store/packed.h"
#include "daemon/store/sqlite.h"
#include "daemon/store/store.h"

namespace tocsin::store {
namespace {

std::string contact_place(const Id128& ref) { return fmt::format("contact\n{}", ref.hex()); }

}  // namespace

Result<void> Transaction::replace_contacts(const std::vector<ContactRow>& rows) {
  TOCSIN_TRY(connection_->run("DELETE FROM contact WHERE tenant=?", {tenant()}));
  for (const ContactRow& row : rows)
    TOCSIN_TRY(connection_->run("INSERT INTO contact VALUES (?,?,?,?,?,?,?)",
                                {tenant(), Blob(row.subject.ref), row.subject.id_type, row.subject.key_version, row.locale,
                                 Blob(row.guardian ? row.guardian->view() : std::string_view()),
                                 Blob(sealed_here(contact_place(row.subject.ref), pack({row.email.reveal(), row.phone.reveal(), row.push_token.reveal()})))}));
  return {};
}

Result<std::optional<ContactRow>> View::contact(const Id128& ref) const {
  std::optional<ContactRow> found;
  TOCSIN_TRY(connection_->each("SELECT id_type, key_version, locale, guardian, sealed FROM contact WHERE tenant=? AND ref=?", {tenant(), Blob(ref)},
                               [&](const Row& row) -> Result<void> {
                                 ContactRow contact;
                                 contact.subject = {ref, row.text(0), static_cast<std::uint32_t>(row.integer(1))};
                                 contact.locale = row.text(2);
                                 if (const std::string guardian = row.text(3); !guardian.empty()) contact.guardian = id128_from_bytes(guardian);
                                 TOCSIN_ASSIGN(const std::string clear, unsealed_here(contact_place(ref), row.text(4)));
                                 TOCSIN_ASSIGN(std::vector<std::string> parts, unpack(clear, 3));
                                 contact.email = Pii(std::move(parts[0])), contact.phone = Pii(std::move(parts[1]));
                                 contact.push_token = Pii(std::move(parts[2]));
                                 found = std::move(contact);
                                 return {};
                               }));
  return found;
}

Result<std::int64_t> View::contact_count() const { return connection_->number("SELECT count(*) FROM contact WHERE tenant=?", {tenant()}); }

}  // namespace tocsin::store
