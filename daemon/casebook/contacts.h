// contacts.h: the system of record of addresses: a CSV, hashed and sealed while it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/result.h"
#include "daemon/model/subject.h"
#include "daemon/store/store.h"

namespace tocsin::casebook {

/// RFC 4180 (quotes, doubled quotes, line ends inside quotes, CRLF or LF, optional BOM). The header names the columns, in
/// any order: id, id_type, and any of locale, email, phone, push_token, guardian_id. bad_input with `path:line`, which
/// never repeats a value of the file. A person listed twice is an error naming both lines.
Result<std::vector<store::ContactRow>> read_contacts(std::string_view path, std::string_view text, const SubjectKey& key);

/// Watches one file. Used from one thread.
class ContactsFile {
 public:
  ContactsFile(std::string path, SubjectKey key);
  /// Loads the file into the store where it is new or has changed since the last call. The number of contacts loaded, or
  /// −1 where nothing changed. After an error the contacts loaded before stay.
  Result<std::int64_t> refresh(store::Store& store, Instant now);

 private:
  std::string path_;
  SubjectKey key_;
  std::string seen_;   ///< Fingerprint of what was loaded.
};

}  // namespace tocsin::casebook
