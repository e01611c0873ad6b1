// read_item.cpp: `field|modifier|modifier: values` becomes questions, modifier by modifier, left to right.
#include "tests/reference/encode.h"
#include "tests/reference/rule.h"

namespace tocsin::reference {
namespace {

constexpr std::string_view kParts[] = {"minute", "hour", "day", "week", "month", "year"};

bool is_bool(const yaml::Node& node) { return !node.quoted && (node.text == "true" || node.text == "false"); }

/// One value on its way through the modifiers.
class Draft {
 public:
  Draft(const yaml::Node& value, const Placeholders& placeholders) : value_(value), placeholders_(placeholders), patterns_{read_pattern(value.text)} {
    number_ = value.quoted || is_bool(value) ? std::nullopt : decimal_of(value.text);
  }

  Result<void> modify(std::string_view name) {
    const bool text = kind_ == Kind::plain || kind_ == Kind::text;
    if (name == "cased") {
      cased_ = true;
      return {};
    }
    if (name == "contains" || name == "startswith" || name == "endswith") return place(name);
    if (name == "re" && kind_ == Kind::plain) return become(Kind::regex);
    if (name == "cidr" && kind_ == Kind::plain) return become(Kind::network);
    if (name == "expand" && kind_ == Kind::plain) return expand();
    if (name == "fieldref" && kind_ == Kind::plain) return become(Kind::other_field);
    if (kind_ == Kind::regex && (name == "i" || name == "ignorecase")) return flag(flags_.any_case);
    if (kind_ == Kind::regex && (name == "m" || name == "multiline")) return flag(flags_.lines);
    if (kind_ == Kind::regex && (name == "s" || name == "dotall")) return flag(flags_.dot_is_all);
    if (const auto comparison = comparison_named(name); comparison && kind_ == Kind::plain && number_) {
      comparison_ = *comparison;
      return become(Kind::compare);
    }
    if (std::find(std::begin(kParts), std::end(kParts), name) != std::end(kParts) && number_) {
      part_ = name;
      return {};
    }
    if (text && name == "windash") {
      std::vector<Pattern> all;
      for (const Pattern& pattern : patterns_)
        for (const Pattern& each : with_all_dashes(pattern)) all.push_back(each);
      patterns_ = all;
      return become(Kind::text);
    }
    if (text) return encode(name);
    return bad_input("modifier in a place where it means nothing: " + std::string(name));
  }

  Result<std::vector<Question>> questions() const {
    Question out;
    out.cased = cased_;
    out.bytes = bytes_;
    out.part = part_;
    switch (kind_) {
      case Kind::plain:
        if (value_.is_null()) return std::vector{out};
        if (number_) {
          out.kind = Question::Kind::number;
          out.number = *number_;
          out.text = value_.text;
          return std::vector{out};
        }
        [[fallthrough]];
      case Kind::text: {
        if (value_.is_null()) return bad_input("null is no text");
        std::vector<Question> all;
        out.kind = Question::Kind::like;
        for (const Pattern& pattern : patterns_) {
          out.pattern = pattern;
          all.push_back(out);
        }
        return all;
      }
      case Kind::regex: {
        const auto regex = Regex::read(value_.text, flags_);
        if (!regex) return bad_input("regular expression");
        out.kind = Question::Kind::regex;
        out.regex = *regex;
        return std::vector{out};
      }
      case Kind::network: {
        const auto network = network_of(value_.text);
        if (!network) return bad_input("network");
        out.kind = Question::Kind::network;
        out.network = *network;
        return std::vector{out};
      }
      case Kind::compare:
        out.kind = Question::Kind::compare;
        out.number = *number_;
        out.comparison = comparison_;
        return std::vector{out};
      case Kind::other_field:
        out.kind = Question::Kind::other_field;
        out.text = value_.text;
        out.where = where_;
        return std::vector{out};
    }
    return bad_input("value");
  }

 private:
  enum class Kind : std::uint8_t { plain, text, regex, network, compare, other_field };

  Result<void> become(Kind kind) {
    kind_ = kind;
    return {};
  }

  static Result<void> flag(bool& flag) {
    flag = true;
    return {};
  }

  Result<void> place(std::string_view name) {
    using Where = Question::Where;
    if (kind_ == Kind::regex) return {};
    if (kind_ == Kind::other_field) {
      where_ = name == "contains" ? Where::anywhere : name == "startswith" ? Where::start : Where::end;
      return {};
    }
    if (kind_ != Kind::plain && kind_ != Kind::text) return bad_input("only texts have a beginning and an end");
    for (Pattern& pattern : patterns_) {
      if (name != "startswith") pattern.insert(pattern.begin(), {Part::Kind::any});
      if (name != "endswith") pattern.push_back({Part::Kind::any});
    }
    return become(Kind::text);
  }

  Result<void> encode(std::string_view name) {
    std::vector<Pattern> out;
    for (const Pattern& pattern : patterns_) {
      if (name == "base64" || name == "base64offset") {
        const auto letters = letters_of(pattern);
        if (!letters) return bad_input("wildcards cannot be encoded");
        const std::string bytes = bytes_ ? std::string(letters->begin(), letters->end()) : utf8_of(*letters);
        for (const std::string& each : name == "base64" ? std::vector{base64(bytes)} : base64_offsets(bytes)) out.push_back(plain_pattern(letters_of(each)));
      } else if (name == "wide" || name == "utf16le" || name == "utf16be" || name == "utf16") {
        out.push_back(plain_pattern(letters_of_bytes(name == "utf16" ? "\xFF\xFE" : "")));
        for (const Part& part : pattern) {
          const Pattern more = part.kind == Part::Kind::letter ? plain_pattern(letters_of_bytes(utf16({part.letter}, name == "utf16be"))) : part.kind == Part::Kind::one ? Pattern{part, part} : Pattern{part};
          out.back().insert(out.back().end(), more.begin(), more.end());
        }
      } else {
        return bad_input("unknown modifier " + std::string(name));
      }
    }
    patterns_ = out;
    bytes_ = !name.starts_with("base64");
    return become(Kind::text);
  }

  /// Every `%name%` stands for any of its values, `\%` for itself.
  Result<void> expand() {
    patterns_ = {{}};
    std::string_view rest = value_.text;
    while (!rest.empty()) {
      std::vector<std::string> choices;
      if (rest.starts_with("\\%")) {
        choices = {"%"};
        rest.remove_prefix(2);
      } else if (rest[0] == '%') {
        const std::size_t end = rest.find('%', 1);
        const auto known = placeholders_.find(std::string(rest.substr(1, end == std::string_view::npos ? 0 : end - 1)));
        if (known == placeholders_.end()) return bad_input("nothing is known of this placeholder");
        choices = known->second;
        rest.remove_prefix(end + 1);
      } else {
        const std::size_t end = std::min(rest.find('%'), rest.find("\\%"));
        choices = {std::string(rest.substr(0, end))};
        rest.remove_prefix(std::min(end, rest.size()));
      }
      std::vector<Pattern> longer;
      for (const Pattern& before : patterns_) {
        for (const std::string& choice : choices) {
          const Pattern more = read_pattern(choice);
          longer.push_back(before);
          longer.back().insert(longer.back().end(), more.begin(), more.end());
        }
      }
      patterns_ = longer;
    }
    return become(Kind::text);
  }

  const yaml::Node& value_;
  const Placeholders& placeholders_;
  Kind kind_ = Kind::plain;
  std::vector<Pattern> patterns_;
  std::optional<Decimal> number_;
  bool cased_ = false, bytes_ = false;
  RegexFlags flags_;
  Comparison comparison_ = Comparison::eq;
  Question::Where where_ = Question::Where::whole;
  std::string part_;
};

}  // namespace

bool holds(std::strong_ordering order, Comparison comparison) {
  switch (comparison) {
    case Comparison::lt: return order < 0;
    case Comparison::lte: return order <= 0;
    case Comparison::gt: return order > 0;
    case Comparison::gte: return order >= 0;
    case Comparison::eq: return order == 0;
    case Comparison::neq: return order != 0;
  }
  return false;
}

std::optional<Comparison> comparison_named(std::string_view name) {
  if (name == "lt") return Comparison::lt;
  if (name == "lte") return Comparison::lte;
  if (name == "gt") return Comparison::gt;
  if (name == "gte") return Comparison::gte;
  return std::nullopt;
}

Result<Item> read_item(std::string_view key, const yaml::Node& value, const Placeholders& placeholders) {
  Item out;
  std::vector<std::string> modifiers;
  std::size_t at = key.find('|');
  out.field = key.substr(0, at);
  while (at != std::string_view::npos) {
    const std::size_t end = key.find('|', at + 1);
    modifiers.emplace_back(key.substr(at + 1, end == std::string_view::npos ? end : end - at - 1));
    at = end;
  }
  const auto take = [&](std::string_view name) { return std::erase(modifiers, name) != 0; };
  out.all = take("all");
  out.negated = take("neq");
  if (take("exists")) {
    if (!value.is_scalar() || !is_bool(value) || !modifiers.empty()) return bad_input("exists wants true or false");
    out.exists = value.text == "true";
    return out;
  }
  // `cased` holds for the whole chain, wherever it stands.
  std::stable_partition(modifiers.begin(), modifiers.end(), [](const std::string& name) { return name == "cased"; });
  const auto add = [&](const yaml::Node& each) -> Result<void> {
    if (!each.is_scalar()) return bad_input("a value is one text or number");
    Draft draft(each, placeholders);
    for (const std::string& name : modifiers) TOCSIN_TRY(draft.modify(name));
    TOCSIN_ASSIGN(auto questions, draft.questions());
    if (out.field.empty()) {
      // A keyword is any part of any text.
      for (Question& question : questions) {
        if (question.kind == Question::Kind::number) {
          question.kind = Question::Kind::like;
          question.pattern = read_pattern(question.text);
        }
        if (question.kind != Question::Kind::like) continue;
        question.pattern.insert(question.pattern.begin(), {Part::Kind::any});
        question.pattern.push_back({Part::Kind::any});
      }
    }
    out.values.push_back(questions);
    return {};
  };
  if (!value.is_list()) {
    TOCSIN_TRY(add(value));
  }
  for (const yaml::Node& each : value.items) TOCSIN_TRY(add(each));
  return out;
}

}  // namespace tocsin::reference
