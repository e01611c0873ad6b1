// render.cpp: template + names → subject, text, HTML; and the fingerprint that an approval binds.
#include "notifiers/render.h"

#include <array>
#include <set>

#include "daemon/base/clock.h"
#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "notifiers/blocks.h"
#include "notifiers/json_text.h"
#include "notifiers/phrases.h"
#include "notifiers/templates.h"
#include "notifiers/wording.h"

namespace tocsin {
namespace {

constexpr std::array<std::string_view, 2> kLocales = {"en", "zh-CN"};
constexpr std::string_view kSubjectMark = "Subject: ";

/// A filled template: its first line is the subject.
struct Filled {
  std::string subject, body;
};

Result<Filled> filled(std::string_view name, const v1::NoticeFacts& facts, std::string_view locale, std::string_view whose, bool again) {
  TOCSIN_ASSIGN(Names names, names_of(facts, locale, whose));
  names.flags["again"] = again;
  const std::string path = fmt::format("{}/{}.mustache", locale, name);
  auto text = fill_template(template_text(path), names, escape_nothing);
  if (!text) return while_doing(path, std::move(text).error());
  const std::size_t end = text->find('\n');
  if (text->compare(0, kSubjectMark.size(), kSubjectMark) != 0 || end == std::string::npos) return bad_input(path + ": the first line must be `Subject: …`");
  return Filled{text->substr(kSubjectMark.size(), end - kSubjectMark.size()), text->substr(end + 1)};
}

Result<Rendered> letter(const v1::NoticeFacts& facts, std::string_view locale, Audience audience, bool again) {
  TOCSIN_ASSIGN(const Filled notice, filled(audience == Audience::minor ? "minor" : "notice", facts, locale, whose_key(audience, false), again));
  const std::vector<Block> blocks = blocks_of(notice.body);
  const Names names{.texts = {{"locale", std::string(locale)}, {"title", notice.subject}, {"organisation", organisation_of(facts, locale)}, {"body", html_of(blocks, links_of(facts), true)}}, .flags = {}, .lists = {}};
  TOCSIN_ASSIGN(std::string html, fill_template(template_text("layout/email.html.mustache"), names, escape_html, true));
  return Rendered{notice.subject, plain_of(notice.subject, blocks), std::move(html)};
}

Result<Rendered> brief(std::string_view type, const v1::NoticeFacts& facts, std::string_view locale, Audience audience, bool again) {
  TOCSIN_ASSIGN(const Filled notice, filled(type, facts, locale, whose_key(audience, false), again));
  std::string text = notice.body;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return Rendered{notice.subject, std::move(text), ""};
}

/// One page with every language, the wanted one first, each an article of its own language.
Result<Rendered> page(const v1::NoticeFacts& facts, std::string_view locale) {
  std::vector<std::string_view> order{locale};
  for (const std::string_view other : kLocales)
    if (other != locale) order.push_back(other);
  Rendered rendered;
  std::string articles, links;
  for (const std::string_view language : order) {
    TOCSIN_ASSIGN(const Filled notice, filled("announcement", facts, language, whose_key(Audience::person, true), false));
    const std::vector<Block> blocks = blocks_of(notice.body);
    if (language == locale) rendered.subject = notice.subject;
    rendered.text += (rendered.text.empty() ? "" : "\n\n") + plain_of(notice.subject, blocks);
    articles += fmt::format("<article lang=\"{0}\" id=\"{0}\" aria-labelledby=\"title-{0}\">\n<h1 id=\"title-{0}\">{1}</h1>\n{2}</article>\n", language,
                            escape_html(notice.subject), html_of(blocks, links_of(facts), false));
    links += fmt::format("<a href=\"#{0}\" lang=\"{0}\" hreflang=\"{0}\">{1}</a>", language, language == "zh-CN" ? "简体中文" : "English");
  }
  const bool zh = locale == "zh-CN";
  const Names names{.texts = {{"locale", std::string(locale)}, {"title", rendered.subject}, {"organisation", organisation_of(facts, locale)}, {"skip", zh ? "跳到正文" : "Skip to content"},
                              {"languages", zh ? "语言" : "Languages"}, {"links", links}, {"articles", articles}, {"style", std::string(template_text("layout/page.css.mustache"))}},
                    .flags = {}, .lists = {}};
  TOCSIN_ASSIGN(rendered.html, fill_template(template_text("layout/page.html.mustache"), names, escape_html, true));
  return rendered;
}

std::string json_list(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ",") + json_quoted(text);
  return "[" + out + "]";
}

std::string json_time(bool present, const google::protobuf::Timestamp& time) {
  return present ? json_quoted(rfc3339(instant_of(time.seconds() * 1'000'000 + time.nanos() / 1000))) : "null";
}

/// For machines of the operations staff: Standard Webhooks' shape, no personal data.
Result<Rendered> event(const v1::NoticeFacts& facts, std::string_view locale) {
  if (facts.incident_id().empty()) return bad_input("the facts have no incident id");
  if (!facts.has_drawn_up_at()) return bad_input("the facts do not say the notice's date (drawn_up_at)");
  const std::string& title = locale == "zh-CN" && !facts.title_zh().empty() ? facts.title_zh() : facts.title();
  const std::string state = facts.state().empty() ? "suspected" : facts.state();
  const std::string json = fmt::format(
      R"({{"type":{},"timestamp":{},"data":{{"incident_id":{},"title":{},"title_zh":{},"level":{},"state":{},"rule_ids":{},"categories":{},)"
      R"("first_event":{},"last_event":{},"detected_at":{},"affected_count":{},"reported_count":{},"record_count":{}}}}})",
      json_quoted("incident." + state), json_time(true, facts.drawn_up_at()), json_quoted(facts.incident_id()), json_quoted(facts.title()), json_quoted(facts.title_zh()),
      json_quoted(facts.level()), json_quoted(state), json_list(facts.rule_ids()), json_list(facts.categories()), json_time(facts.has_first_event(), facts.first_event()),
      json_time(facts.has_last_event(), facts.last_event()), json_time(facts.has_detected_at(), facts.detected_at()), facts.affected_count(), facts.reported_count(), facts.record_count());
  return Rendered{title, json, ""};
}

}  // namespace

std::span<const std::string_view> notice_locales() { return kLocales; }

std::string_view notice_locale(std::string_view wanted) {
  return wanted.substr(0, 2) == "zh" && (wanted.size() == 2 || wanted[2] == '-' || wanted[2] == '_') ? "zh-CN" : "en";
}

Result<Rendered> render(const v1::NoticeFacts& facts, std::string_view type, std::string_view locale, Audience audience, bool possible_duplicate) {
  if (std::find(kLocales.begin(), kLocales.end(), locale) == kLocales.end()) return bad_input(fmt::format("there are no notices in `{}`", locale));
  auto rendered = [&]() -> Result<Rendered> {
    if (type == "announcement") return page(facts, locale);
    if (type == "email") return letter(facts, locale, audience, possible_duplicate);
    if (type == "push" || type == "sms") return brief(type, facts, locale, audience, possible_duplicate);
    if (type == "webhook") return event(facts, locale);
    return bad_input(fmt::format("there is no channel type `{}`", type));
  }();
  if (!rendered) return while_doing(fmt::format("the {} notice in {}", type, locale), std::move(rendered).error());
  if (rendered->text.size() + rendered->html.size() > limits::kNoticeBytesMax) return bad_input(fmt::format("the {} notice in {} is larger than {} bytes", type, locale, limits::kNoticeBytesMax));
  return rendered;
}

Result<std::string> text_hash(const v1::NoticeFacts& facts, std::span<const std::string> types) {
  std::string all;
  const auto add = [&](std::string_view part) { all += fmt::format("{}:{},", part.size(), part); };
  for (const std::string& type : std::set<std::string>(types.begin(), types.end())) {
    for (const std::string_view locale : kLocales) {
      for (const Audience audience : {Audience::person, Audience::minor, Audience::guardian}) {
        for (const bool again : {false, true}) {
          TOCSIN_ASSIGN(const Rendered rendered, render(facts, type, locale, audience, again));
          for (const std::string_view part : {std::string_view(type), locale, std::string_view(rendered.subject), std::string_view(rendered.text), std::string_view(rendered.html)}) add(part);
        }
      }
    }
  }
  return fingerprint(all);
}

bool knows_category(std::string_view category) {
  return std::all_of(kLocales.begin(), kLocales.end(), [&](std::string_view locale) { return phrases_of(locale).categories.contains(category); });
}

}  // namespace tocsin
