// json_escape.cpp: surrogates and UTF-8.
#include "daemon/ingest/decoders/json_escape.h"

namespace tocsin::ingest {
namespace {

/// Reads at `out.length`; says what is wrong in `out`.
bool hex4(std::string_view rest, std::uint32_t& code, JsonUnicode& out) {
  code = 0;
  for (int i = 0; i < 4; ++i, ++out.length) {
    if (out.length >= rest.size()) return out.reason = "not_json", out.what = "an open escape", false;
    const char c = rest[out.length];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
    } else {
      return out.reason = "not_json", out.what = "an escape that is not hexadecimal", false;
    }
    code = code << 4U | digit;
  }
  return true;
}

}  // namespace

JsonUnicode json_unicode(std::string_view rest) {
  JsonUnicode out;
  const auto alone = [&](std::string_view what) {
    out.reason = "lone_surrogate";
    out.what = what;
    return out;
  };
  if (!hex4(rest, out.code, out)) return out;
  if (out.code >= 0xDC00 && out.code <= 0xDFFF) return alone("a low surrogate alone");
  if (out.code < 0xD800 || out.code > 0xDBFF) return out;
  if (rest.substr(out.length, 2) != "\\u") return alone("a high surrogate alone");
  out.length += 2;
  std::uint32_t low = 0;
  if (!hex4(rest, low, out)) return out;
  if (low < 0xDC00 || low > 0xDFFF) return alone("a high surrogate alone");
  out.code = 0x10000 + ((out.code - 0xD800) << 10U) + (low - 0xDC00);
  return out;
}

std::size_t write_utf8(std::uint32_t code, char* to) {
  std::size_t n = 0;
  const auto put = [&](std::uint32_t byte) { to[n++] = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  return n;
}

}  // namespace tocsin::ingest
