// wording.cpp: categories, kinds, measures, advice and times in words.
#include "notifiers/wording.h"

#include <set>

#include "notifiers/local_time.h"
#include "notifiers/phrases.h"

namespace tocsin {
namespace {

constexpr std::size_t kAdviceMax = 5;      // More than five and nobody does any of them.
constexpr std::size_t kShortKindsMax = 3;  // A short message costs by length.

bool chinese(std::string_view locale) { return locale == "zh-CN"; }

/// One line, whatever the configuration holds: a line break could become a heading of the notice.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

std::string group_digits(std::int64_t n) {
  std::string digits = std::to_string(n);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

Result<Instant> at(const google::protobuf::Timestamp& time, bool present, std::string_view what) {
  if (!present || time.seconds() <= 0) return bad_input(fmt::format("the facts do not say {}", what));
  return instant_of(time.seconds() * 1'000'000 + time.nanos() / 1000);
}

std::vector<std::string> whole_kinds(const v1::NoticeFacts& facts, const Phrases::Words& book) {
  // The broad words add nothing beside a narrow one of the same meaning.
  std::vector<std::string> kinds;
  std::set<std::string> seen;
  for (const std::string& category : facts.categories()) {
    const std::string kind = book.contains(category) ? category : "general";
    if (seen.insert(kind).second) kinds.push_back(kind);
  }
  if (kinds.empty()) kinds.emplace_back("general");
  std::stable_partition(kinds.begin(), kinds.end(), [](const std::string& kind) { return kind != "general"; });
  return kinds;
}

std::string joined(const std::vector<std::string>& parts, std::string_view locale) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : chinese(locale) ? "、" : ", ") + part;
  return out;
}

/// How many people, and how we know.
std::string count_text(const v1::NoticeFacts& facts, std::string_view locale) {
  const std::int64_t people = facts.affected_count() + facts.reported_count();
  if (people == 0) return chinese(locale) ? "受影响的人数正在核实。" : "The number of people concerned is being established.";
  const bool exact = facts.reported_count() == 0 && facts.count_basis() != v1::COUNT_BASIS_ESTIMATED;
  if (chinese(locale)) return fmt::format("{} {} 人的个人信息。", exact ? "截至本公告日，事件涉及" : "截至本公告日，事件约涉及", group_digits(people));
  const std::string noun = people == 1 ? "person" : "people";
  return fmt::format("As known today, the personal data of {}{} {} are involved.", exact ? "" : "about ", group_digits(people), noun);
}

std::vector<std::string> contacts_of(const v1::NoticeFacts& facts, std::string_view locale) {
  const v1::Organisation& us = facts.organisation();
  const bool zh = chinese(locale);
  std::vector<std::string> lines;
  const auto add = [&](const char* label_en, const char* label_zh, const std::string& value) {
    if (!value.empty()) lines.push_back(zh ? fmt::format("{}：{}", label_zh, one_line(value)) : fmt::format("{}: {}", label_en, one_line(value)));
  };
  add("Contact", "联系人", us.contact_name());
  add("Telephone", "联系电话", us.contact_phone());
  add("E-mail", "电子邮箱", us.contact_email());
  add("Data protection officer", "个人信息保护负责人", us.dpo());
  add("Address", "地址", us.address());
  add("More on the web", "更多信息", us.help_url());
  if (facts.announcement_url() != us.help_url()) add("Public notice", "公告", facts.announcement_url());
  return lines;
}

}  // namespace

std::string_view whose_key(Audience audience, bool to_the_public) {
  if (to_the_public) return "public";
  switch (audience) {
    case Audience::person: return "person";
    case Audience::minor: return "minor";
    case Audience::guardian: return "guardian";
  }
  return "person";
}

std::vector<std::string> links_of(const v1::NoticeFacts& facts) {
  std::vector<std::string> links;
  for (const std::string& link : {facts.organisation().help_url(), facts.announcement_url()})
    if (!link.empty() && std::find(links.begin(), links.end(), link) == links.end()) links.push_back(link);
  // The longer first, so that one that begins with another is linked whole.
  std::sort(links.begin(), links.end(), [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  return links;
}

std::string organisation_of(const v1::NoticeFacts& facts, std::string_view locale) {
  const v1::Organisation& us = facts.organisation();
  if (chinese(locale)) return one_line(us.name_zh().empty() ? us.name() : us.name_zh());
  return one_line(us.name().empty() ? us.name_zh() : us.name());
}

Result<Names> names_of(const v1::NoticeFacts& facts, std::string_view locale, std::string_view whose) {
  const v1::Organisation& us = facts.organisation();
  const Phrases& book = phrases_of(locale);
  const std::string zone = us.time_zone().empty() ? "UTC" : us.time_zone();
  const std::string organisation = organisation_of(facts, locale);
  if (organisation.empty()) return bad_input("`organisation.name` is missing: a notice must say who sends it");
  if (us.contact_phone().empty() && us.contact_email().empty()) return bad_input("`organisation.contact_phone` and `contact_email` are missing: a notice must say whom to ask");
  if (facts.incident_id().size() < 8) return bad_input("the facts have no incident id");

  Names names;
  const std::string possessive = book.whose.find(whose)->second;
  const Names phrase_names{.texts = {{"whose", possessive}}, .flags = {}, .lists = {}};
  const auto said = [&](const std::string& text) { return fill_template(text, phrase_names, escape_nothing); };

  names.texts = {{"organisation", organisation}, {"whose", possessive}, {"count", count_text(facts, locale)}};
  names.texts["reference"] = facts.incident_id().substr(0, 8);
  for (char& c : names.texts["reference"]) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));

  // ── times ──
  TOCSIN_ASSIGN(const Instant first, at(facts.first_event(), facts.has_first_event(), "when it began (first_event)"));
  const Instant last = facts.has_last_event() ? std::max(first, instant_of(facts.last_event().seconds() * 1'000'000 + facts.last_event().nanos() / 1000)) : first;
  TOCSIN_ASSIGN(const Instant detected, at(facts.detected_at(), facts.has_detected_at(), "when it was detected (detected_at)"));
  TOCSIN_ASSIGN(const Instant drawn_up, at(facts.drawn_up_at(), facts.has_drawn_up_at(), "the notice's date (drawn_up_at)"));
  TOCSIN_ASSIGN(names.texts["period"], period_text(first, last, zone, locale));
  TOCSIN_ASSIGN(names.texts["day"], date_text(first, zone, locale));
  TOCSIN_ASSIGN(names.texts["detected"], time_text(detected, zone, locale));
  TOCSIN_ASSIGN(names.texts["date"], date_text(drawn_up, zone, locale));
  for (const auto& [flag, name, present, time] : {std::tuple{"confirmed", "confirmed_at", facts.has_confirmed_at(), facts.confirmed_at()},
                                                  std::tuple{"contained", "contained_at", facts.has_contained_at(), facts.contained_at()}}) {
    names.flags[flag] = present;
    names.texts[name] = "";
    if (!present) continue;
    TOCSIN_ASSIGN(const Instant when, at(time, true, name));
    TOCSIN_ASSIGN(names.texts[name], time_text(when, zone, locale));
  }

  // ── what happened, which data, what may follow ──
  std::set<std::string> seen;
  const auto add_kind = [&](const std::string& kind) -> Result<void> {
    const auto row = book.incidents.find(kind);
    if (row == book.incidents.end() || !seen.insert(kind).second) return {};
    TOCSIN_ASSIGN(std::string text, said(row->second));
    names.lists["what"].push_back(std::move(text));
    return {};
  };
  names.lists["what"];
  for (const std::string& kind : facts.kinds()) TOCSIN_TRY(add_kind(kind));
  if (facts.kinds().empty())
    for (const std::string& rule : facts.rule_ids()) TOCSIN_TRY(add_kind(kind_of_rule(rule)));
  if (names.lists["what"].empty()) TOCSIN_TRY(add_kind("general"));

  const std::vector<std::string> kinds = whole_kinds(facts, book.categories);
  std::vector<std::string> brief;
  std::set<std::string> effects_said;
  for (const std::string& kind : kinds) {
    names.lists["categories"].push_back(book.categories.find(kind)->second);
    if (brief.size() < kShortKindsMax) brief.push_back(book.short_forms.find(kind)->second);
    if (const auto effect = book.effects.find(kind); effect != book.effects.end() && effects_said.insert(effect->second).second) {
      TOCSIN_ASSIGN(std::string text, said(effect->second));
      names.lists["effects"].push_back(std::move(text));
    }
  }
  TOCSIN_ASSIGN(std::string general_effect, said(book.effects.find("general")->second));
  if (!effects_said.contains(book.effects.find("general")->second)) names.lists["effects"].push_back(std::move(general_effect));
  names.texts["short_categories"] = joined(brief, locale) + (kinds.size() > brief.size() ? (chinese(locale) ? "等" : " and more") : "");

  // ── what we do, what you can do ──
  names.lists["measures"];
  for (const std::string& measure : facts.measures()) {
    const auto row = book.measures.find(measure);
    if (row == book.measures.end()) return bad_input(fmt::format("the phrase book knows no measure `{}`", measure));
    names.lists["measures"].push_back(row->second);
  }
  for (const Advice& advice : book.advice) {
    const bool applies = std::any_of(advice.kinds.begin(), advice.kinds.end(), [&](const std::string& kind) {
      return kind == "general" || std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    });
    if (applies && names.lists["advice"].size() < kAdviceMax) names.lists["advice"].push_back(advice.text);
  }

  // ── whom to ask ──
  names.lists["contacts"] = contacts_of(facts, locale);
  names.texts["short_contact"] = one_line(us.contact_phone().empty() ? us.contact_email() : us.contact_phone());
  const std::string link = us.help_url().empty() ? facts.announcement_url() : us.help_url();
  names.flags["link"] = !link.empty();
  names.texts["link_url"] = one_line(link);
  const std::string& authority = chinese(locale) && !facts.authority_zh().empty() ? facts.authority_zh() : facts.authority();
  names.flags["authority"] = !authority.empty();
  names.texts["authority_name"] = one_line(authority);
  names.flags["guardian"] = whose == "guardian";
  return names;
}

}  // namespace tocsin
