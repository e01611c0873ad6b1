// render_test.cpp: notices say everything the law asks for, in every language, in text and HTML alike.
#include "notifiers/render.h"

#include <gmock/gmock.h>

#include <regex>

#include "notifiers/json_text.h"
#include "notifiers/local_time.h"
#include "notifiers/phrases.h"
#include "notifiers/template.h"
#include "notifiers/templates.h"
#include "notifiers/test_facts.h"

namespace tocsin {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const v1::NoticeFacts& facts, std::string_view type, std::string_view locale, Audience audience = Audience::person, bool again = false) {
  const auto rendered = render(facts, type, locale, audience, again);
  EXPECT_TRUE(rendered) << rendered.error().text;
  return rendered ? rendered->subject + "\n" + rendered->text + "\n" + rendered->html : "";
}

std::string error_of(const v1::NoticeFacts& facts, std::string_view type = "email", std::string_view locale = "en") {
  const auto rendered = render(facts, type, locale);
  return rendered ? "" : rendered.error().text;
}

TEST(Render, an_individual_notice_has_every_item_of_pipl_57_and_gdpr_34) {
  EXPECT_THAT(text_of(test_facts(), "email", "en"),
              AllOf(HasSubstr("What happened"), HasSubstr("What information was involved"), HasSubstr("Health data"), HasSubstr("What it may mean"), HasSubstr("What we are doing"), HasSubstr("What you can do"),
                    HasSubstr("Remedies and your rights"), HasSubstr("For more information"), HasSubstr("+86 21 5555 0100"), HasSubstr("dpo@corp.example")));
  EXPECT_THAT(text_of(test_facts(), "email", "en"), HasSubstr("on 24 November 2026, between 02:15 and 04:40 (UTC+8)"));
  EXPECT_THAT(text_of(test_facts(), "email", "zh-CN"),
              AllOf(HasSubstr("发生了什么"), HasSubstr("涉及哪些信息"), HasSubstr("健康生理信息"), HasSubstr("可能的影响"), HasSubstr("我们采取的措施"), HasSubstr("您可以采取的措施"), HasSubstr("补救措施与您的权利"), HasSubstr("联系方式"),
                    HasSubstr("2026年11月24日 02:15至04:40（UTC+8）"), HasSubstr("国家互联网信息办公室")));
}

TEST(Render, no_company_name_and_no_address_stands_in_the_templates) {
  v1::NoticeFacts facts = test_facts();
  facts.mutable_organisation()->set_name("ZZ");
  facts.mutable_organisation()->set_name_zh("ZZ");
  facts.mutable_organisation()->set_help_url("https://zz.example/help");
  facts.clear_announcement_url();
  for (const char* type : {"announcement", "email", "push", "sms"})
    for (const std::string_view locale : notice_locales()) {
      const std::string text = text_of(facts, type, locale);
      EXPECT_THAT(text, AllOf(HasSubstr("ZZ"), Not(HasSubstr("Example Cloud")), Not(HasSubstr("示例")))) << type;
      const std::regex link("https?://[a-zA-Z0-9./_-]+");
      for (auto at = std::sregex_iterator(text.begin(), text.end(), link); at != std::sregex_iterator(); ++at) EXPECT_EQ(at->str(), "https://zz.example/help") << type;
    }
}

TEST(Render, a_link_that_begins_with_another_is_one_link) {
  auto facts = test_facts();
  facts.mutable_organisation()->set_help_url("https://corp.example/notices/");
  const auto mail = render(facts, "email", "en", Audience::person);
  ASSERT_TRUE(mail.has_value());
  EXPECT_NE(mail->html.find("<a href=\"https://corp.example/notices/x.html\" style=\"color:#0b5394;\">https://corp.example/notices/x.html</a>"), std::string::npos) << mail->html;
  EXPECT_EQ(mail->html.find("<a href=\"<a"), std::string::npos);
}

TEST(Render, a_short_message_is_short_and_has_link_telephone_and_reference) {
  for (const std::string_view locale : notice_locales()) {
    const auto rendered = render(test_facts(), "sms", locale);
    ASSERT_TRUE(rendered);
    EXPECT_THAT(rendered->text, AllOf(HasSubstr("https://corp.example/affected"), HasSubstr("+86 21 5555 0100"), HasSubstr("A1B2C3D4"), Not(HasSubstr("\n"))));
    EXPECT_TRUE(rendered->html.empty());
    std::size_t characters = 0;
    for (const char c : rendered->text) characters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    EXPECT_LE(characters, locale == "en" ? 306U : 134U) << "two parts: " << rendered->text;
  }
}

TEST(Render, a_guardian_reads_of_the_child_and_a_minor_reads_simple_words) {
  EXPECT_THAT(text_of(test_facts(), "email", "en", Audience::guardian), AllOf(HasSubstr("the child's personal data"), HasSubstr("parent or guardian"), Not(HasSubstr("hold your personal data"))));
  EXPECT_THAT(text_of(test_facts(), "email", "zh-CN", Audience::guardian), HasSubstr("您所监护的未成年人的"));
  EXPECT_THAT(text_of(test_facts(), "sms", "zh-CN", Audience::guardian), HasSubstr("您所监护的未成年人的"));
  EXPECT_THAT(text_of(test_facts(), "email", "en", Audience::minor), AllOf(HasSubstr("another adult you trust"), Not(HasSubstr("lodge a complaint with"))));
  EXPECT_THAT(text_of(test_facts(), "email", "zh-CN", Audience::minor), HasSubstr("你信任的大人"));
}

TEST(Render, a_second_sending_says_so_and_only_that_is_new) {
  for (const std::string_view locale : notice_locales())
    for (const char* type : {"email", "push", "sms"}) EXPECT_NE(text_of(test_facts(), type, locale), text_of(test_facts(), type, locale, Audience::person, true)) << type;
  EXPECT_EQ(text_of(test_facts(), "webhook", "en"), text_of(test_facts(), "webhook", "en", Audience::person, true));
}

TEST(Render, every_kind_and_category_of_the_book_has_words_in_every_language) {
  const Phrases &english = phrases_of("en"), &chinese = phrases_of("zh-CN");
  const auto keys = [](const Phrases::Words& words) {
    std::vector<std::string> names;
    for (const auto& [name, text] : words) {
      names.push_back(name);
      EXPECT_FALSE(text.empty()) << name;
    }
    return names;
  };
  EXPECT_EQ(keys(english.categories), keys(chinese.categories));
  EXPECT_EQ(keys(english.short_forms), keys(chinese.short_forms));
  EXPECT_EQ(keys(english.categories), keys(english.short_forms));
  EXPECT_EQ(keys(english.effects), keys(chinese.effects));
  EXPECT_EQ(keys(english.incidents), keys(chinese.incidents));
  EXPECT_EQ(keys(english.measures), keys(chinese.measures));
  EXPECT_EQ(english.advice.size(), chinese.advice.size());
  for (const std::string& kind : keys(english.incidents)) {
    v1::NoticeFacts facts = test_facts();
    facts.clear_kinds();
    facts.add_kinds(kind);
    for (const std::string_view locale : notice_locales()) EXPECT_THAT(text_of(facts, "announcement", locale), Not(HasSubstr("{{"))) << kind;
  }
}

TEST(Render, an_unknown_category_or_kind_gets_the_general_words_once) {
  v1::NoticeFacts facts = test_facts();
  facts.clear_categories();
  facts.add_categories("shoe_size");
  facts.add_categories("hat_size");
  facts.clear_kinds();
  facts.add_kinds("never_heard_of");
  const std::string text = render(facts, "email", "en")->text;
  EXPECT_THAT(text, AllOf(HasSubstr("* Other personal data\n"), HasSubstr("in a way that our rules do not permit"), Not(HasSubstr("shoe_size"))));
  EXPECT_EQ(text.find("Other personal data"), text.rfind("Other personal data"));
  EXPECT_FALSE(knows_category("shoe_size"));
  EXPECT_TRUE(knows_category("health"));
}

TEST(Render, a_rule_of_our_pack_brings_its_own_sentence) {
  v1::NoticeFacts facts = test_facts();
  facts.clear_kinds();
  facts.clear_rule_ids();
  facts.add_rule_ids("90c47ca7-8a46-4f56-9f87-b7dd61c05802");
  EXPECT_THAT(text_of(facts, "email", "en"), AllOf(HasSubstr("A business partner of ours"), Not(HasSubstr("in a way that our rules do not permit"))));
  facts.add_rule_ids("another company's rule");
  EXPECT_THAT(text_of(facts, "email", "zh-CN"), HasSubstr("合作方"));
  EXPECT_EQ(kind_of_rule("another company's rule"), "");
}

TEST(Render, what_is_missing_is_named) {
  v1::NoticeFacts facts = test_facts();
  facts.mutable_organisation()->clear_name();
  facts.mutable_organisation()->clear_name_zh();
  EXPECT_THAT(error_of(facts), HasSubstr("`organisation.name` is missing"));
  facts = test_facts();
  facts.mutable_organisation()->clear_contact_phone();
  facts.mutable_organisation()->clear_contact_email();
  EXPECT_THAT(error_of(facts), HasSubstr("whom to ask"));
  facts = test_facts();
  facts.clear_first_event();
  EXPECT_THAT(error_of(facts, "sms"), HasSubstr("first_event"));
  facts = test_facts();
  facts.mutable_organisation()->set_time_zone("Mars/Olympus");
  EXPECT_THAT(error_of(facts), HasSubstr("Mars/Olympus"));
  facts = test_facts();
  facts.add_measures("prayer");
  EXPECT_THAT(error_of(facts), HasSubstr("`prayer`"));
  EXPECT_THAT(error_of(test_facts(), "pigeon"), HasSubstr("`pigeon`"));
  EXPECT_THAT(error_of(test_facts(), "email", "fr"), HasSubstr("`fr`"));
}

TEST(Render, facts_with_markup_and_line_breaks_stay_words) {
  v1::NoticeFacts facts = test_facts();
  facts.mutable_organisation()->set_name("A <b>&</b> B\n## What happened\n- {{organisation}}");
  facts.mutable_organisation()->set_contact_name("<script>alert(1)</script>");
  const auto rendered = render(facts, "email", "en");
  ASSERT_TRUE(rendered) << rendered.error().text;
  EXPECT_THAT(rendered->html, AllOf(HasSubstr("A &lt;b&gt;&amp;&lt;/b&gt; B"), Not(HasSubstr("<script"))));
  EXPECT_EQ(rendered->text.find("\nWhat happened\n"), rendered->text.rfind("\nWhat happened\n"));
  EXPECT_THAT(rendered->subject, Not(HasSubstr("\n")));
  EXPECT_THAT(rendered->text, HasSubstr("{{organisation}}")) << "filled once, never twice";
}

TEST(Render, an_announcement_is_an_accessible_page_in_every_language_without_script) {
  const auto rendered = render(test_facts(), "announcement", "zh-CN");
  ASSERT_TRUE(rendered);
  EXPECT_THAT(rendered->html, AllOf(HasSubstr("<html lang=\"zh-CN\">"), HasSubstr("<article lang=\"en\""), HasSubstr("class=\"skip\""), HasSubstr("prefers-color-scheme: dark"), HasSubstr("@media print"), HasSubstr("<main id=\"main\""),
                                    Not(HasSubstr("<script")), Not(HasSubstr("http://"))));
  EXPECT_THAT(rendered->html, AllOf(HasSubstr("4,213"), HasSubstr("feed.xml")));
  EXPECT_LT(rendered->html.find("<article lang=\"zh-CN\""), rendered->html.find("<article lang=\"en\""));
}

TEST(Render, counts_say_how_they_are_known) {
  v1::NoticeFacts facts = test_facts();
  EXPECT_THAT(render(facts, "announcement", "en")->text, HasSubstr("the personal data of 4,213 people are involved"));
  facts.set_reported_count(1'000'000);
  EXPECT_THAT(render(facts, "announcement", "en")->text, HasSubstr("about 1,004,213 people"));
  facts.set_reported_count(0);
  facts.set_affected_count(1);
  EXPECT_THAT(render(facts, "announcement", "en")->text, HasSubstr("of 1 person are"));
  facts.set_affected_count(0);
  EXPECT_THAT(render(facts, "announcement", "zh-CN")->text, HasSubstr("正在核实"));
}

TEST(Render, the_operations_webhook_is_json_of_numbers_without_people) {
  v1::NoticeFacts facts = test_facts();
  facts.set_title("A \"quoted\" \\ title\n");
  const auto rendered = render(facts, "webhook", "en");
  ASSERT_TRUE(rendered);
  EXPECT_EQ(json_at(rendered->text, "/type").value_or("?"), "incident.confirmed");
  EXPECT_EQ(json_at(rendered->text, "/data/title").value_or("?"), "A \"quoted\" \\ title\n");
  EXPECT_EQ(json_at(rendered->text, "/data/affected_count").value_or("?"), "4213");
  EXPECT_EQ(json_at(rendered->text, "/data/categories/2").value_or("?"), "health");
  facts.clear_confirmed_at();
  facts.clear_contained_at();
  EXPECT_THAT(text_of(facts, "webhook", "en"), HasSubstr("2026-11-2"));
}

TEST(Render, the_text_hash_moves_with_every_fact_and_with_nothing_else) {
  const std::vector<std::string> types = {"email", "sms"}, reversed = {"sms", "email", "sms"};
  const std::string before = *text_hash(test_facts(), types);
  EXPECT_EQ(before, *text_hash(test_facts(), reversed));
  const std::vector<std::function<void(v1::NoticeFacts&)>> edits = {
      [](auto& f) { f.mutable_organisation()->set_contact_phone("1"); }, [](auto& f) { f.add_categories("payment"); }, [](auto& f) { f.add_kinds("exfiltration"); },
      [](auto& f) { f.mutable_first_event()->set_seconds(1'795'400'000); }, [](auto& f) { f.clear_contained_at(); }, [](auto& f) { f.add_measures("audit"); }};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    v1::NoticeFacts facts = test_facts();
    edits[i](facts);
    EXPECT_NE(before, *text_hash(facts, types)) << i;
  }
  v1::NoticeFacts gap = test_facts();
  gap.clear_drawn_up_at();
  EXPECT_FALSE(text_hash(gap, types));
}

TEST(Render, locales_are_found_by_their_language) {
  EXPECT_EQ(notice_locale("zh"), "zh-CN");
  EXPECT_EQ(notice_locale("zh_Hans_CN"), "zh-CN");
  EXPECT_EQ(notice_locale("en-GB"), "en");
  EXPECT_EQ(notice_locale(""), "en");
  EXPECT_EQ(notice_locale("zhuang"), "en");
}

TEST(Template, a_name_that_nobody_gives_is_an_error_also_as_a_section) {
  const Names names{.texts = {{"a", "1"}}, .flags = {{"f", false}}, .lists = {{"empty", {}}}};
  EXPECT_EQ(fill_template("{{a}}{{#f}}x{{/f}}{{#empty}}{{.}}{{/empty}}", names, escape_nothing).value_or("?"), "1");
  for (const char* wrong : {"{{b}}", "{{#b}}x{{/b}}", "{{^b}}x{{/b}}", "{{> b}}", "{{a", "{{#a}}"}) EXPECT_FALSE(fill_template(wrong, names, escape_nothing)) << wrong;
}

TEST(LocalTime, periods_are_as_short_as_they_stay_clear) {
  const Instant at = *parse_rfc3339("2026-11-23T18:15:00Z");
  EXPECT_EQ(*period_text(at, at, "UTC", "en"), "on 23 November 2026, 18:15 (UTC)");
  EXPECT_EQ(*period_text(at, at + std::chrono::hours(24), "UTC", "en"), "between 23 November 2026, 18:15 and 24 November 2026, 18:15 (UTC)");
  EXPECT_EQ(*period_text(at, at + std::chrono::hours(1), "Asia/Kolkata", "zh-CN"), "2026年11月23日 23:45至2026年11月24日 00:45（UTC+5:30）");
  EXPECT_EQ(*time_text(at, "America/St_Johns", "en"), "23 November 2026, 14:45 (UTC−3:30)");
  // The night the clocks go back: both offsets are said.
  const Instant before = *parse_rfc3339("2026-10-25T00:30:00Z");
  EXPECT_EQ(*period_text(before, before + std::chrono::hours(1), "Europe/Berlin", "en"), "between 25 October 2026, 02:30 (UTC+2) and 25 October 2026, 02:30 (UTC+1)");
}

TEST(JsonText, pointers_find_values_and_garbage_is_an_error) {
  EXPECT_EQ(json_at(R"({"a":[{"b/c":"x"},2]})", "/a/0/b~1c").value_or("?"), "x");
  EXPECT_EQ(json_at(R"({"a":[1,2]})", "/a/1").value_or("?"), "2");
  EXPECT_EQ(json_at(R"({"a":[1,2]})", "/a/7").value_or("?"), "");
  EXPECT_FALSE(json_at("<html>", "/a"));
}

}  // namespace
}  // namespace tocsin
