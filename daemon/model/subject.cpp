// subject.cpp: normalising identifiers, so that two spellings of one person give one hash.
#include "daemon/model/subject.h"

#include <phonenumbers/phonenumberutil.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

namespace tocsin {
namespace {

/// ICU replaces what is not UTF-8 without a word; two broken ids must not become one person.
bool is_utf8(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strFromUTF8(nullptr, 0, &length, text.data(), static_cast<std::int32_t>(text.size()), &status);
  return status == U_BUFFER_OVERFLOW_ERROR || U_SUCCESS(status) != 0;
}

/// Blanks of any script, and the invisible marks that come along when people copy from web pages.
bool is_blank(UChar32 c) { return u_isUWhiteSpace(c) != 0 || u_isISOControl(c) != 0 || u_charType(c) == U_FORMAT_CHAR; }

std::string trimmed(const icu::UnicodeString& text) {
  std::int32_t from = 0, to = text.length();
  while (from < to && is_blank(text.char32At(from))) from = text.moveIndex32(from, 1);
  while (to > from && is_blank(text.char32At(text.moveIndex32(to, -1)))) to = text.moveIndex32(to, -1);
  std::string out;
  text.tempSubStringBetween(from, to).toUTF8String(out);
  return out;
}

/// Only the domain: before the @ capitals may mean another mailbox.
std::string email(std::string text) {
  const std::size_t at = text.rfind('@');
  for (std::size_t i = at == std::string::npos ? text.size() : at; i < text.size(); ++i) {
    if (text[i] >= 'A' && text[i] <= 'Z') text[i] = static_cast<char>(text[i] - 'A' + 'a');
  }
  return text;
}

std::string phone(std::string text, std::string_view region) {
  const auto& numbers = *i18n::phonenumbers::PhoneNumberUtil::GetInstance();
  i18n::phonenumbers::PhoneNumber number;
  if (numbers.Parse(text, std::string(region), &number) != i18n::phonenumbers::PhoneNumberUtil::NO_PARSING_ERROR) return text;
  if (!numbers.IsValidNumber(number)) return text;
  std::string out;
  numbers.Format(number, i18n::phonenumbers::PhoneNumberUtil::E164, &out);
  return out;
}

}  // namespace

Result<std::string> normalised_id(std::string_view id_type, std::string_view clear_id, std::string_view default_region) {
  // No text of an error may hold the identifier.
  if (!is_utf8(clear_id)) return bad_input(fmt::format("an identifier of type `{}` is not UTF-8", id_type));
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) != 0) return unavailable(fmt::format("ICU's data are missing: {}", u_errorName(status)));
  const icu::UnicodeString raw = icu::UnicodeString::fromUTF8({clear_id.data(), static_cast<std::int32_t>(clear_id.size())});
  std::string text = trimmed(nfc->normalize(raw, status));
  if (U_FAILURE(status) != 0) return bad_input(fmt::format("an identifier of type `{}` cannot be normalised", id_type));
  if (text.empty()) return bad_input(fmt::format("an identifier of type `{}` is empty", id_type));
  if (id_type == "email") return email(std::move(text));
  if (id_type == "phone") return phone(std::move(text), default_region);
  return text;
}

Result<Subject> subject_of(const SubjectKey& key, std::string_view id_type, std::string_view clear_id, std::string_view default_region) {
  TOCSIN_ASSIGN(const std::string id, normalised_id(id_type, clear_id, default_region));
  std::string message(id_type);
  message += '\0';
  message += id;
  Subject subject;
  const std::string mac = hmac_sha256(key.bytes.reveal(), message);
  subject.ref = id128_from_bytes(std::string_view(mac).substr(0, 16));
  subject.id_type = id_type;
  subject.key_version = key.version;
  return subject;
}

}  // namespace tocsin
