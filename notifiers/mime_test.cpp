// mime_test.cpp: mails read by a foreign parser (Python's email package): headers, parts, the same facts in both.
#include "notifiers/mime.h"

#include <gmock/gmock.h>

#include "notifiers/render.h"
#include "notifiers/test_facts.h"
#include "tests/support/receivers/receiver.h"

namespace tocsin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::ScratchFolder;

constexpr const char* kNotice = "00112233445566778899aabbccddeeff";

std::string mail_of(std::string_view locale, const Message* other = nullptr) {
  const auto rendered = render(test_facts(), "email", locale);
  EXPECT_TRUE(rendered) << rendered.error().text;
  Message message{.notice_id = kNotice, .locale = std::string(locale), .to = Pii("wang.li@example.org"), .subject = rendered->subject, .text = rendered->text, .html = rendered->html,
                  .created = instant_of(1'790'000'000'000'000), .resend = false};
  if (other != nullptr) message = *other;
  auto mail = mime_message({.from = {"示例公司 Privacy", "privacy@corp.example"}, .reply_to = "DPO <dpo@corp.example>", .message_id_domain = "corp.example"}, message);
  EXPECT_TRUE(mail) << mail.error().text;
  return mail ? *mail : "";
}

/// What Python's parser finds, one `name=value` a line.
std::string parsed(const std::string& mail) {
  static constexpr const char* kScript = R"(
import email, email.policy, html.parser, re, sys
m = email.message_from_bytes(open(sys.argv[1], 'rb').read(), policy=email.policy.default)
out = open(sys.argv[2], 'w', encoding='utf-8')
for name in ('Message-ID', 'Date', 'From', 'To', 'Reply-To', 'Subject', 'Auto-Submitted', 'Content-Language', 'MIME-Version', 'Content-Type'):
    values = m.get_all(name) or []
    print(f'{name}={len(values)}:{values[0] if values else ""}', file=out)
print('defects=%d' % (len(m.defects) + sum(len(p.defects) for p in m.walk())), file=out)
print('types=' + ','.join(p.get_content_type() for p in m.walk()), file=out)
class Text(html.parser.HTMLParser):
    skip = 0
    text = ''
    links = []
    lang = ''
    def handle_starttag(self, tag, attrs):
        if tag in ('style', 'title'): self.skip += 1
        if tag == 'a': self.links.append(dict(attrs)['href'])
        if tag == 'html': self.lang = dict(attrs)['lang']
    def handle_endtag(self, tag):
        if tag in ('style', 'title'): self.skip -= 1
    def handle_data(self, data):
        if not self.skip: self.text += data + '\n'
parts = {p.get_content_type(): p.get_content() for p in m.walk() if not p.is_multipart()}
h = Text()
h.feed(parts['text/html'])
facts = lambda t: [w for w in (re.sub(r'^\* ', '', l.strip()) for l in t.splitlines()) if w and not re.fullmatch('[-=]+', w)]
text = facts(parts['text/plain'])
page = re.sub(r'\s+', ' ', h.text)
missing = [t for t in text if re.sub(r'\s+', ' ', t) not in re.sub(r' (?=https?:)|(?<=/affected) ', '', page) and re.sub(r'\s+', '', t) not in re.sub(r'\s+', '', page)]
print('text_facts=%d' % len(text), file=out)
print('missing_in_html=' + '|'.join(missing), file=out)
joined = re.sub(r'\s+', '', parts['text/plain'])
extra = [l for l in facts(h.text) if re.sub(r'\s+', '', l) not in joined]
print('extra_in_html=' + '|'.join(extra), file=out)
print('links=' + ' '.join(sorted(set(h.links))), file=out)
print('lang=' + h.lang, file=out)
)";
  ScratchFolder scratch;
  std::ofstream(scratch / "mail.eml", std::ios::binary) << mail;
  EXPECT_EQ(testing_support::run_program({"/usr/bin/python3", "-c", kScript, scratch / "mail.eml", scratch / "out"}), 0);
  return testing_support::read_whole(scratch / "out");
}

TEST(Mime, a_foreign_parser_reads_every_header_once_and_both_parts_with_the_same_facts) {
  for (const std::string locale : {"zh-CN", "en"}) {
    const std::string mail = mail_of(locale), found = parsed(mail);
    EXPECT_THAT(found, HasSubstr("Message-ID=1:<00112233445566778899aabbccddeeff@corp.example>"));
    EXPECT_THAT(found, HasSubstr("Date=1:Mon, 21 Sep 2026 14:13:20 +0000"));
    EXPECT_THAT(found, HasSubstr("From=1:示例公司 Privacy <privacy@corp.example>"));
    EXPECT_THAT(found, HasSubstr("To=1:wang.li@example.org"));
    EXPECT_THAT(found, HasSubstr("Reply-To=1:DPO <dpo@corp.example>"));
    EXPECT_THAT(found, HasSubstr("Auto-Submitted=1:auto-generated"));
    EXPECT_THAT(found, HasSubstr("Content-Language=1:" + locale));
    EXPECT_THAT(found, HasSubstr(locale == "en" ? "Subject=1:Security incident at Example Cloud Ltd" : "Subject=1:【重要通知】示例云科技有限公司"));
    EXPECT_THAT(found, HasSubstr("types=multipart/alternative,text/plain,text/html"));
    EXPECT_THAT(found, HasSubstr("defects=0\n"));
    EXPECT_THAT(found, HasSubstr("missing_in_html=\n")) << found;
    EXPECT_THAT(found, HasSubstr("extra_in_html=\n")) << found;
    EXPECT_THAT(found, HasSubstr("links=https://corp.example/affected https://corp.example/notices/x.html\n"));
    EXPECT_THAT(found, HasSubstr("lang=" + locale));
    // On the wire: ASCII alone, short lines, the subject as encoded words.
    std::size_t longest = 0, begin = 0;
    for (std::size_t end; (end = mail.find("\r\n", begin)) != std::string::npos; begin = end + 2) longest = std::max(longest, end - begin);
    EXPECT_LE(longest, 998U);
    EXPECT_TRUE(std::all_of(mail.begin(), mail.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    if (locale == "zh-CN") { EXPECT_THAT(mail, HasSubstr("Subject: =?")); }
  }
}

TEST(Mime, a_resend_is_byte_for_byte_the_same) { EXPECT_EQ(mail_of("zh-CN"), mail_of("zh-CN")); }

TEST(Mime, a_line_break_in_a_subject_begins_no_header) {
  const Message attack{.notice_id = kNotice, .locale = "en\r\nBcc: a@evil.example", .to = Pii("x@y.example"), .subject = "Hi\r\nBcc: evil@evil.example\r\n\r\nbody", .text = "t\r\n.\r\nQUIT", .html = {}, .created = instant_of(0), .resend = false};
  const std::string mail = mail_of("en", &attack);
  EXPECT_THAT(mail, Not(HasSubstr("\nBcc")));
  EXPECT_THAT(mail.substr(0, mail.find("\r\n\r\n")), HasSubstr("Auto-Submitted"));
}

TEST(Mime, what_is_no_address_is_refused_and_not_repeated) {
  for (const char* wrong : {"", "plain", "@x.example", "x@", "a@b@c.example", "a b@c.example", "a@c.example\r\nRCPT", "<a@c.example>", "a@c.example,d@e.example", "a@.example", "a@b..example", "\xff@x.example"}) {
    const auto outcome = check_address(wrong);
    ASSERT_FALSE(outcome) << wrong;
    if (*wrong != '\0') { EXPECT_THAT(outcome.error().text, Not(HasSubstr(wrong))); }
  }
  for (const char* good : {"a@b.example", "o'brien+tag@sub.example.org", "用户@例子.example", "a@localhost"}) EXPECT_TRUE(check_address(good)) << good;
}

TEST(Mime, a_text_that_is_not_utf8_is_refused) {
  const Message broken{.notice_id = kNotice, .locale = "en", .to = Pii("x@y.example"), .subject = "s", .text = "\xff\xfe", .html = {}, .created = instant_of(0), .resend = false};
  EXPECT_FALSE(mime_message({.from = {"", "a@b.example"}, .reply_to = "", .message_id_domain = "b.example"}, broken));
}

}  // namespace
}  // namespace tocsin
