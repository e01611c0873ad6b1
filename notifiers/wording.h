// wording.h: facts become the names that templates may use.
#pragma once

#include "daemon/base/result.h"
#include "notifiers/render.h"
#include "notifiers/template.h"

namespace tocsin {

/// Whom the text speaks to: the key of `whose` in the phrase book; `public` for announcements.
std::string_view whose_key(Audience audience, bool to_the_public);

/// Every name of every template, in one language. bad_input says which fact is missing.
Result<Names> names_of(const v1::NoticeFacts& facts, std::string_view locale, std::string_view whose);

/// The addresses that may become links.
std::vector<std::string> links_of(const v1::NoticeFacts& facts);

/// The organisation's name in this language.
std::string organisation_of(const v1::NoticeFacts& facts, std::string_view locale);

}  // namespace tocsin
