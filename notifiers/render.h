// render.h: facts of an incident become the words that a person reads, per channel, language and audience.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/base/result.h"
#include "tocsin/v1/notice_facts.pb.h"

namespace tocsin {

/// Whom a notice speaks to. A minor gets simple words; the guardian is told what concerns the child.
enum class Audience : std::uint8_t { person, minor, guardian };

/// A message ready to be sent. `html` is empty where the channel has none; it says the same facts as `text`.
struct Rendered {
  std::string subject;
  std::string text;
  std::string html;
};

/// The shipped languages, sorted: en, zh-CN.
std::span<const std::string_view> notice_locales();

/// The shipped language nearest to a BCP 47 tag: `zh`, `zh-Hans-CN`, `zh_CN` → zh-CN; everything else → en.
std::string_view notice_locale(std::string_view wanted);

/// The words for one channel type (email | sms | push | announcement | webhook), exactly determined by its arguments.
/// An announcement's page speaks every shipped language, `locale` first. `possible_duplicate` adds, where people read it,
/// the sentence that the message may have arrived before. bad_input names the fact that is
/// missing: an organisation without a name, no way to ask back, no time, an unknown type or locale. A category or kind
/// without words of its own is called by the general words ("other personal data").
Result<Rendered> render(const v1::NoticeFacts& facts, std::string_view type, std::string_view locale,
                        Audience audience = Audience::person, bool possible_duplicate = false);

/// What an approval binds: a fingerprint over everything that `render` says for these channel types, in every locale and
/// to every audience. Fails where any of them fails, so that a gap blocks approval and not the night of delivery.
Result<std::string> text_hash(const v1::NoticeFacts& facts, std::span<const std::string> types);

/// Whether the phrase book has words of its own for a kind of data in every language; a preview names those it has not.
bool knows_category(std::string_view category);

}  // namespace tocsin
