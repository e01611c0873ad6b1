// read_item.cpp: `field|modifier|modifier: values` becomes questions, modifier by modifier, left to right.
#include "tests/reference/encode.h"
#include "tests/reference/rule.h"

namespace tocsin::reference {
namespace {

constexpr std::string_view kParts[] = {"minute", "hour", "day", "week", "month", "year", "weekday"};

bool is_bool(const yaml::Node& node) { return !node.quoted && (node.text == "true" || node.text == "false"); }

/// One value on its way through the modifiers.
class Draft {
 public:
  explicit Draft(const yaml::Node& value) : value_(value), patterns_{read_pattern(value.text)} {
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
      const auto letters = letters_of(pattern);
      if (!letters) return bad_input("wildcards cannot be encoded");
      const auto add = [&](const std::string& bytes) { out.push_back(plain_pattern(letters_of(bytes))); };
      if (name == "base64") {
        add(base64(utf8_of(*letters)));
      } else if (name == "base64offset") {
        for (const std::string& each : base64_offsets(utf8_of(*letters))) add(each);
      } else if (name == "wide" || name == "utf16le") {
        add(utf16(*letters, false));
      } else if (name == "utf16be") {
        add(utf16(*letters, true));
      } else if (name == "utf16") {
        add("\xFF\xFE" + utf16(*letters, false));
      } else {
        return bad_input("unknown modifier " + std::string(name));
      }
    }
    patterns_ = out;
    return become(Kind::text);
  }

  const yaml::Node& value_;
  Kind kind_ = Kind::plain;
  std::vector<Pattern> patterns_;
  std::optional<Decimal> number_;
  bool cased_ = false;
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

Result<Item> read_item(std::string_view key, const yaml::Node& value) {
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
    Draft draft(each);
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
