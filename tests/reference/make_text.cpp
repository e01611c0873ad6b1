// make_text.cpp: few letters, so that patterns nearly fit one another often, and all the odd ones among them.
#include "tests/reference/make_text.h"

#include "tests/reference/decimal.h"

namespace tocsin::reference {
namespace {

constexpr char32_t kAscii[] = U"aabbkKsSxXZ09-/ ._\\*?%'\":";
constexpr char32_t kBeyond[] = U"éÉßẞſ\u212AкКΣσςµμåÅ\u212B日😀–—―Я";

std::string escaped_in_regex(char32_t c) {
  constexpr std::u32string_view kMeta = U"\\.*+?()[]{}|^$";
  return (kMeta.find(c) == std::u32string_view::npos ? "" : "\\") + utf8_of({c});
}

char32_t plain_letter(Dice& dice) { return dice.percent(85) ? U"abkKsS0-/ _.*\n"[dice.below(14)] : dice.pick(U"éÉßſ\u212AΣς日"); }

MadeRegex regex_piece(Dice& dice, int depth);

MadeRegex regex_sequence(Dice& dice, int depth, int most) {
  MadeRegex out;
  for (int n = dice.between(1, most); n > 0; --n) {
    const MadeRegex piece = regex_piece(dice, depth);
    out.text += piece.text;
    out.hit += piece.hit;
  }
  return out;
}

MadeRegex regex_atom(Dice& dice, int depth) {
  switch (dice.below(depth > 0 ? 8 : 6)) {
    case 0: return {".", {dice.pick(U"ab-é")}};
    case 1: {
      constexpr std::pair<std::string_view, char32_t> kClasses[] = {{"\\d", U'7'}, {"\\D", U'x'}, {"\\s", U' '}, {"\\S", U'y'}, {"\\w", U'_'}, {"\\W", U'-'}};
      const auto& [text, hit] = dice.pick(kClasses);
      return {std::string(text), {hit}};
    }
    case 2: return {"[a-c0-9]", {dice.pick(U"abc059")}};
    case 3: return {"[^a-cX]", {dice.pick(U"dz-Y")}};
    case 6: {
      MadeRegex left = regex_sequence(dice, depth - 1, 2), right = regex_sequence(dice, depth - 1, 2);
      return {(dice.percent(50) ? "(" : "(?:") + left.text + "|" + right.text + ")", dice.percent(50) ? left.hit : right.hit};
    }
    case 7: {
      MadeRegex inner = regex_sequence(dice, depth - 1, 3);
      return {"(" + inner.text + ")", inner.hit};
    }
    default: {
      const char32_t c = plain_letter(dice);
      return {c == U'\n' ? "\\n" : escaped_in_regex(c), {c}};
    }
  }
}

MadeRegex regex_piece(Dice& dice, int depth) {
  MadeRegex atom = regex_atom(dice, depth);
  if (dice.percent(65)) return atom;
  constexpr std::tuple<std::string_view, int, int> kRepeats[] = {{"*", 0, 3}, {"+", 1, 3}, {"?", 0, 1}, {"{2}", 2, 2}, {"{1,}", 1, 3}, {"{1,3}", 1, 3}, {"*?", 0, 2}};
  const auto& [text, least, most] = dice.pick(kRepeats);
  Letters hit;
  for (int n = dice.between(least, most); n > 0; --n) hit += atom.hit;
  return {atom.text + std::string(text), hit};
}

std::string quad(const std::vector<bool>& bits) {
  std::string out;
  for (std::size_t i = 0; i < 32; i += 8) {
    int byte = 0;
    for (std::size_t j = i; j < i + 8; ++j) byte = byte * 2 + (bits[j] ? 1 : 0);
    out += (out.empty() ? "" : ".") + std::to_string(byte);
  }
  return out;
}

/// Eight groups, the first run of zero groups perhaps left out.
std::string groups(Dice& dice, const std::vector<bool>& bits) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < bits.size(); i += 16) {
    int group = 0;
    for (std::size_t j = i; j < i + 16; ++j) group = group * 2 + (bits[j] ? 1 : 0);
    all.push_back(dice.percent(50) ? fmt::format("{:x}", group) : fmt::format("{:X}", group));
  }
  std::size_t from = 0, to = 0;
  if (dice.percent(70)) {
    from = static_cast<std::size_t>(std::find(all.begin(), all.end(), "0") - all.begin());
    for (to = from; to < all.size() && all[to] == "0";) ++to;
  }
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (to > from && i == from) {
      out += "::";
      i = to - 1;
      continue;
    }
    out += (out.empty() || out.ends_with(':') ? "" : ":") + all[i];
  }
  return out;
}

std::vector<bool> bits_of(Dice& dice, std::size_t count) {
  std::vector<bool> out;
  const bool mostly_zero = dice.percent(50);
  while (out.size() < count) out.push_back(dice.percent(mostly_zero ? 10 : 50));
  return out;
}

std::string address_text(Dice& dice, const std::vector<bool>& bits) {
  if (bits.size() == 128) return groups(dice, bits);
  if (dice.percent(75)) return quad(bits);
  if (dice.percent(50)) return "::ffff:" + quad(bits);
  std::vector<bool> mapped(80, false);
  mapped.resize(96, true);
  mapped.insert(mapped.end(), bits.begin(), bits.end());
  return groups(dice, mapped);
}

}  // namespace

char32_t make_letter(Dice& dice, bool ascii) {
  return ascii || dice.percent(70) ? kAscii[dice.below(std::size(kAscii) - 1)] : kBeyond[dice.below(std::size(kBeyond) - 1)];
}

Letters make_letters(Dice& dice, int least, int most, bool ascii) {
  Letters out;
  for (int n = dice.between(least, most); n > 0; --n) out.push_back(make_letter(dice, ascii));
  return out;
}

Letters flip_case(Dice& dice, const Letters& text, int percent) {
  Letters out = text;
  for (char32_t& c : out)
    if (dice.percent(percent)) c = dice.pick(same_but_case(c));
  return out;
}

Pattern make_pattern(Dice& dice, bool wildcards) {
  Pattern out;
  const bool ascii = dice.percent(70);
  const bool few = dice.percent(30);   // Of two letters, pieces overlap and repeat.
  for (int n = dice.between(1, 6); n > 0; --n) {
    if (wildcards && dice.percent(12)) {
      out.push_back({Part::Kind::any});
    } else if (wildcards && dice.percent(10)) {
      out.push_back({Part::Kind::one});
    } else {
      out.push_back({Part::Kind::letter, few ? dice.pick(std::u32string_view(U"ab")) : make_letter(dice, ascii)});
    }
  }
  return out;
}

std::string written(Dice& dice, const Pattern& pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const Part& part = pattern[i];
    if (part.kind == Part::Kind::any) {
      out += "*";
    } else if (part.kind == Part::Kind::one) {
      out += "?";
    } else if (part.letter == U'*' || part.letter == U'?') {
      out += "\\" + utf8_of({part.letter});
    } else if (part.letter == U'\\') {
      const bool before_plain = i + 1 == pattern.size() || (pattern[i + 1].kind == Part::Kind::letter && pattern[i + 1].letter != U'*' &&
                                                            pattern[i + 1].letter != U'?' && pattern[i + 1].letter != U'\\');
      out += before_plain && dice.percent(50) ? "\\" : "\\\\";
    } else {
      out += utf8_of({part.letter});
    }
  }
  return out;
}

Letters fulfil(Dice& dice, const Pattern& pattern) {
  Letters out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    switch (pattern[i].kind) {
      case Part::Kind::letter: out.push_back(pattern[i].letter); break;
      case Part::Kind::one: out.push_back(make_letter(dice, false)); break;
      case Part::Kind::any: {
        const bool same = !out.empty() && i + 1 < pattern.size() && pattern[i + 1].kind == Part::Kind::letter && pattern[i + 1].letter == out.back();
        // One letter for the end of a piece and the beginning of the next: nearly, but not enough.
        if (same && dice.percent(40)) ++i;
        else out += make_letters(dice, 0, 2, false);
        break;
      }
    }
  }
  return out;
}

std::string yaml_text(Dice& dice, const std::string& text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (control || dice.percent(30)) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out += std::string("\\") + c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
    }
    return out + "\"";
  }
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  if (plain && text != "null" && text != "true" && text != "false" && dice.percent(50)) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

MadeRegex make_regex(Dice& dice) {
  MadeRegex out = regex_sequence(dice, 2, 4);
  const bool begins = dice.percent(25), ends = dice.percent(25);
  if (begins) out.text = "^" + out.text;
  if (ends) out.text += "$";
  if (!begins && dice.percent(50)) out.hit = make_letters(dice, 0, 3, false) + (dice.percent(20) ? U"\n" : U"") + out.hit;
  if (!ends && dice.percent(50)) out.hit += make_letters(dice, 0, 3, false);
  return out;
}

std::string make_number(Dice& dice) {
  constexpr std::string_view kOdd[] = {"0", "-0", "1e3", "1E3", "12e-1", "0.1", "-2.50", "4624", "99999999999999999999", "9007199254740993", "0.10000000000000000001",
                                       "-123456789012345678901234567890", "1.0", "100", "1e-7"};
  return dice.percent(50) ? std::string(dice.pick(kOdd)) : std::to_string(dice.between(-20, 300));
}

std::string number_near(Dice& dice, const std::string& number) {
  std::string out = number;
  const bool whole = out.find_first_of(".eE") == std::string::npos;
  if (dice.percent(40)) {
    // The last digit of the mantissa, one up or down.
    const std::size_t at = out.find_first_of("eE") == std::string::npos ? out.size() - 1 : out.find_first_of("eE") - 1;
    if (out[at] < '9' && (dice.percent(50) || out[at] == '0')) {
      ++out[at];
    } else if (out[at] > '0') {
      --out[at];
    }
  }
  if (whole && dice.percent(20)) out += dice.percent(50) ? ".0" : ".00000000000000000001";
  if (whole && dice.percent(10)) out += "e0";
  if (dice.percent(5)) out = out.starts_with('-') ? out.substr(1) : "-" + out;
  return out;
}

MadeNetwork make_network(Dice& dice) {
  MadeNetwork out;
  out.is_long = dice.percent(40);
  std::vector<bool> bits = bits_of(dice, out.is_long ? 128 : 32);
  const std::size_t length = dice.below(bits.size() + 1);
  for (std::size_t i = length; i < bits.size(); ++i) bits[i] = false;
  out.prefix.assign(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(length));
  out.text = (out.is_long ? groups(dice, bits) : quad(bits)) + "/" + std::to_string(length);
  return out;
}

std::string address_in(Dice& dice, const MadeNetwork& network, bool outside) {
  std::vector<bool> bits = network.prefix;
  if (outside && !bits.empty()) bits.back() = !bits.back();
  const std::size_t size = network.is_long ? 128 : 32;
  if (dice.percent(40)) {
    bits.resize(size, dice.percent(50));   // The first or the last address.
  } else {
    const std::vector<bool> rest = bits_of(dice, size - bits.size());
    bits.insert(bits.end(), rest.begin(), rest.end());
  }
  return address_text(dice, bits);
}

}  // namespace tocsin::reference
