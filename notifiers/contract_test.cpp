// contract_test.cpp: the same MUSTs on every row of the channel table, against real servers that misbehave.
#include <gmock/gmock.h>

#include "daemon/base/hash.h"
#include "daemon/base/limits.h"
#include "daemon/base/proto_yaml.h"
#include "notifiers/notifiers.h"
#include "tests/support/receivers/receiver.h"

namespace tocsin {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::Receiver;
using testing_support::ScratchFolder;
using testing_support::files_in;
using testing_support::read_whole;

constexpr const char* kNotice = "00112233445566778899aabbccddeeff";
// None of these may appear in any text that a notifier returns.
constexpr const char* kCanaries[] = {"canary.person@example.org", "+8613800138000", "canary-token", "CANARY-BODY", "canary-password", "canary-bearer", "Y2FuYXJ5LWtleS1jYW5hcnkta2V5LWNhbmFyeS1rZXk="};

std::string name_of(const Delivery& delivery) {
  const char* names[] = {"Accepted", "Delivered", "TryLater", "Refused", "InDoubt"};
  return names[delivery.index()];
}

std::string text_of(const Delivery& delivery) {
  return std::visit([](const auto& outcome) {
    using T = std::decay_t<decltype(outcome)>;
    if constexpr (std::is_same_v<T, Accepted> || std::is_same_v<T, Delivered>) return outcome.provider_ref;
    else return outcome.why;
  }, delivery);
}

Result<v1::ChannelConfig> channel_from(const std::string& yaml_text) {
  TOCSIN_ASSIGN(const auto file, yaml::parse("channel.yml", yaml_text));
  v1::ChannelConfig channel;
  TOCSIN_TRY(fill(file, file.documents.at(0), channel));
  return channel;
}

/// One row of the table with its server, described for this test.
class World {
 public:
  explicit World(const std::string& type) : type_(type), surroundings_{clock_, scratch_ / "state"} {
    if (type == "email") {
      mail_ = std::make_unique<Receiver>(TOCSIN_SOURCE_DIR, "smtp_receiver.py", std::vector<std::string>{"--folder", scratch_ / "mail"});
      make(fmt::format("name: it\ntype: email\nhost: 127.0.0.1\nport: {}\nsecurity: none\nfrom: 'Privacy <privacy@corp.example>'\nreply_to: dpo@corp.example\ntimeout: 3s\n", mail_->port()));
    } else if (type == "announcement") {
      make(fmt::format("name: it\ntype: announcement\nfolder: {}\nbase_url: https://corp.example/notices\n", scratch_ / "pages"));
    } else {
      http_ = std::make_unique<Receiver>(TOCSIN_SOURCE_DIR, "http_provider.py",
                                         std::vector<std::string>{"--folder", scratch_ / "http", "--service-account", scratch_ / "account.json", "--bearer", "canary-bearer", "--webhook-key",
                                                                  "whsec_Y2FuYXJ5LWtleS1jYW5hcnkta2V5LWNhbmFyeS1rZXk="});
      const std::string base = fmt::format("http://127.0.0.1:{}", http_->port());
      if (type == "sms")
        make(fmt::format("name: it\ntype: sms\nurl: {}/sms\nbody: '{{\"to\": \"{{{{to}}}}\", \"text\": \"{{{{text}}}}\"}}'\nbearer_token: canary-bearer\ndeduplicates: true\ntimeout: 3s\n", base));
      if (type == "push") {
        EXPECT_EQ(testing_support::run_program({"/usr/bin/python3", std::string(TOCSIN_SOURCE_DIR) + "/tests/support/receivers/make_service_account.py", "--out", scratch_ / "account.json", "--token-uri", base + "/token"}), 0);
        make(fmt::format("name: it\ntype: push\nservice_account_file: {}\nendpoint: {}\ntimeout: 3s\n", scratch_ / "account.json", base));
      }
      if (type == "webhook") make(fmt::format("name: it\ntype: webhook\nurl: {}/webhook\nsigning_key: whsec_Y2FuYXJ5LWtleS1jYW5hcnkta2V5LWNhbmFyeS1rZXk=\ntimeout: 3s\n", base));
    }
  }

  Message message() const {
    Message message{.notice_id = kNotice, .locale = "zh-CN", .to = {}, .subject = "重要通知 – naïve 🛎", .text = "CANARY-BODY 您好，第一行\n第二行 \"quoted\" \\ <tag> &amp; 🛎\n", .html = {}, .created = instant_of(1'790'000'000'000'000), .resend = false};
    if (type_ == "email") message.to = Pii("canary.person@example.org");
    if (type_ == "sms") message.to = Pii("+8613800138000");
    if (type_ == "push") message.to = Pii("canary-token");
    if (type_ == "email" || type_ == "announcement") message.html = "<!DOCTYPE html><html lang=\"zh-CN\"><body><p>CANARY-BODY 您好 🛎</p></body></html>\n";
    if (type_ == "webhook") message.text = R"({"type":"incident.confirmed","note":"CANARY-BODY 您好 🛎"})";
    return message;
  }

  Delivery deliver(const Message& message, Microseconds limit = std::chrono::seconds(10)) {
    return deliver(message, clock_.now() + limit, [this] { ++passes; return true; });
  }
  Delivery deliver(const Message& message, Instant give_up_at, const std::function<bool()>& point) {
    const auto started = std::chrono::steady_clock::now();
    const Instant now = clock_.now();
    Delivery delivery = it->deliver(message, give_up_at, point);
    took = std::chrono::steady_clock::now() - started;
    EXPECT_LT(took, std::max<Microseconds>(give_up_at - now, Microseconds::zero()) + std::chrono::seconds(1)) << type_;
    for (const char* canary : kCanaries) EXPECT_THAT(text_of(delivery), Not(HasSubstr(canary))) << type_;
    return delivery;
  }

  void behave(const std::string& modes) { (mail_ ? *mail_ : *http_).behave(modes); }
  bool has_server() const { return mail_ || http_; }
  void stop_server() { (mail_ ? *mail_ : *http_).stop(); }

  std::vector<std::filesystem::path> arrived() const {
    if (type_ == "email") return files_in(scratch_ / "mail", ".eml");
    if (type_ == "announcement") {
      auto files = files_in(scratch_ / "pages", ".html");
      std::erase_if(files, [](const auto& path) { return path.filename() == "index.html"; });
      return files;
    }
    return files_in(scratch_ / "http/" + type_, ".json");
  }

  std::string type_;
  ScratchFolder scratch_;
  SystemClock clock_;
  Surroundings surroundings_;
  std::unique_ptr<Receiver> mail_, http_;
  std::unique_ptr<Notifier> it;
  int passes = 0;
  std::chrono::steady_clock::duration took{};

 private:
  void make(const std::string& yaml_text) {
    auto channel = channel_from(yaml_text);
    ASSERT_TRUE(channel) << channel.error().text;
    auto made = make_notifier(*channel, surroundings_);
    ASSERT_TRUE(made) << made.error().text;
    it = std::move(*made);
  }
};

class Contract : public testing::TestWithParam<std::string_view> {
 protected:
  World world_{std::string(GetParam())};
};

TEST_P(Contract, a_good_day_is_one_pass_and_one_arrival) {
  const Delivery delivery = world_.deliver(world_.message());
  EXPECT_TRUE(std::holds_alternative<Accepted>(delivery) || std::holds_alternative<Delivered>(delivery)) << name_of(delivery) << " " << text_of(delivery);
  EXPECT_EQ(world_.passes, 1);
  ASSERT_EQ(world_.arrived().size(), 1U);
}

TEST_P(Contract, utf8_arrives_intact) {
  world_.deliver(world_.message());
  ASSERT_EQ(world_.arrived().size(), 1U);
  std::string whole = read_whole(world_.arrived()[0]);
  if (GetParam() == "email") return;  // mime_test.cpp reads mails with a foreign parser.
  EXPECT_THAT(whole, HasSubstr("您好"));
  EXPECT_THAT(whole, HasSubstr("🛎"));
}

TEST_P(Contract, a_lease_that_is_over_sends_nothing) {
  const Delivery delivery = world_.deliver(world_.message(), world_.clock_.now() + std::chrono::seconds(10), [] { return false; });
  EXPECT_EQ(name_of(delivery), "TryLater") << text_of(delivery);
  EXPECT_TRUE(world_.arrived().empty());
  // The aborted request must not poison the connection.
  const Delivery again = world_.deliver(world_.message());
  EXPECT_TRUE(std::holds_alternative<Accepted>(again) || std::holds_alternative<Delivered>(again)) << text_of(again);
}

TEST_P(Contract, a_callback_that_throws_counts_as_no) {
  if (GetParam() == "announcement") return;  // no C frames in between.
  const Delivery delivery = world_.deliver(world_.message(), world_.clock_.now() + std::chrono::seconds(10), []() -> bool { throw std::runtime_error("x"); });
  EXPECT_EQ(name_of(delivery), "TryLater");
}

TEST_P(Contract, no_time_left_sends_nothing) {
  const Delivery delivery = world_.deliver(world_.message(), world_.clock_.now() - std::chrono::seconds(5), [] { return true; });
  EXPECT_EQ(name_of(delivery), "TryLater");
  EXPECT_TRUE(world_.arrived().empty());
}

TEST_P(Contract, a_message_of_nearly_one_mebibyte_goes_through_and_a_larger_one_is_refused) {
  Message message = world_.message();
  std::string& body = GetParam() == "announcement" ? message.html : message.text;
  if (GetParam() == "webhook") body = "{\"note\":\"" + std::string(limits::kNoticeBytesMax - 100, 'x') + "\"}";
  else body.append(limits::kNoticeBytesMax - message.text.size() - message.html.size(), 'x');
  const Delivery delivery = world_.deliver(message);
  EXPECT_TRUE(std::holds_alternative<Accepted>(delivery) || std::holds_alternative<Delivered>(delivery)) << name_of(delivery) << " " << text_of(delivery);
  body.append(limits::kNoticeBytesMax, 'x');
  EXPECT_EQ(name_of(world_.deliver(message)), "Refused");
}

TEST_P(Contract, an_empty_address_is_refused_where_one_is_needed) {
  Message message = world_.message();
  if (message.to.empty()) return;  // this channel has no address.
  message.to = Pii();
  EXPECT_EQ(name_of(world_.deliver(message)), "Refused");
  EXPECT_TRUE(world_.arrived().empty());
}

TEST_P(Contract, an_address_with_a_line_break_brings_no_second_header_or_recipient) {
  Message message = world_.message();
  if (message.to.empty()) return;  // this channel has no address.
  message.to = Pii(message.to.reveal() + "\r\nBcc: evil@example.org\r\nRCPT TO:<evil@example.org>");
  message.subject += "\r\nBcc: evil@example.org";
  world_.deliver(message);
  for (const auto& path : world_.arrived()) EXPECT_THAT(read_whole(path), Not(HasSubstr("\nBcc: evil"))) << path;
}

TEST_P(Contract, the_same_notice_gives_the_same_key) {
  world_.deliver(world_.message());
  world_.deliver(world_.message());
  const auto arrived = world_.arrived();
  if (world_.it->doubt_class() == DoubtClass::none) {
    ASSERT_EQ(arrived.size(), 2U);  // Nothing at the other end knows a repeat, but people can see it.
    for (const auto& path : arrived) EXPECT_THAT(path.filename().string(), HasSubstr(kNotice));
  } else {
    ASSERT_EQ(arrived.size(), 1U);
  }
}

TEST_P(Contract, a_server_that_is_not_there_is_try_later) {
  if (!world_.has_server()) return;  // no server.
  world_.stop_server();
  EXPECT_EQ(name_of(world_.deliver(world_.message())), "TryLater");
  EXPECT_EQ(world_.passes, 0);
}

TEST_P(Contract, a_server_restarted_between_two_notices_loses_none) {
  if (!world_.has_server()) return;  // no server.
  if (GetParam() == "push") return;  // the token belongs to the first server.
  world_.deliver(world_.message());
  const int port = (world_.mail_ ? world_.mail_ : world_.http_)->port();
  world_.stop_server();
  std::unique_ptr<Receiver> second;
  if (world_.mail_) second = std::make_unique<Receiver>(TOCSIN_SOURCE_DIR, "smtp_receiver.py", std::vector<std::string>{"--folder", world_.scratch_ / "second", "--port", std::to_string(port)});
  else second = std::make_unique<Receiver>(TOCSIN_SOURCE_DIR, "http_provider.py", std::vector<std::string>{"--folder", world_.scratch_ / "second", "--port", std::to_string(port), "--bearer", "canary-bearer", "--webhook-key", "whsec_Y2FuYXJ5LWtleS1jYW5hcnkta2V5LWNhbmFyeS1rZXk="});
  const Delivery delivery = world_.deliver(world_.message());
  EXPECT_EQ(name_of(delivery), "Accepted") << text_of(delivery);
}

TEST_P(Contract, a_slow_server_is_left_before_the_deadline_and_in_doubt) {
  if (!world_.has_server()) return;  // no server.
  if (GetParam() == "push") world_.deliver(world_.message());  // Has its token now.
  world_.behave("slow=30");
  const Delivery delivery = world_.deliver(world_.message(), std::chrono::milliseconds(600));
  EXPECT_EQ(name_of(delivery), "InDoubt") << text_of(delivery);
}

INSTANTIATE_TEST_SUITE_P(EveryRow, Contract, testing::ValuesIn(channel_types()), [](const auto& row) { return std::string(row.param); });

// ── what only HTTP channels can meet ──

class HttpContract : public Contract {};

TEST_P(HttpContract, every_status_has_its_verdict) {
  if (GetParam() == "push") world_.deliver(world_.message());
  const bool none = world_.it->doubt_class() == DoubtClass::none;
  const std::pair<int, const char*> cases[] = {{200, "Accepted"}, {202, "Accepted"}, {204, "Accepted"}, {301, "TryLater"}, {302, "TryLater"}, {307, "TryLater"}, {400, "Refused"}, {401, "TryLater"}, {403, "TryLater"},
                                               {404, GetParam() == "push" ? "TryLater" : "Refused"}, {408, "TryLater"}, {409, "TryLater"}, {410, "Refused"}, {413, "Refused"}, {422, "Refused"}, {425, "TryLater"}, {429, "TryLater"},
                                               {500, none ? "InDoubt" : "TryLater"}, {502, none ? "InDoubt" : "TryLater"}, {503, "TryLater"}, {504, none ? "InDoubt" : "TryLater"}};
  for (const auto& [status, verdict] : cases) {
    world_.behave(status == 204 ? "status=200" : fmt::format("status={}", status));
    const Delivery delivery = world_.deliver(world_.message());
    EXPECT_EQ(name_of(delivery), verdict) << status << ": " << text_of(delivery);
    if (status == 401 && GetParam() == "push") {  // Its token is gone now: fetched anew.
      world_.behave("");
      EXPECT_EQ(name_of(world_.deliver(world_.message())), "Accepted");
    }
  }
}

TEST_P(HttpContract, retry_after_is_obeyed_up_to_a_day) {
  if (GetParam() == "push") world_.deliver(world_.message());
  world_.behave("status=429 retry-after=77");
  Delivery delivery = world_.deliver(world_.message());
  ASSERT_EQ(name_of(delivery), "TryLater");
  EXPECT_EQ(std::get<TryLater>(delivery).after, std::chrono::seconds(77));
  world_.behave("status=503 retry-after=99999999");
  delivery = world_.deliver(world_.message());
  ASSERT_EQ(name_of(delivery), "TryLater");
  EXPECT_EQ(std::get<TryLater>(delivery).after, limits::kRetryAfterMax);
}

TEST_P(HttpContract, a_reset_after_the_body_is_doubt_and_a_lost_answer_too) {
  if (GetParam() == "push") world_.deliver(world_.message());
  for (const char* mode : {"reset-after-body", "lost-ack"}) {
    world_.behave(mode);
    const Delivery delivery = world_.deliver(world_.message());
    EXPECT_EQ(name_of(delivery), "InDoubt") << mode << ": " << text_of(delivery);
  }
}

TEST_P(HttpContract, a_reset_before_the_body_was_complete_is_never_called_refused) {
  if (GetParam() == "push") world_.deliver(world_.message());
  world_.behave("reset-before-body");
  const Delivery delivery = world_.deliver(world_.message());
  // A small body may already have left in full when the reset arrives: both answers are honest, only they.
  EXPECT_TRUE(std::holds_alternative<TryLater>(delivery) || std::holds_alternative<InDoubt>(delivery)) << name_of(delivery);
  EXPECT_EQ(std::holds_alternative<InDoubt>(delivery), world_.passes > (GetParam() == "push" ? 1 : 0));
}

TEST_P(HttpContract, an_answer_that_is_no_http_is_doubt) {
  if (GetParam() == "push") world_.deliver(world_.message());
  world_.behave("garbage");
  EXPECT_EQ(name_of(world_.deliver(world_.message())), "InDoubt");
}

TEST_P(HttpContract, an_endless_answer_is_capped) {
  if (GetParam() == "push") world_.deliver(world_.message());
  world_.behave("endless");   // Cut at limits::kProviderAnswerBytesMax.
  const Delivery delivery = world_.deliver(world_.message());
  EXPECT_EQ(name_of(delivery), "Accepted");
  EXPECT_LE(text_of(delivery).size(), 200U);
}

INSTANTIATE_TEST_SUITE_P(EveryHttpRow, HttpContract, testing::Values("push", "sms", "webhook"), [](const auto& row) { return std::string(row.param); });

// ── the table and the settings ──

TEST(Channels, the_table_is_sorted_and_every_row_keeps_the_contract) {
  auto types = channel_types();
  EXPECT_TRUE(std::is_sorted(types.begin(), types.end()));
}

std::string error_of(const std::string& yaml_text) {
  const SystemClock clock;
  auto channel = channel_from(yaml_text);
  if (!channel) return channel.error().text;
  auto made = make_notifier(*channel, {clock, "/nonexistent"});
  return made ? "" : made.error().text;
}

TEST(Channels, an_unknown_setting_is_an_error_in_every_row) {
  for (const std::string_view type : channel_types()) EXPECT_THAT(error_of(fmt::format("name: it\ntype: {}\nno_such_setting: 1\n", type)), HasSubstr("no_such_setting")) << type;
}

TEST(Channels, wrong_settings_are_named) {
  const std::string email = "name: it\ntype: email\nfrom: a@b.example\n";
  EXPECT_THAT(error_of(email + "host: mail.example\nsecurity: none\n"), HasSubstr("in the clear"));
  EXPECT_THAT(error_of(email + "host: mail.example\nusername: x\n"), HasSubstr("`username` and `password`"));
  EXPECT_THAT(error_of(email + "host: 'mail.example/x'\n"), HasSubstr("`host`"));
  EXPECT_THAT(error_of("name: it\ntype: email\nhost: h\nfrom: 'a@b.example, c@d.example'\n"), HasSubstr("`from`"));
  EXPECT_EQ(error_of(email + "host: mail.example\n"), "");
  const std::string sms = "name: it\ntype: sms\n";
  EXPECT_THAT(error_of(sms + "url: http://sms.example/x\nbody: '{}'\n"), HasSubstr("must be https"));
  EXPECT_THAT(error_of(sms + "url: https://user:pw@sms.example/x\nbody: '{}'\n"), HasSubstr("user or password"));
  EXPECT_THAT(error_of(sms + "url: http://127.evil.example/x\nbody: '{}'\n"), HasSubstr("must be https"));
  EXPECT_THAT(error_of(sms + "url: https://sms.example\nbody: '{\"to\": {{to}}}'\n"), HasSubstr("does not give JSON"));
  EXPECT_THAT(error_of(sms + "url: https://sms.example\nbody: '{\"to\": \"{{number}}\"}'\n"), HasSubstr("`number`"));
  EXPECT_THAT(error_of(sms + "url: https://sms.example\nbody: '{\"to\": \"{{{to}}}\"}'\n"), HasSubstr("evade the escaping"));
  EXPECT_THAT(error_of("name: it\ntype: webhook\nurl: https://ops.example\nsigning_key: whsec_c2hvcnQ=\n"), HasSubstr("24 to 64 bytes"));
  EXPECT_THAT(error_of("name: it\ntype: push\nservice_account_file: /nonexistent\n"), HasSubstr("/nonexistent"));
  EXPECT_THAT(error_of("name: it\ntype: announcement\nbase_url: ftp://x\n"), HasSubstr("`base_url`"));
}

TEST(Channels, a_secret_never_stands_in_an_error) {
  EXPECT_THAT(error_of("name: it\ntype: webhook\nurl: https://ops.example\nsigning_key: canary-password\n"), Not(HasSubstr("canary-password")));
}

// ── mail ──

class MailVerdict : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(MailVerdict, is) {
  World world("email");
  world.behave(GetParam().first);
  const Delivery delivery = world.deliver(world.message());
  EXPECT_EQ(name_of(delivery), GetParam().second) << text_of(delivery);
}
INSTANTIATE_TEST_SUITE_P(Smtp, MailVerdict,
                         testing::Values(std::pair{"", "Accepted"}, std::pair{"refuse-mail", "TryLater"}, std::pair{"refuse-rcpt", "Refused"}, std::pair{"defer-rcpt", "TryLater"}, std::pair{"defer-data", "TryLater"},
                                         std::pair{"refuse-data", "Refused"}, std::pair{"drop-before-store", "InDoubt"}, std::pair{"drop-after-store", "InDoubt"}),
                         [](const auto& row) { std::string name = *row.param.first == 0 ? "good" : row.param.first; std::replace(name.begin(), name.end(), '-', '_'); return name; });

TEST(Mail, a_refused_person_does_not_end_the_connection_for_the_next) {
  World world("email");
  Message bad = world.message();
  bad.to = Pii("someone+refuse@example.org");
  EXPECT_EQ(name_of(world.deliver(bad)), "Refused");
  EXPECT_EQ(name_of(world.deliver(world.message())), "Accepted");
  EXPECT_EQ(text_of(world.deliver(world.message())).rfind("TEST", 0), 0U) << "the queue id is the provider's reference";
}

TEST(Mail, a_late_answer_is_never_taken_for_the_answer_to_the_next_mail) {
  World world("email");
  world.deliver(world.message());
  world.behave("slow=1.5");
  EXPECT_EQ(name_of(world.deliver(world.message(), std::chrono::milliseconds(500))), "InDoubt");
  world.behave("refuse-mail");
  EXPECT_EQ(name_of(world.deliver(world.message())), "TryLater") << "an old 250 was read";
}

TEST(Mail, starttls_is_verified_and_the_login_is_used) {
  for (const char* security : {"starttls", "tls"}) {
    ScratchFolder scratch;
    const Receiver receiver(TOCSIN_SOURCE_DIR, "smtp_receiver.py",
                            {"--folder", scratch / "mail", "--security", security, "--cert-dir", scratch / "tls", "--username", "tocsin", "--password", "canary-password"});
    const SystemClock clock;
    const auto deliver = [&](const std::string& more) {
      auto channel = channel_from(fmt::format("name: it\ntype: email\nhost: localhost\nport: {}\nsecurity: {}\nfrom: a@corp.example\ntimeout: 5s\n{}", receiver.port(), security, more));
      EXPECT_TRUE(channel) << channel.error().text;
      auto made = make_notifier(*channel, {clock, ""});
      EXPECT_TRUE(made) << made.error().text;
      return (*made)->deliver({.notice_id = kNotice, .locale = "en", .to = Pii("canary.person@example.org"), .subject = "s", .text = "t", .html = {}, .created = clock.now()}, clock.now() + std::chrono::seconds(5), [] { return true; });
    };
    const std::string trust = fmt::format("ca_file: {}\n", scratch / "tls/cert.pem");
    const Delivery good = deliver(trust + "username: tocsin\npassword: canary-password\n");
    EXPECT_EQ(name_of(good), "Accepted") << security << text_of(good);
    const Delivery wrong = deliver(trust + "username: tocsin\npassword: canary-wrong\n");
    EXPECT_EQ(name_of(wrong), "TryLater") << security;
    EXPECT_THAT(text_of(wrong), HasSubstr("password"));
    EXPECT_THAT(text_of(wrong), Not(HasSubstr("canary")));
    const Delivery untrusted = deliver("username: tocsin\npassword: canary-password\n");
    EXPECT_EQ(name_of(untrusted), "TryLater") << security;
    EXPECT_THAT(text_of(untrusted), HasSubstr("certificate"));
    EXPECT_EQ(files_in(scratch / "mail", ".eml").size(), 1U);
  }
}

TEST(Mail, a_server_without_starttls_gets_no_mail) {
  World world("email");  // Speaks no TLS.
  auto channel = channel_from(fmt::format("name: it\ntype: email\nhost: 127.0.0.1\nport: {}\nfrom: a@corp.example\n", world.mail_->port()));
  ASSERT_TRUE(channel);
  auto made = make_notifier(*channel, world.surroundings_);
  ASSERT_TRUE(made);
  EXPECT_EQ(name_of((*made)->deliver(world.message(), world.clock_.now() + std::chrono::seconds(5), [] { return true; })), "TryLater");
  EXPECT_TRUE(world.arrived().empty());
}

// ── the rest of single channels ──

TEST(Push, the_double_checks_the_assertion_and_the_bearer_and_a_token_is_used_again) {
  World world("push");
  EXPECT_EQ(name_of(world.deliver(world.message())), "Accepted");
  Message message = world.message();
  for (int i = 0; i < 3; ++i) world.deliver(message);
  EXPECT_EQ(world.arrived().size(), 4U);
  world.behave("token-status=500");  // Not asked for again while it is good.
  EXPECT_EQ(name_of(world.deliver(message)), "Accepted");
}

TEST(Push, an_unregistered_device_is_refused_for_good) {
  World world("push");
  Message message = world.message();
  message.to = Pii("unregistered-canary-token");
  const Delivery gone = world.deliver(message);
  EXPECT_EQ(name_of(gone), "Refused");
  EXPECT_THAT(text_of(gone), HasSubstr("UNREGISTERED"));
  message.to = Pii("mismatch-canary-token");
  EXPECT_EQ(name_of(world.deliver(message)), "Refused");
}

TEST(Push, a_token_endpoint_that_fails_sends_nothing) {
  World world("push");
  world.behave("token-status=503");
  EXPECT_EQ(name_of(world.deliver(world.message())), "TryLater");
  EXPECT_EQ(world.passes, 0);
}

TEST(Sms, without_the_promise_to_deduplicate_the_class_is_none) {
  const SystemClock clock;
  auto channel = channel_from("name: it\ntype: sms\nurl: https://sms.example\nbody: '{}'\n");
  ASSERT_TRUE(channel) << channel.error().text;
  auto made = make_notifier(*channel, {clock, ""});
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ((*made)->doubt_class(), DoubtClass::none);
}

TEST(Sms, a_number_out_of_service_is_refused) {
  World world("sms");
  Message message = world.message();
  message.to = Pii("+8613800199999");
  EXPECT_EQ(name_of(world.deliver(message)), "Refused");
}

TEST(Announcement, the_page_the_list_and_the_feed_stand_in_the_folder) {
  World world("announcement");
  Message first = world.message();
  first.subject = "公告 <一> & \"two\" -->";
  const Delivery delivery = world.deliver(first);
  EXPECT_EQ(text_of(delivery), fmt::format("https://corp.example/notices/{}.html", kNotice));
  Message second = world.message();
  second.notice_id = "ffeeddccbbaa99887766554433221100";
  second.created = first.created + std::chrono::hours(1);
  world.deliver(second);
  world.deliver(first);  // Again: replaces.
  EXPECT_EQ(world.arrived().size(), 2U);
  const std::string feed = read_whole(world.scratch_ / "pages/feed.xml"), index = read_whole(world.scratch_ / "pages/index.html");
  EXPECT_THAT(feed, HasSubstr("<id>urn:uuid:00112233-4455-6677-8899-aabbccddeeff</id>"));
  EXPECT_THAT(feed, HasSubstr("公告 &lt;一&gt; &amp; &quot;two&quot; --&gt;"));
  EXPECT_LT(index.find("ffeeddccbbaa99887766554433221100.html"), index.find(std::string(kNotice) + ".html")) << "newest first";
  EXPECT_EQ(testing_support::run_program({"/usr/bin/python3", "-c", "import sys, xml.dom.minidom; d = xml.dom.minidom.parse(sys.argv[1]); sys.exit(0 if len(d.getElementsByTagName('entry')) == 2 else 1)", world.scratch_ / "pages/feed.xml"}), 0);
}

TEST(Announcement, a_page_past_its_time_goes_with_the_next_publication) {
  ScratchFolder scratch;
  ManualClock clock(instant_of(1'790'000'000'000'000));
  auto channel = channel_from(fmt::format("name: it\ntype: announcement\nfolder: {}\nbase_url: https://corp.example/n\nkeep: 7d\n", scratch / "p"));
  ASSERT_TRUE(channel) << channel.error().text;
  auto made = make_notifier(*channel, {clock, ""});
  ASSERT_TRUE(made);
  const auto publish = [&](const std::string& id) {
    (*made)->deliver({.notice_id = id, .locale = "en", .to = {}, .subject = "s", .text = "t", .html = "<p>", .created = clock.now()}, clock.now() + std::chrono::seconds(5), [] { return true; });
  };
  publish(kNotice);
  clock.advance(std::chrono::hours(24 * 6));
  publish("ffeeddccbbaa99887766554433221100");
  EXPECT_EQ(files_in(scratch / "p", ".html").size(), 3U);
  clock.advance(std::chrono::hours(24 * 2));
  publish("ffeeddccbbaa99887766554433221100");
  EXPECT_FALSE(std::filesystem::exists(scratch / "p/" + std::string(kNotice) + ".html"));
}

TEST(Announcement, an_id_that_is_no_id_names_no_file) {
  World world("announcement");
  Message message = world.message();
  message.notice_id = "../../../etc/passwd";
  EXPECT_EQ(name_of(world.deliver(message)), "Refused");
}

}  // namespace
}  // namespace tocsin
