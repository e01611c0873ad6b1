// text.cpp: display widths, letters and time zones, from ICU's tables.
#include "daemon/model/text.h"

#include <unicode/timezone.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace tocsin {
namespace {

std::size_t cells_of(UChar32 c) {
  if (c < 0) return 1;
  const auto type = u_charType(c);
  if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR || type == U_CONTROL_CHAR) return 0;
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_FULLWIDTH || width == U_EA_WIDE ? 2 : 1;
}

/// One step through UTF-8; −1 for a byte that is none.
UChar32 next(std::string_view text, std::int32_t& at) {
  std::int32_t c = 0;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  c = bytes[at++];
  if (U8_IS_SINGLE(c)) return c;
  return utf8_nextCharSafeBody(bytes, &at, length, c, -1);
}

}  // namespace

std::size_t display_cells(std::string_view text) {
  std::size_t cells = 0;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) cells += cells_of(next(text, at));
  return cells;
}

std::string_view cut_to_cells(std::string_view text, std::size_t cells) {
  std::int32_t at = 0;
  for (std::size_t used = 0; at < static_cast<std::int32_t>(text.size());) {
    std::int32_t behind = at;
    used += cells_of(next(text, behind));
    if (used > cells) break;
    at = behind;
  }
  return text.substr(0, static_cast<std::size_t>(at));
}

bool has_cased_beyond_ascii(std::string_view text) {
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    const UChar32 c = next(text, at);
    if (c >= 0x80 && u_hasBinaryProperty(c, UCHAR_CASE_SENSITIVE)) return true;
  }
  return false;
}

std::vector<std::string> cases_beyond_ascii(std::string_view text) {
  std::vector<std::string> out;
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(text.size());) {
    const UChar32 c = next(text, at);
    if (c < 0x80) continue;
    icu::UnicodeSet all(c, c);
    all.closeOver(USET_CASE_INSENSITIVE);
    for (std::int32_t i = 0; i < all.getRangeCount(); ++i) {
      for (UChar32 each = all.getRangeStart(i); each <= all.getRangeEnd(i); ++each) icu::UnicodeString(each).toUTF8String(out.emplace_back());
    }
    break;
  }
  return out;
}

char32_t next_character(std::string_view text, std::size_t& at) {
  constexpr char32_t kBehindUnicode = 0x110000;
  auto i = static_cast<std::int32_t>(at);
  const UChar32 c = next(text, i);
  if (c < 0) return kBehindUnicode + static_cast<unsigned char>(text[at++]);
  at = static_cast<std::size_t>(i);
  return static_cast<char32_t>(c);
}

char32_t folded(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  if (c >= 0x110000) return c;
  return static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
}

bool is_word(char32_t c) { return c == '_' || (c < 0x110000 && u_isalnum(static_cast<UChar32>(c)) != 0); }

bool is_time_zone(std::string_view name) {
  const icu::UnicodeString id = icu::UnicodeString::fromUTF8({name.data(), static_cast<std::int32_t>(name.size())});
  const std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(id));
  return *zone != icu::TimeZone::getUnknown() || name == "Etc/Unknown";
}

}  // namespace tocsin
