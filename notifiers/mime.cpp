// mime.cpp: the one file that knows GMime.
#include "notifiers/mime.h"

#include <gmime/gmime.h>

namespace tocsin {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

void start_gmime() {
  static const bool started = (g_mime_init(), true);
  static_cast<void>(started);
}

/// Header texts come from templates and configuration; a line break in one would begin a header of its own.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

Owned<GMimePart> text_part(const char* subtype, const std::string& text) {
  Owned<GMimePart> part(g_mime_part_new_with_type("text", subtype));
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(text.data(), text.size()));
  const Owned<GMimeDataWrapper> content(g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  // Quoted-printable keeps Latin text readable in the source; base64 is shorter for Chinese. Both keep every line short.
  const auto foreign = std::count_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  const bool mostly_foreign = static_cast<std::size_t>(foreign) > text.size() / 5;
  g_mime_part_set_content_encoding(part.get(), mostly_foreign ? GMIME_CONTENT_ENCODING_BASE64 : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return part;
}

}  // namespace

Result<void> check_address(std::string_view address) {
  const auto wrong = [] { return refused("the address is not a mail address"); };
  if (address.size() > 254 || !g_utf8_validate(address.data(), static_cast<gssize>(address.size()), nullptr)) return wrong();
  for (const char c : address)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || std::string_view("<>()[]\\,;:\"").find(c) != std::string_view::npos) return wrong();
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || at + 1 == address.size() || address.find('@', at + 1) != std::string_view::npos) return wrong();
  const std::string_view domain = address.substr(at + 1);
  if (domain.front() == '.' || domain.back() == '.' || domain.find("..") != std::string_view::npos) return wrong();
  return {};
}

Result<Mailbox> parse_mailbox(std::string_view text) {
  start_gmime();
  const std::string line = one_line(text);
  if (line != text) return bad_input("a mailbox holds a control character");
  const Owned<InternetAddressList> list(internet_address_list_parse(nullptr, line.c_str()));
  if (!list || internet_address_list_length(list.get()) != 1) return bad_input("expected one mailbox, `Name <local@domain>` or `local@domain`");
  InternetAddress* one = internet_address_list_get_address(list.get(), 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(one)) return bad_input("expected one mailbox, not a group");
  Mailbox mailbox;
  if (const char* name = internet_address_get_name(one)) mailbox.name = name;
  if (const char* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one))) mailbox.address = address;
  if (!check_address(mailbox.address)) return bad_input("expected one mailbox, `Name <local@domain>` or `local@domain`");
  return mailbox;
}

Result<std::string> mime_message(const Letterhead& letterhead, const Message& message) {
  start_gmime();
  TOCSIN_TRY(check_address(message.to.reveal()));
  for (const std::string* text : {&message.subject, &message.text, &message.html})
    if (!g_utf8_validate(text->data(), static_cast<gssize>(text->size()), nullptr)) return refused("the notice is not UTF-8");

  const Owned<GMimeMessage> mail(g_mime_message_new(TRUE));
  g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_FROM, letterhead.from.name.empty() ? nullptr : letterhead.from.name.c_str(),
                             letterhead.from.address.c_str());
  g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_TO, nullptr, message.to.reveal().c_str());
  if (!letterhead.reply_to.empty()) {
    TOCSIN_ASSIGN(const Mailbox reply, parse_mailbox(letterhead.reply_to));
    g_mime_message_add_mailbox(mail.get(), GMIME_ADDRESS_TYPE_REPLY_TO, reply.name.empty() ? nullptr : reply.name.c_str(), reply.address.c_str());
  }
  g_mime_message_set_subject(mail.get(), one_line(message.subject).c_str(), "utf-8");
  GDateTime* date = g_date_time_new_from_unix_utc(micros_of(message.created) / 1'000'000);
  g_mime_message_set_date(mail.get(), date);
  g_date_time_unref(date);
  g_mime_message_set_message_id(mail.get(), fmt::format("{}@{}", message.notice_id, letterhead.message_id_domain).c_str());

  GMimeObject* headers = GMIME_OBJECT(mail.get());
  g_mime_object_set_header(headers, "Auto-Submitted", "auto-generated", nullptr);           // RFC 3834: no vacation replies.
  g_mime_object_set_header(headers, "X-Auto-Response-Suppress", "All", nullptr);             // The same for Exchange.
  g_mime_object_set_header(headers, "Content-Language", one_line(message.locale).c_str(), nullptr);
  g_mime_object_set_header(headers, "X-Tocsin-Notice", message.notice_id.c_str(), nullptr);

  const Owned<GMimePart> text = text_part("plain", message.text);
  if (message.html.empty()) {
    g_mime_message_set_mime_part(mail.get(), GMIME_OBJECT(text.get()));
  } else {
    const Owned<GMimePart> html = text_part("html", message.html);
    const Owned<GMimeMultipart> both(g_mime_multipart_new_with_subtype("alternative"));
    // The boundary, too, must be the same on a resend.
    g_mime_multipart_set_boundary(both.get(), fmt::format("=_tocsin_{}", message.notice_id).c_str());
    g_mime_multipart_add(both.get(), GMIME_OBJECT(text.get()));
    g_mime_multipart_add(both.get(), GMIME_OBJECT(html.get()));
    g_mime_message_set_mime_part(mail.get(), GMIME_OBJECT(both.get()));
  }

  GMimeFormatOptions* format = g_mime_format_options_new();
  g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
  const std::unique_ptr<char, void (*)(void*)> whole(g_mime_object_to_string(headers, format), g_free);
  g_mime_format_options_free(format);
  std::string out(whole.get());
  if (out.size() < 2 || out.compare(out.size() - 2, 2, "\r\n") != 0) out += "\r\n";
  return out;
}

}  // namespace tocsin
