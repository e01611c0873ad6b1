// encode.cpp: encodings of the values of rules.
#include "daemon/sigma/language/encode.h"

#include "daemon/base/limits.h"
#include "daemon/model/text.h"

namespace tocsin::sigma {
namespace {

/// The code point at `at`, which moves behind it. Bytes that are not UTF-8 stand for themselves.
char32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const std::size_t length = lead < 0x80U ? 1 : lead < 0xC0U ? 1 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
  if (length == 1 || at + length > text.size()) return byte(at++);
  char32_t out = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) out = (out << 6U) | (byte(at + i) & 0x3FU);
  at += length;
  return out;
}

constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
constexpr std::size_t kLongestDash = 3;

/// Calls found(begin, end) for each dash that begins a word, behind anything that is no word.
template <typename Found>
void each_dash(const SigmaString::Part& part, Found&& found) {
  const std::string_view text = part.text;
  bool after_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const bool word = is_word(next_character(text, at));
    std::size_t behind = at;
    const bool dash = !after_word && std::find(std::begin(kDashes), std::end(kDashes), text.substr(begin, at - begin)) != std::end(kDashes) &&
                      at < text.size() && is_word(next_character(text, behind));
    after_word = word;
    if (dash) found(begin, at);
  }
}

std::string utf16_of(std::string_view utf8, bool little) {
  std::string out;
  const auto unit = [&](char32_t u) {
    const char low = static_cast<char>(u & 0xFFU);
    const char high = static_cast<char>((u >> 8U) & 0xFFU);
    out += little ? low : high;
    out += little ? high : low;
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = next_character(utf8, at);
    if (c < 0x10000U) {
      unit(c);
    } else {
      unit(0xD800U + ((c - 0x10000U) >> 10U));
      unit(0xDC00U + ((c - 0x10000U) & 0x3FFU));
    }
  }
  return out;
}

}  // namespace

std::string utf16le_of(std::string_view utf8) { return utf16_of(utf8, true); }
std::string utf16be_of(std::string_view utf8) { return utf16_of(utf8, false); }

std::vector<std::string> base64_at_offsets(std::string_view bytes) {
  // With i bytes before it, the first characters mix with what precedes, the last with what follows: both are cut.
  constexpr std::size_t kCutFront[] = {0, 2, 3};
  constexpr std::size_t kCutBack[] = {0, 3, 2};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string encoded = base64_of(std::string(i, ' ') + std::string(bytes));
    const std::size_t cut = kCutFront[i] + kCutBack[(bytes.size() + i) % 3];
    out.push_back(encoded.size() > cut ? encoded.substr(kCutFront[i], encoded.size() - cut) : std::string());
  }
  return out;
}

Dashed dashed(const SigmaString& string) {
  Dashed out;
  std::size_t length = 0;
  for (const SigmaString::Part& part : string.parts) {
    length += part.text.size();
    each_dash(part, [&](std::size_t begin, std::size_t end) {
      length += kLongestDash - (end - begin);
      if (out.texts <= limits::kDashedTextsMax) out.texts *= std::size(kDashes);
    });
  }
  out.bytes = out.texts * length;
  return out;
}

std::vector<SigmaString> with_every_dash(const SigmaString& string) {
  std::vector<SigmaString> out(1);
  const auto append = [&](std::string_view text) {
    for (SigmaString& made : out) {
      if (made.parts.empty() || made.parts.back().kind != SigmaString::Kind::literal) made.parts.push_back({});
      made.parts.back().text += text;
    }
  };
  for (const SigmaString::Part& part : string.parts) {
    if (part.kind != SigmaString::Kind::literal) {
      for (SigmaString& made : out) made.parts.push_back(part);
      continue;
    }
    const std::string_view text = part.text;
    std::size_t done = 0;
    each_dash(part, [&](std::size_t begin, std::size_t end) {
      append(text.substr(done, begin - done));
      done = end;
      const std::vector<SigmaString> before = std::move(out);
      out.clear();
      out.reserve(before.size() * std::size(kDashes));
      for (const std::string_view dash : kDashes) {
        for (const SigmaString& head : before) {
          out.push_back(head);
          if (out.back().parts.empty() || out.back().parts.back().kind != SigmaString::Kind::literal) out.back().parts.push_back({});
          out.back().parts.back().text += dash;
        }
      }
    });
    append(text.substr(done));
  }
  return out;
}

}  // namespace tocsin::sigma
