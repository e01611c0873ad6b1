// courier_test.cpp: real receivers, real kills: people are told once where the provider helps, and doubt is bounded elsewhere.
#include "daemon/courier/courier.h"

#include <cmath>
#include <fstream>
#include <random>

#include "daemon/base/proto_yaml.h"
#include "daemon/casebook/test_casebook.h"
#include "tests/support/receivers/receiver.h"

namespace tocsin::courier {
namespace {

using casebook::kBob;
using casebook::kIndividual;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::Receiver;
using testing_support::ScratchFolder;
using testing_support::files_in;
using testing_support::read_whole;

v1::Config config_from(const std::string& yaml_text) {
  const auto file = yaml::parse("tocsin.yml", yaml_text);
  EXPECT_TRUE(file) << file.error().text;
  v1::Config config;
  const auto filled = fill(*file, file->documents.at(0), config);
  EXPECT_TRUE(filled) << filled.error().text;
  return config;
}

/// A company whose channels lead to real receivers on this machine.
class Town {
 public:
  explicit Town(std::vector<std::string> http_options = {}) {
    mail = std::make_unique<Receiver>(TOCSIN_SOURCE_DIR, "smtp_receiver.py", std::vector<std::string>{"--folder", scratch / "mail"});
    std::vector<std::string> options = {"--folder", scratch / "http", "--service-account", scratch / "account.json"};
    options.insert(options.end(), http_options.begin(), http_options.end());
    http = std::make_unique<Receiver>(TOCSIN_SOURCE_DIR, "http_provider.py", options);
    EXPECT_EQ(testing_support::run_program({"/usr/bin/python3", std::string(TOCSIN_SOURCE_DIR) + "/tests/support/receivers/make_service_account.py", "--out", scratch / "account.json", "--token-uri", url() + "/token"}), 0);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", http->port()); }
  std::string yaml(const std::string& mode = "live", const std::string& more_delivery = "", const std::string& more_mail = "", bool deduplicates = true) const {
    return fmt::format(R"(tenant: t
state_dir: {0}
delivery:
  mode: {1}
{2}channels:
  - {{name: mail, type: email, host: 127.0.0.1, port: {3}, security: none, from: 'Acme <privacy@acme.example>', timeout: 5s{4}}}
  - {{name: text, type: sms, url: '{5}/sms', body: '{{"to": "{{{{to}}}}", "text": "{{{{text}}}}"}}', deduplicates: {6}, timeout: 5s}}
  - {{name: app, type: push, service_account_file: '{0}/account.json', endpoint: '{5}', timeout: 5s}}
  - {{name: ops, type: webhook, url: '{5}/webhook', signing_key: whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=, timeout: 5s}}
  - {{name: page, type: announcement, base_url: 'https://acme.example/notices'}}
organisation: {{name: Acme Ltd, name_zh: 阿克米公司, contact_email: privacy@acme.example, help_url: 'https://acme.example/help', time_zone: Asia/Shanghai}}
)", scratch.path(), mode, more_delivery, mail->port(), more_mail, url(), deduplicates ? "true" : "false");
  }
  std::vector<std::filesystem::path> mails() const { return files_in(scratch / "mail", ".eml"); }
  std::vector<std::filesystem::path> http_messages(const std::string& kind) const { return files_in(scratch / ("http/" + kind), ".json"); }

  ScratchFolder scratch;
  std::unique_ptr<Receiver> mail, http;
};

std::string people_csv(int each) {
  std::string csv = "id,id_type,locale,email,phone,push_token,guardian_id\r\n";
  for (int i = 0; i < each; ++i) {
    csv += fmt::format("m{0},customer,zh-CN,m{0}@mail.example,,,\r\n", i);
    csv += fmt::format("s{0},customer,en,,+86138001380{0:02},,\r\n", i);
    csv += fmt::format("p{0},customer,en,,,token-{0},\r\n", i);
  }
  return csv;
}

std::vector<std::string> people(int each) {
  std::vector<std::string> ids;
  for (int i = 0; i < each; ++i)
    for (const char kind : {'m', 's', 'p'}) ids.push_back(fmt::format("{}{}", kind, i));
  return ids;
}

class CourierTest : public casebook::CasebookTest {
 protected:
  explicit CourierTest(std::string path = ":memory:") : CasebookTest(std::move(path)) { playbook_.mutable_announcement()->set_when("unreachable"); }

  /// The clock of the machine: providers check the age of what they get.
  void live_in_the_present() { clock_.set(SystemClock().now()); }

  void use(const std::string& yaml_text) {
    config_ = config_from(yaml_text);
    rebuild();
    auto channels = make_channels(config_, {clock_, config_.state_dir()});
    ASSERT_TRUE(channels) << channels.error().text;
    courier_ = std::make_unique<Courier>(CourierWorld{*book_, clock_, metrics_, log_, [] { return 0.5; }}, std::move(*channels), settings_for(config_));
  }

  std::string approved(const std::vector<std::string>& ids) {
    const std::string id = incident_about(ids);
    EXPECT_TRUE(book_->confirm(id, casebook::kAlice, clock_.now() - std::chrono::hours(1), "read the log with the team lead"));
    const auto incident = book_->approve(id, 1, kBob, binding(id));
    EXPECT_TRUE(incident) << incident.error().text;
    return id;
  }

  /// Passes, with time going on, until nothing moves any more.
  void run_dry(int rounds = 60) {
    for (int i = 0; i < rounds; ++i) {
      const auto handled = courier_->pass();
      ASSERT_TRUE(handled) << handled.error().text;
      const auto next = store_->read()->next_due();
      if (*handled == 0 && (!next || !*next)) return;
      if (*handled == 0) clock_.advance(std::chrono::seconds(20));
    }
  }

  std::map<std::string, std::int64_t> counts(const std::string& id, const std::string& purpose = kIndividual) {
    store::NoticeFilter filter;
    filter.incident_id = id;
    filter.purpose = purpose;
    return *store_->read()->notice_counts(filter);
  }
  std::int64_t doubts() {
    std::int64_t all = 0;
    const auto by_channel = *store_->read()->in_doubt_counts();
    for (const auto& [channel, times] : by_channel) all += times;
    return all;
  }

  Metrics metrics_;
  std::vector<std::string> lines_;
  Log log_{clock_, {.level = LogLevel::debug, .json = false, .instead = [this](std::string_view line) { lines_.emplace_back(line); }}};
  std::unique_ptr<Courier> courier_;
};

TEST_F(CourierTest, on_a_good_day_everyone_is_told_once_over_their_channel_and_the_round_is_finished) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(3));
  const std::string id = approved(people(3));
  run_dry();
  EXPECT_EQ(town.mails().size(), 3U);
  EXPECT_EQ(town.http_messages("sms").size(), 3U);
  EXPECT_EQ(town.http_messages("push").size(), 3U);
  EXPECT_EQ(town.http_messages("webhook").size(), 1U) << "operations heard of the incident";
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
  EXPECT_EQ(doubts(), 0);
  for (const auto& notice : notices(id)) {
    EXPECT_EQ(notice.state(), v1::ACCEPTED) << notice.ShortDebugString();
    EXPECT_FALSE(notice.provider_ref().empty());
  }
  EXPECT_THAT(metrics_.text(), HasSubstr("tocsin_deliveries_total{channel=\"mail\",outcome=\"accepted\"} 3"));
}

TEST_F(CourierTest, hold_sends_nothing_to_anyone) {
  Town town;
  live_in_the_present();
  use(town.yaml("hold"));
  load_contacts(people_csv(2));
  approved(people(2));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*courier_->pass(), 0);
    clock_.advance(std::chrono::minutes(5));
  }
  EXPECT_TRUE(town.mails().empty());
  EXPECT_TRUE(town.http_messages("sms").empty());
  EXPECT_TRUE(town.http_messages("webhook").empty());
}

TEST_F(CourierTest, redirect_sends_to_the_redirect_address_alone_and_says_so) {
  Town town;
  live_in_the_present();
  use(town.yaml("redirect", "  redirect_to: {mail: 'rehearsal@acme.example'}\n"));
  load_contacts(people_csv(2));
  approved(people(2));
  run_dry(10);
  ASSERT_EQ(town.mails().size(), 2U);
  const std::string index = read_whole(town.scratch / "mail/index.ndjson");
  EXPECT_THAT(index, AllOf(HasSubstr("rehearsal@acme.example"), Not(HasSubstr("mail.example\""))));
  EXPECT_TRUE(town.http_messages("sms").empty()) << "no redirect address, so nothing leaves";
}

TEST_F(CourierTest, a_refusal_moves_the_person_to_the_next_channel_and_the_unreachable_get_an_announcement) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts("id,id_type,locale,email,phone,push_token,guardian_id\r\n"
                "a,customer,en,a@mail.example,+8613800199999,unregistered-1,\r\n"
                "b,customer,zh-CN,b+refuse@mail.example,,,\r\n");
  const std::string id = approved({"a", "b"});
  run_dry();
  ASSERT_EQ(town.mails().size(), 1U) << "a: push gone, number out of service, mail it is";
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
  const auto pages = files_in(town.scratch / "announcements", ".html");
  ASSERT_EQ(pages.size(), 2U) << "b is announced to: the page and the list";
  const std::string url = (*store_->read()->notices({.incident_id = id, .round = 0, .state = v1::NOTICE_STATE_UNSPECIFIED, .purpose = "announcement", .limit = 0}))[0].provider_ref();
  EXPECT_THAT(url, HasSubstr("https://acme.example/notices/"));
  EXPECT_THAT(read_whole(pages[0]) + read_whole(pages[1]), HasSubstr("阿克米公司"));
}

TEST_F(CourierTest, a_lost_answer_of_a_provider_that_knows_our_key_is_sent_again_and_arrives_once) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(3));
  town.http->behave("lost-ack-every=2");
  const std::string id = approved({"s0", "s1", "s2"});
  run_dry();
  EXPECT_EQ(town.http_messages("sms").size(), 3U);
  EXPECT_GT(doubts(), 0);
  for (const auto& notice : notices(id)) {
    EXPECT_EQ(notice.state(), v1::ACCEPTED);
    EXPECT_FALSE(notice.possible_duplicate()) << "the provider knows a repeat";
  }
}

TEST_F(CourierTest, a_mail_in_doubt_goes_again_marked_and_after_four_sends_waits_for_a_person) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(1));
  town.mail->behave("drop-after-store");
  const std::string id = approved({"m0"});
  for (int i = 0; i < 40; ++i) {  // A doubtful notice is not due, so run_dry would stop at the channel's first pause.
    ASSERT_TRUE(courier_->pass());
    clock_.advance(std::chrono::seconds(30));
  }
  EXPECT_EQ(town.mails().size(), 4U) << "never a fifth";
  EXPECT_EQ(doubts(), 4);
  ASSERT_EQ(notices(id).size(), 1U);
  EXPECT_EQ(notices(id)[0].state(), v1::IN_DOUBT);
  EXPECT_TRUE(notices(id)[0].possible_duplicate());
  EXPECT_EQ(std::count_if(lines_.begin(), lines_.end(), [](const std::string& line) { return line.find("waits for a person") != std::string::npos; }), 1);
  EXPECT_EQ(round_state(id), v1::ROUND_APPROVED) << "not finished while somebody is in doubt";
  // Same Message-ID, so that mailboxes can recognise the repeat.
  const auto id_line = [](const std::string& mail) { const auto at = mail.find("Message-Id:") == std::string::npos ? mail.find("Message-ID:") : mail.find("Message-Id:"); return mail.substr(at, mail.find('\n', at) - at); };
  EXPECT_EQ(id_line(read_whole(town.mails()[0])), id_line(read_whole(town.mails()[1])));
}

TEST_F(CourierTest, a_channel_set_to_hold_its_doubts_sends_nothing_twice) {
  Town town;
  live_in_the_present();
  use(town.yaml("live", "", ", in_doubt: hold"));
  load_contacts(people_csv(1));
  town.mail->behave("drop-after-store");
  const std::string id = approved({"m0"});
  run_dry(20);
  EXPECT_EQ(town.mails().size(), 1U);
  EXPECT_EQ(notices(id)[0].state(), v1::IN_DOUBT);
  // A person looks it up and says that it arrived.
  EXPECT_TRUE(*book_->resolve_doubt(notices(id)[0].notice_id(), Accepted{"seen in the mailbox"}, kBob));
  EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
}

TEST_F(CourierTest, a_key_that_the_provider_may_have_forgotten_is_not_used_again) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(1));
  town.http->behave("lost-ack");
  const std::string id = approved({"s0"});
  ASSERT_TRUE(courier_->pass());
  clock_.advance(std::chrono::hours(24));
  run_dry(5);
  EXPECT_EQ(notices(id)[0].state(), v1::IN_DOUBT);
  EXPECT_EQ(notices(id)[0].attempts(), 1U);
}

TEST_F(CourierTest, a_provider_that_is_down_costs_few_attempts_and_everyone_is_told_when_it_is_back) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(30));
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) ids.push_back(fmt::format("s{}", i));
  town.http->behave("status=503");
  const std::string id = approved(ids);
  for (int i = 0; i < 180; ++i) {  // An hour of outage.
    ASSERT_TRUE(courier_->pass());
    clock_.advance(std::chrono::seconds(20));
  }
  std::uint32_t most = 0;
  for (const auto& notice : notices(id)) most = std::max(most, notice.attempts());
  EXPECT_LE(most, 8U);
  town.http->behave("");
  clock_.set(SystemClock().now() + std::chrono::hours(1) + std::chrono::minutes(10));
  run_dry(400);
  EXPECT_EQ(counts(id)["ACCEPTED"], 30) << "none was refused";
  EXPECT_EQ(town.http_messages("sms").size(), 30U);
}

TEST_F(CourierTest, retry_after_is_not_undercut) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(1));
  town.http->behave("status=429 retry-after=120");
  const std::string id = approved({"s0"});
  ASSERT_TRUE(courier_->pass());
  EXPECT_EQ(notices(id)[0].state(), v1::RETRY);
  EXPECT_GE(store::instant_from(notices(id)[0].next_attempt()) - clock_.now(), std::chrono::seconds(120));
  town.http->behave("");
  clock_.advance(std::chrono::seconds(60));
  EXPECT_EQ(*courier_->pass(), 0);
  clock_.advance(std::chrono::seconds(61));
  run_dry();
  EXPECT_EQ(notices(id)[0].state(), v1::ACCEPTED);
}

/// Sleeps longer than the lease between the claim and the point of no return, as a paused process does.
class Sleeper final : public Notifier {
 public:
  Sleeper(ManualClock& clock, Microseconds sleep) : clock_(clock), sleep_(sleep) {}
  DoubtClass doubt_class() const override { return DoubtClass::none; }
  Delivery deliver(const Message&, Instant, const std::function<bool()>& point_of_no_return) override {
    clock_.advance(sleep_);
    if (!point_of_no_return()) return TryLater{std::chrono::seconds(0), "the lease is gone"};
    ++sent;
    return Accepted{"x"};
  }
  int sent = 0;

 private:
  ManualClock& clock_;
  Microseconds sleep_;
};

TEST_F(CourierTest, a_courier_that_slept_through_its_lease_sends_nothing) {
  playbook_.mutable_announcement()->set_when("never");
  use("tenant: t\nstate_dir: /nonexistent\ndelivery: {mode: live}\nchannels: [{name: mail, type: email, host: localhost, from: a@b.example}]\n"
      "organisation: {name: Acme, contact_email: a@b.example}\n");
  load_contacts(people_csv(1));
  const std::string id = approved({"m0"});
  Channels channels;
  auto sleeper = std::make_unique<Sleeper>(clock_, std::chrono::minutes(2));
  Sleeper& watched = *sleeper;
  channels.emplace("mail", std::move(sleeper));
  Courier courier({*book_, clock_, metrics_, log_, [] { return 0.5; }}, std::move(channels));
  ASSERT_TRUE(courier.pass());
  EXPECT_EQ(watched.sent, 0);
  EXPECT_EQ(doubts(), 0) << "known unsent";
  clock_.advance(std::chrono::hours(1));
  ASSERT_TRUE(courier.pass());  // Comes back, and is given up for sleeping again: still nothing left.
  EXPECT_EQ(watched.sent, 0);
  EXPECT_NE(notices(id)[0].state(), v1::ACCEPTED);
}

TEST_F(CourierTest, threads_deliver_everything_and_stop_without_losing_a_notice) {
  Town town;
  live_in_the_present();
  use(town.yaml());
  load_contacts(people_csv(20));
  const std::string id = approved(people(20));
  courier_->start();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  bool stopped_once = false;
  while (round_state(id) != v1::ROUND_FINISHED && std::chrono::steady_clock::now() < until) {
    if (!stopped_once && counts(id)["ACCEPTED"] > 5) {
      courier_->stop();  // In the middle of the work.
      EXPECT_EQ(counts(id)["POINT_OF_NO_RETURN"], 0);
      stopped_once = true;
      ASSERT_TRUE(courier_->recover());
      courier_->start();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  courier_->stop();
  EXPECT_EQ(counts(id)["ACCEPTED"], 60);
  EXPECT_EQ(town.mails().size(), 20U);
  EXPECT_EQ(town.http_messages("sms").size(), 20U);
  EXPECT_EQ(doubts(), 0);
}

TEST(Backoff, grows_to_its_ceiling_and_jitters_over_the_whole_of_it) {
  const Backoff backoff{std::chrono::seconds(1), std::chrono::seconds(60)};
  EXPECT_EQ(backoff.after(1, 0.5), std::chrono::milliseconds(500));
  EXPECT_EQ(backoff.after(4, 0.5), std::chrono::seconds(4));
  EXPECT_EQ(backoff.after(40, 1.0), std::chrono::seconds(60));
  EXPECT_EQ(backoff.after(40, 0.0), std::chrono::milliseconds(100)) << "never at once";
}

// ── kills ──

/// Runs in a process of its own, that dies at a failpoint: the courier over the parent's store until nothing is due.
TEST(CourierChild, runs_where_the_parent_says) {
  const char* world = std::getenv("TOCSIN_COURIER_CHILD");
  if (world == nullptr) return;  // Only a parent test starts it.
  const std::string folder = world;
  const SystemClock clock;
  auto store = store::Store::open({.path = folder + "/store.db", .tenant = "t", .seal_key = Secret(std::string(32, 'k'))});
  ASSERT_TRUE(store) << store.error().text;
  v1::Config config = config_from(read_whole(folder + "/tocsin.yml"));
  casebook::Casebook book(**store, clock, config, casebook::usual_playbook());
  Metrics metrics;
  Log log(clock, {.level = LogLevel::error, .json = false, .instead = {}});
  auto channels = make_channels(config, {clock, config.state_dir()});
  ASSERT_TRUE(channels) << channels.error().text;
  CourierSettings settings;
  settings.notice_backoff = {std::chrono::milliseconds(20), std::chrono::milliseconds(200)};
  settings.channel_backoff = {std::chrono::milliseconds(20), std::chrono::milliseconds(200)};
  Courier courier({book, clock, metrics, log, [] { return 0.5; }}, std::move(*channels), settings);
  ASSERT_TRUE(courier.recover());
  for (int idle = 0; idle < 3;) {
    const auto handled = courier.pass();
    ASSERT_TRUE(handled) << handled.error().text;
    const auto next = (*store)->read()->next_due();
    idle = *handled == 0 && !*next ? idle + 1 : 0;
    if (*handled == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

/// How the child ended: 0 well, −9 killed, else its exit code.
int run_child(const std::string& folder, const std::string& failpoints) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv("TOCSIN_COURIER_CHILD", folder.c_str(), 1);
    if (failpoints.empty()) ::unsetenv("TOCSIN_FAILPOINTS");
    else ::setenv("TOCSIN_FAILPOINTS", failpoints.c_str(), 1);
    const int quiet = ::open((folder + "/child.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(quiet, 1);
    ::dup2(quiet, 2);
    ::execl("/proc/self/exe", "courier_test", "--gtest_filter=CourierChild.*", nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

class KillTest : public CourierTest, public testing::WithParamInterface<const char*> {
 protected:
  KillTest() : CourierTest(scratch_folder().path() + "/store.db") {}
  static ScratchFolder& scratch_folder() {
    static std::unique_ptr<ScratchFolder> folder;
    folder = std::make_unique<ScratchFolder>();
    return *folder;
  }
  std::string folder() const { return std::filesystem::path(path_).parent_path(); }

  /// Kills at every pass of the place until the campaign is through, then compares what arrived with what is recorded.
  void campaign(const std::function<std::string(int)>& failpoints, int kills_wanted) {
    constexpr int kEach = 4;
    Town town;
    live_in_the_present();
    use(town.yaml());
    courier_.reset();
    std::ofstream(folder() + "/tocsin.yml") << town.yaml();
    load_contacts(people_csv(kEach));
    const std::string id = approved(people(kEach));
    int kills = 0;
    for (int run = 0; run < 60; ++run) {
      const std::string where = failpoints(run);
      const int ended = run_child(folder(), where);
      if (ended == -SIGKILL) {
        ++kills;
        continue;
      }
      ASSERT_EQ(ended, 0) << read_whole(folder() + "/child.log");
      if (where.empty() || round_state(id) == v1::ROUND_FINISHED) break;
    }
    EXPECT_GE(kills, kills_wanted);
    EXPECT_EQ(round_state(id), v1::ROUND_FINISHED);
    EXPECT_EQ(counts(id)["ACCEPTED"], 3 * kEach) << "nobody is missing";

    const auto doubt_by_channel = *store_->read()->in_doubt_counts();
    const auto doubts_of = [&](const std::string& channel) { const auto at = doubt_by_channel.find(channel); return at == doubt_by_channel.end() ? 0 : at->second; };
    EXPECT_EQ(town.http_messages("sms").size(), static_cast<std::size_t>(kEach)) << "each id accepted exactly once";
    EXPECT_EQ(town.http_messages("webhook").size(), 1U);
    std::set<std::string> told;
    for (const auto& path : town.mails()) told.insert(path.filename().string().substr(7, 32));
    EXPECT_EQ(told.size(), static_cast<std::size_t>(kEach));
    EXPECT_LE(static_cast<std::int64_t>(town.mails().size() - told.size()), doubts_of("mail")) << "extra mails are bounded by recorded doubts";
    std::set<std::string> pushed;
    for (const auto& path : town.http_messages("push")) pushed.insert(path.filename().string().substr(0, 32));
    EXPECT_EQ(pushed.size(), static_cast<std::size_t>(kEach));
    EXPECT_LE(static_cast<std::int64_t>(town.http_messages("push").size() - pushed.size()), doubts_of("app"));
    if (std::string_view(GetParam()) == "claimed") { EXPECT_EQ(doubts(), 0) << "claimed is known unsent"; }
    EXPECT_TRUE(store_->read()->verify_audit()->intact);
  }
};

TEST_P(KillTest, loses_nobody_and_bounds_the_repeats) {
  campaign([&](int run) { return run < 3 ? fmt::format("{}:{}", GetParam(), run + 1) : std::string(); }, 2);
}
INSTANTIATE_TEST_SUITE_P(At, KillTest, testing::Values("claimed", "pnr", "sent", "result"), [](const auto& row) { return std::string(row.param); });

}  // namespace
}  // namespace tocsin::courier
