// make_text.h: random texts, regular expressions, numbers and addresses, each as a rule writes it and as an event fulfils it.
#pragma once

#include "tests/reference/dice.h"
#include "tests/reference/event.h"
#include "tests/reference/pattern.h"
#include "tests/reference/regex.h"

namespace tocsin::reference {

char32_t make_letter(Dice& dice, bool ascii);
Letters make_letters(Dice& dice, int least, int most, bool ascii);
Letters flip_case(Dice& dice, const Letters& text, int percent);

/// Wildcards among the letters; backslashes, stars and question marks as letters too.
Pattern make_pattern(Dice& dice, bool wildcards);
/// The pattern as Sigma writes it, in one of the ways to write it.
std::string written(Dice& dice, const Pattern& pattern);
/// A text that the pattern matches, or nearly.
Letters fulfil(Dice& dice, const Pattern& pattern);

/// A YAML scalar that reads as this text, in one of the quotings.
std::string yaml_text(Dice& dice, const std::string& text);

struct MadeRegex {
  std::string text;
  Letters hit;               ///< A text in which it is found.
};
MadeRegex make_regex(Dice& dice);

std::string make_number(Dice& dice);
/// The same number or one right beside it, perhaps written otherwise.
std::string number_near(Dice& dice, const std::string& number);

struct MadeNetwork {
  std::string text;
  std::vector<bool> prefix;
  bool is_long = false;
};
MadeNetwork make_network(Dice& dice);
/// An address inside, or, where `outside`, one whose last prefix bit differs.
std::string address_in(Dice& dice, const MadeNetwork& network, bool outside);

}  // namespace tocsin::reference
