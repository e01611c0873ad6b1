// phrases.h: the phrase book of one language, read from the built-in templates.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

struct Advice {
  std::vector<std::string> kinds;   ///< Kinds of data it helps with; `general` always applies.
  std::string text;
};

/// Texts may hold {{whose}}. Every map has a row `general` where facts may bring words that the book does not know.
struct Phrases {
  using Words = std::map<std::string, std::string, std::less<>>;
  Words whose, categories, short_forms, effects, incidents, measures;
  std::vector<Advice> advice;       ///< Most urgent first.
};

/// The kind of incident that a shipped rule means, or "" where the rule is not of our pack.
std::string kind_of_rule(std::string_view rule_id);

/// Our own file: a fault in it is a broken promise, found by the first test that renders.
const Phrases& phrases_of(std::string_view locale);

}  // namespace tocsin
