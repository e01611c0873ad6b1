// contacts.cpp: clear identifiers become keyed hashes here; addresses go on only as Pii.
#include "daemon/casebook/contacts.h"

#include "daemon/base/file.h"
#include "daemon/casebook/act.h"
#include "daemon/casebook/csv.h"

namespace tocsin::casebook {
namespace {

constexpr std::string_view kColumns[] = {"id", "id_type", "locale", "email", "phone", "push_token", "guardian_id"};
enum Column : std::size_t { kId, kIdType, kLocale, kEmail, kPhone, kPushToken, kGuardian, kColumnCount };
static_assert(std::size(kColumns) == kColumnCount);

using Places = std::array<std::size_t, kColumnCount>;   // Where each column stands; npos: not in this file.
constexpr std::size_t kAbsent = std::string::npos;

Result<Places> read_header(std::string_view path, const CsvRecord& header) {
  Places places;
  places.fill(kAbsent);
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    const std::string_view name = trimmed(header.fields[i]);
    const auto* known = std::find(std::begin(kColumns), std::end(kColumns), name);
    if (known == std::end(kColumns))
      return bad_input(fmt::format("{}:{}: column {} has a name that is not one of {}", path, header.line, i + 1, fmt::join(kColumns, ", ")));
    const auto column = static_cast<std::size_t>(known - std::begin(kColumns));
    if (places[column] != kAbsent) return bad_input(fmt::format("{}:{}: the column `{}` stands twice", path, header.line, name));
    places[column] = i;
  }
  for (const Column needed : {kId, kIdType})
    if (places[needed] == kAbsent) return bad_input(fmt::format("{}:{}: the column `{}` is missing", path, header.line, kColumns[needed]));
  return places;
}

Result<Pii> address(std::string_view id_type, std::string_view clear) {
  if (trimmed(clear).empty()) return Pii();
  TOCSIN_ASSIGN(std::string text, normalised_id(id_type, trimmed(clear)));
  return Pii(std::move(text));
}

}  // namespace

Result<std::vector<store::ContactRow>> read_contacts(std::string_view path, std::string_view text, const SubjectKey& key) {
  TOCSIN_ASSIGN(const auto records, read_csv(path, text));
  if (records.empty()) return bad_input(fmt::format("{}:1: the header is missing: {}", path, fmt::join(kColumns, ",")));
  TOCSIN_ASSIGN(const Places places, read_header(path, records.front()));
  std::vector<store::ContactRow> rows;
  std::map<Id128, std::size_t> lines;
  for (std::size_t i = 1; i < records.size(); ++i) {
    const CsvRecord& record = records[i];
    const auto wrong = [&](std::string_view what) { return bad_input(fmt::format("{}:{}: {}", path, record.line, what)); };
    if (record.fields.size() != records.front().fields.size())
      return wrong(fmt::format("{} fields instead of the header's {}", record.fields.size(), records.front().fields.size()));
    const auto field = [&](Column column) { return places[column] == kAbsent ? std::string_view() : trimmed(record.fields[places[column]]); };
    if (field(kIdType).empty()) return wrong("`id_type` is empty");
    store::ContactRow row;
    auto subject = subject_of(key, field(kIdType), field(kId));
    if (!subject) return wrong("`id` is empty or not UTF-8");
    row.subject = std::move(*subject);
    row.locale = field(kLocale);
    auto email = address("email", field(kEmail));
    auto phone = address("phone", field(kPhone));
    if (!email || !phone) return wrong("an address is not UTF-8");
    // What cannot be an address is said now, not on the night of the incident.
    if (!email->empty() && (email->reveal().find('@') == std::string::npos || email->reveal().find_first_of(" \t\r\n<>") != std::string::npos))
      return wrong("`email` is not a mail address");
    if (!phone->empty() && phone->reveal().front() != '+') return wrong("`phone` is not a valid telephone number; write it with its country code, for example +86…");
    row.email = std::move(*email);
    row.phone = std::move(*phone);
    row.push_token = Pii(std::string(field(kPushToken)));
    if (!field(kGuardian).empty()) {
      auto guardian = subject_of(key, field(kIdType), field(kGuardian));
      if (!guardian) return wrong("`guardian_id` is not UTF-8");
      if (guardian->ref == row.subject.ref) return wrong("a person cannot be its own guardian");
      row.guardian = guardian->ref;
    }
    const auto [known, fresh] = lines.emplace(row.subject.ref, record.line);
    if (!fresh) return wrong(fmt::format("this person stands on line {} already", known->second));
    rows.push_back(std::move(row));
  }
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].guardian && lines.count(*rows[i].guardian) == 0)
      return bad_input(fmt::format("{}:{}: the guardian is not in this file, so the child's guardian could not be told", path, lines.at(rows[i].subject.ref)));
  return rows;
}

ContactsFile::ContactsFile(std::string path, SubjectKey key) : path_(std::move(path)), key_(std::move(key)) {}

Result<std::int64_t> ContactsFile::refresh(store::Store& store, Instant now) {
  if (path_.empty()) return -1;
  auto text = read_file(path_);
  if (!text) return while_doing("reading the contacts", std::move(text).error());
  std::string print = fingerprint(*text);
  if (print == seen_) return -1;
  auto rows = read_contacts(path_, *text, key_);
  if (!rows) return while_doing("reading the contacts", std::move(rows).error());
  TOCSIN_ASSIGN(auto tx, store.begin());
  TOCSIN_TRY(tx.replace_contacts(*rows));
  TOCSIN_TRY(tx.append_audit({store::kSystem}, now, "contacts.loaded", "contacts",
                             json_object({{"rows", std::to_string(rows->size())}, {"sha256", sha256_hex(*text)}})));
  TOCSIN_TRY(tx.commit());
  seen_ = std::move(print);
  return static_cast<std::int64_t>(rows->size());
}

}  // namespace tocsin::casebook
