// make_item.cpp: one small maker for each kind of value, and which modifiers may stand before it.
#include "tests/reference/make_item.h"

#include "tests/reference/clock.h"
#include "tests/reference/encode.h"

namespace tocsin::reference {
namespace {

constexpr std::string_view kFields[] = {"Image", "CommandLine", "user.name", "src.ip", "f", "g", "Größe", "a.b.c"};

using Kind = Value::Kind;

std::string joined(const std::vector<std::string>& modifiers) {
  std::string out;
  for (const std::string& modifier : modifiers) out += "|" + modifier;
  return out;
}

/// Around a text where `contains` and its like allow more than the text.
Letters placed(Dice& dice, const Letters& text, const std::string& place) {
  Letters out = text;
  if (place == "contains" || place == "endswith") out = make_letters(dice, 0, 3, false) + out;
  if (place == "contains" || place == "startswith") out += make_letters(dice, 0, 3, false);
  return out;
}

std::string make_place(Dice& dice) {
  constexpr std::string_view kPlaces[] = {"contains", "startswith", "endswith"};
  return std::string(dice.pick(kPlaces));
}

struct Maker {
  Dice& dice;
  std::string field;
  std::vector<std::string> modifiers;
  std::set<std::string> features;
  bool cased = false;

  MadeValue value(std::string yaml, std::function<void(Dice&, Event&)> fulfil) const { return {std::move(yaml), std::move(fulfil)}; }

  MadeValue text(const std::string& place, bool dashes) {
    Pattern pattern = make_pattern(dice, true);
    if (dashes && dice.percent(70)) {
      pattern.insert(pattern.begin(), {{Part::Kind::letter, dice.percent(50) ? U'-' : U'/'}, {Part::Kind::letter, U'x'}});
    }
    for (const Part& part : pattern) {
      if (part.kind == Part::Kind::any) features.insert("*");
      if (part.kind == Part::Kind::one) features.insert("?");
      if (part.kind == Part::Kind::letter && part.letter == U'*') features.insert("\\*");
      if (part.kind == Part::Kind::letter && part.letter == U'\\') features.insert("backslash");
      if (part.letter >= 0x80) features.insert("beyond ASCII");
    }
    return value(yaml_text(dice, written(dice, pattern)), [pattern, place, dashes, to = field, strict = cased](Dice& d, Event& event) {
      Pattern wanted = pattern;
      if (dashes) wanted = d.pick(with_all_dashes(pattern));
      Letters hit = placed(d, fulfil(d, wanted), place);
      if (!strict) hit = flip_case(d, hit, 20);
      add_value(event, to, Kind::text, utf8_of(hit));
    });
  }

  /// UTF-16 as the whole encoding: wildcards stay, since only letters are encoded.
  MadeValue wide_with_wildcards(const std::string& encoding, const std::string& place) {
    const Pattern pattern = make_pattern(dice, true);
    return value(yaml_text(dice, written(dice, pattern)), [pattern, encoding, place, to = field](Dice& d, Event& event) {
      Letters hit = encoding == "utf16" ? letters_of("\xFF\xFE") : Letters();
      for (const Part& part : pattern) {
        Letters more = fulfil(d, {part});
        if (part.kind == Part::Kind::one) more = utf8_of(more).size() == 2 ? more : Letters{U'a', U'\0'};
        hit += part.kind == Part::Kind::letter ? letters_of(utf16(more, encoding == "utf16be")) : more;
      }
      hit = placed(d, hit, place);
      if (std::all_of(hit.begin(), hit.end(), [](char32_t c) { return c < 0x110000; })) add_value(event, to, Kind::text, utf8_of(flip_case(d, hit, 5)));
    });
  }

  MadeValue encoded(const std::vector<std::string>& chain, const std::string& place) {
    if (!chain.back().starts_with("base64") && dice.percent(50)) return wide_with_wildcards(chain.back(), place);
    Letters letters;
    do {
      letters = make_letters(dice, 1, 6, dice.percent(60));
    } while (std::any_of(letters.begin(), letters.end(), [](char32_t c) { return c == U'*' || c == U'?' || c == U'\\'; }));
    return value(yaml_text(dice, utf8_of(letters)), [letters, chain, place, to = field](Dice& d, Event& event) {
      std::string bytes = utf8_of(letters);
      for (const std::string& step : chain) {
        if (step == "base64") bytes = base64(bytes);
        if (step == "base64offset") bytes = base64(utf8_of(make_letters(d, 0, 3, true)) + bytes + utf8_of(make_letters(d, 0, 3, true)));
        if (step == "wide" || step == "utf16le") bytes = utf16(letters_of(bytes), false);
        if (step == "utf16be") bytes = utf16(letters_of(bytes), true);
        if (step == "utf16") bytes = "\xFF\xFE" + utf16(letters_of(bytes), false);
      }
      const bool base64_last = chain.back().starts_with("base64");
      Letters hit = letters_of(bytes);
      if (!base64_last || chain.back() == "base64") hit = placed(d, hit, place);
      // Events are UTF-8: bytes that are not cannot come.
      if (std::all_of(hit.begin(), hit.end(), [](char32_t c) { return c < 0x110000; })) add_value(event, to, Kind::text, utf8_of(flip_case(d, hit, 5)));
    });
  }

  MadeValue number() {
    const std::string number = make_number(dice);
    return value(number, [number, to = field](Dice& d, Event& event) {
      add_value(event, to, d.percent(70) ? Kind::number : Kind::text, d.percent(50) ? number : number_near(d, number));
    });
  }

  MadeValue regex() {
    const MadeRegex made = make_regex(dice);
    const bool any_case = std::any_of(modifiers.begin(), modifiers.end(), [](const std::string& m) { return m == "i" || m == "ignorecase"; });
    return value(yaml_text(dice, made.text), [hit = made.hit, any_case, to = field](Dice& d, Event& event) {
      add_value(event, to, Kind::text, utf8_of(any_case ? flip_case(d, hit, 30) : hit));
    });
  }

  MadeValue network() {
    const MadeNetwork made = make_network(dice);
    return value(yaml_text(dice, made.text), [made, to = field](Dice& d, Event& event) {
      add_value(event, to, Kind::text, address_in(d, made, d.percent(20)));
    });
  }

  MadeValue other_field(const std::string& place) {
    const std::string other = make_field(dice);
    return value(yaml_text(dice, other), [other, place, to = field, strict = cased](Dice& d, Event& event) {
      Letters text = make_letters(d, 0, 4, false);
      add_value(event, other, d.percent(10) ? Kind::null : Kind::text, utf8_of(text));
      if (!strict) text = flip_case(d, text, 20);
      add_value(event, to, Kind::text, utf8_of(placed(d, text, place)));
    });
  }

  MadeValue moment(const std::string& part) {
    const std::int64_t seconds = 1'767'225'600 + static_cast<std::int64_t>(dice.below(40'000'000)) - 20'000'000;
    const int number = part_of(moment_at(seconds), part);
    return value(std::to_string(number), [seconds, to = field](Dice& d, Event& event) {
      constexpr std::int64_t kSteps[] = {0, 0, 0, 0, 0, 0, -60, 60, 3'600, -86'400, 604'800, 31'536'000};
      const std::int64_t at = seconds + d.pick(kSteps), zone = d.percent(50) ? 0 : d.between(-12, 14);
      const auto [kind, text] = d.percent(25) ? std::pair(Kind::number, time_number(d, at)) : std::pair(Kind::text, time_text(d, at, zone));
      add_value(event, to, d.percent(10) ? Kind::text : kind, text);
    });
  }

  static std::string time_number(Dice& d, std::int64_t at) {
    constexpr std::string_view kUnits[] = {"", "000", "000000", "999999999", ".5"};
    return std::to_string(at) + std::string(d.pick(kUnits));
  }

  static std::string time_text(Dice& d, std::int64_t at, std::int64_t zone) {
    const Moment shown = moment_at(at + zone * 3'600);
    constexpr std::string_view kBetween[] = {"T", " ", "t"}, kNoZone[] = {"Z", "", " UTC", "z", "+00:00"};
    std::string out = fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}", shown.year, shown.month, shown.day, d.pick(kBetween), shown.hour, shown.minute);
    constexpr std::string_view kSeconds[] = {"", ":00", ":59.999", ":07,5"};
    out += d.pick(kSeconds);
    if (zone == 0) return out + std::string(d.pick(kNoZone));
    out += fmt::format("{}{:02}", zone < 0 ? '-' : '+', zone < 0 ? -zone : zone);
    constexpr std::string_view kMinutes[] = {":00", "00", ""};
    return out + std::string(d.pick(kMinutes));
  }

  MadeValue expanded(const std::string& place) {
    std::string text;
    Pattern pattern;
    for (int n = dice.between(1, 3); n > 0; --n) {
      if (dice.percent(60)) {
        const auto& [name, values] = *std::next(placeholders().begin(), static_cast<std::ptrdiff_t>(dice.below(placeholders().size())));
        text += "%" + name + "%";
        const Pattern chosen = read_pattern(dice.pick(values));
        pattern.insert(pattern.end(), chosen.begin(), chosen.end());
      } else {
        const std::string_view letters = dice.pick(std::vector<std::string_view>{"ab", "k", "-x", "\\%", "*", "S?"});
        text += letters;
        const Pattern more = letters == "\\%" ? plain_pattern(U"%") : read_pattern(letters);
        pattern.insert(pattern.end(), more.begin(), more.end());
      }
    }
    return value(yaml_text(dice, text), [pattern, place, to = field, strict = cased](Dice& d, Event& event) {
      const Letters hit = placed(d, fulfil(d, pattern), place);
      add_value(event, to, Kind::text, utf8_of(strict ? hit : flip_case(d, hit, 20)));
    });
  }

  MadeValue constant() {
    switch (dice.below(4)) {
      case 0:
        features.insert("null");
        return value(std::string(dice.pick(std::vector<std::string_view>{"null", "~", ""})), [to = field](Dice& d, Event& event) {
          if (d.percent(50)) add_value(event, to, Kind::null, "");
          else if (d.percent(50)) event.fields[to];   // An empty list.
        });
      case 1: {
        features.insert("empty");
        return value("''", [to = field](Dice&, Event& event) { add_value(event, to, Kind::text, ""); });
      }
      default: {
        features.insert("boolean");
        const std::string word = dice.percent(50) ? "true" : "false";
        return value(word, [word, to = field](Dice& d, Event& event) {
          add_value(event, to, d.percent(60) ? Kind::boolean : Kind::text, word);
        });
      }
    }
  }
};

MadeItem finish(Dice& dice, Maker& maker, const std::function<MadeValue()>& make, bool may_list) {
  MadeItem out;
  out.as_list = may_list && dice.percent(50);
  for (int n = out.as_list ? dice.between(1, 4) : 1; n > 0; --n) out.values.push_back(make());
  // `all` and `neq` speak of the whole item, wherever they stand.
  if (out.as_list && dice.percent(35)) out.all = true;
  if (dice.percent(12)) out.negated = true;
  std::vector<std::string> modifiers = maker.modifiers;
  if (out.all) modifiers.emplace_back("all");
  if (out.negated) modifiers.emplace_back("neq");
  out.key = maker.field + joined(modifiers);
  out.features = maker.features;
  out.features.insert(modifiers.begin(), modifiers.end());
  if (out.as_list) out.features.insert("list");
  return out;
}

}  // namespace

const std::map<std::string, std::vector<std::string>>& placeholders() {
  static const std::map<std::string, std::vector<std::string>> all = {{"admins", {"root", "ad*n", "S-1-5"}}, {"one", {"k\\*"}}, {"odd", {"a\\\\b", "?", "é"}}};
  return all;
}

void add_value(Event& event, const std::string& field, Kind kind, const std::string& text) { event.fields[field].push_back({kind, text}); }

std::string make_field(Dice& dice) { return std::string(dice.pick(kFields)); }

MadeItem make_item(Dice& dice) {
  Maker maker{dice, make_field(dice), {}, {}, dice.percent(15)};
  const auto with = [&](std::vector<std::string> modifiers) { maker.modifiers = std::move(modifiers); };
  const auto strict = [&] {
    if (maker.cased) maker.modifiers.emplace_back("cased");
  };
  switch (dice.below(18)) {
    case 0:
    case 1: {
      maker.features.insert("text");
      strict();
      return finish(dice, maker, [&] { return maker.text("", false); }, true);
    }
    case 2:
    case 3: {
      const std::string place = make_place(dice);
      with({place});
      strict();
      return finish(dice, maker, [&] { return maker.text(place, false); }, true);
    }
    case 4: {
      const std::string place = dice.percent(30) ? "" : make_place(dice);
      with({"windash"});
      if (!place.empty()) maker.modifiers.insert(dice.percent(50) ? maker.modifiers.begin() : maker.modifiers.end(), place);
      strict();
      return finish(dice, maker, [&] { return maker.text(place, true); }, true);
    }
    case 5: {
      maker.cased = false;
      maker.features.insert("number");
      return finish(dice, maker, [&] { return maker.number(); }, true);
    }
    case 6:
    case 7: {
      constexpr std::string_view kOrders[] = {"lt", "lte", "gt", "gte"};
      with({std::string(dice.pick(kOrders))});
      return finish(dice, maker, [&] { return maker.number(); }, true);
    }
    case 8: {
      maker.features.insert("exists");
      const bool wanted = dice.percent(50);
      MadeItem out;
      out.key = maker.field + "|exists";
      out.features = {"exists", wanted ? "exists true" : "exists false"};
      out.values.push_back(maker.value(wanted ? "true" : "false", [wanted, to = maker.field](Dice& d, Event& event) {
        if (wanted != d.percent(25)) add_value(event, to, d.percent(50) ? Kind::null : Kind::text, "");
      }));
      return out;
    }
    case 9: return finish(dice, maker, [&] { return maker.constant(); }, false);
    case 10:
    case 11: {
      with({"re"});
      constexpr std::string_view kFlags[][2] = {{"i", "ignorecase"}, {"m", "multiline"}, {"s", "dotall"}};
      for (const auto& flag : kFlags)
        if (dice.percent(33)) maker.modifiers.emplace_back(flag[dice.below(2)]);
      if (dice.percent(10)) maker.modifiers.push_back(make_place(dice));
      return finish(dice, maker, [&] { return maker.regex(); }, true);
    }
    case 12: {
      with({"cidr"});
      return finish(dice, maker, [&] { return maker.network(); }, true);
    }
    case 13: {
      std::vector<std::string> chain;
      constexpr std::string_view kUtf16[] = {"wide", "utf16le", "utf16be", "utf16"};
      if (dice.percent(55)) chain.emplace_back(dice.pick(kUtf16));
      if (chain.empty() || dice.percent(60)) chain.emplace_back(dice.percent(60) ? "base64offset" : "base64");
      const bool offset = chain.back() == "base64offset";
      const std::string place = offset ? "contains" : dice.percent(50) ? "" : make_place(dice);
      with(chain);
      if (!place.empty()) maker.modifiers.push_back(place);
      strict();
      return finish(dice, maker, [&] { return maker.encoded(chain, place); }, true);
    }
    case 14: {
      const std::string place = dice.percent(50) ? "" : make_place(dice);
      with({"fieldref"});
      if (!place.empty()) maker.modifiers.push_back(place);
      strict();
      return finish(dice, maker, [&] { return maker.other_field(place); }, true);
    }
    case 15: {
      constexpr std::string_view kParts[] = {"minute", "hour", "day", "week", "month", "year"}, kOrders[] = {"lt", "lte", "gt", "gte"};
      with({std::string(dice.pick(kParts))});
      if (dice.percent(50)) maker.modifiers.emplace_back(dice.pick(kOrders));
      return finish(dice, maker, [&] { return maker.moment(maker.modifiers[0]); }, true);
    }
    case 16: {
      const std::string place = dice.percent(50) ? "" : make_place(dice);
      with({"expand"});
      if (!place.empty()) maker.modifiers.push_back(place);
      strict();
      return finish(dice, maker, [&] { return maker.expanded(place); }, true);
    }
    default: {
      // A number behind a modifier of texts is the text as written.
      const std::string place = make_place(dice);
      with({place});
      return finish(dice, maker, [&] { return dice.percent(50) ? maker.number() : maker.text(place, false); }, true);
    }
  }
}

MadeItem make_keyword(Dice& dice, bool plain) {
  Maker maker{dice, "", {}, {}, false};
  const auto anywhere = [&] {
    MadeValue value = maker.text("contains", false);
    const auto inner = value.fulfil;
    value.fulfil = [inner](Dice& d, Event& event) {
      Event found;
      inner(d, found);
      add_value(event, make_field(d), Kind::text, found.fields.begin()->second[0].text);
    };
    return value;
  };
  MadeItem out;
  out.features = {"keywords"};
  if (plain) {
    out.values.push_back(anywhere());
  } else {
    out.key = "|all";
    out.as_list = out.all = true;
    out.features.insert("keywords all");
    for (int n = dice.between(2, 3); n > 0; --n) out.values.push_back(anywhere());
  }
  out.features.insert(maker.features.begin(), maker.features.end());
  return out;
}

}  // namespace tocsin::reference
