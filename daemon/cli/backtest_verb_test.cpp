// backtest_verb_test.cpp: `tocsin backtest` counts per rule, and shows what another version of the rules would change.
#include "daemon/cli/test_call.h"

namespace tocsin::cli {
namespace {

class BacktestVerb : public CallTest {
 protected:
  std::string rules(const std::string& name, const std::string& user, const std::string& more = {}) const {
    return file(name, "title: T\nid: one\nlogsource: {product: p}\ndetection: {s: {user: " + user + "}, condition: s}\n---\n"
                      "title: Quiet\nid: two\nlogsource: {product: p}\ndetection: {s: {user: nobody}, condition: s}\n" + more);
  }
  std::string events_ = file("e.ndjson",
                             "{\"time\":\"2026-01-01T00:00:09Z\",\"user\":\"ana\"}\n{\"time\":\"2026-01-01T00:00:01Z\",\"user\":\"ana\"}\nbad\n"
                             "{\"time\":\"2026-01-01T00:00:05Z\",\"user\":\"eva\"}\n{\"user\":\"bob\"}\n");
};

TEST_F(BacktestVerb, counts_events_with_first_and_last_time_and_rate) {
  ASSERT_EQ(call({"backtest", "--rules", rules("a.yml", "ana"), events_, "-o", "csv"}), 0) << err();
  EXPECT_EQ(out(), "rule,level,kind,hits,per_100000,first,last,title\r\none,medium,event,2,50000.00,2026-01-01T00:00:01Z,2026-01-01T00:00:09Z,T\r\n");
  ASSERT_EQ(call({"backtest", "--rules", rules("a.yml", "ana"), events_, "--all", "-o", "ndjson"}), 0) << err();
  EXPECT_NE(out().find(R"({"rule":"two","level":"medium","kind":"event","hits":0,"per_100000":0.00,"first":"","last":"","title":"Quiet"})"), std::string::npos) << out();
  ASSERT_EQ(call({"backtest", "--rules", rules("a.yml", "ana"), events_}), 0);
  EXPECT_EQ(err(), "4 events, 1 dead lines, 2 rules\n");
}

TEST_F(BacktestVerb, correlations_count_alerts_and_their_bases_events) {
  const std::string correlation = "---\ntitle: C\nid: three\ncorrelation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 2}}\n";
  ASSERT_EQ(call({"backtest", "--rules", rules("a.yml", "ana", correlation), events_, "-o", "csv"}), 0) << err();
  EXPECT_NE(out().find("one,medium,base,2,"), std::string::npos) << out();
  EXPECT_NE(out().find("three,medium,event_count,1,25000.00,2026-01-01T00:00:09Z,2026-01-01T00:00:09Z,C\r\n"), std::string::npos) << out();
}

TEST_F(BacktestVerb, a_version_is_compared_line_by_line_with_another) {
  const std::string old = rules("old.yml", "ana", "---\ntitle: Gone\nid: gone\nlogsource: {product: p}\ndetection: {s: {user: bob}, condition: s}\n");
  const std::string fresh = rules("new.yml", "[eva, 'a*']", "---\ntitle: New\nid: new\nlogsource: {product: p}\ndetection: {s: {user: bob}, condition: s}\n");
  ASSERT_EQ(call({"backtest", "--rules", fresh, "--against", old, events_, "-o", "csv"}), 0) << err();
  EXPECT_EQ(out(), "rule,text,kind,before,now,gained,lost,lines,title\r\none,changed,event,2,3,1,0,'+4,T\r\nnew,added,event,0,1,1,0,'+5,New\r\ngone,removed,event,1,0,0,1,,Gone\r\n") << out();
  ASSERT_EQ(call({"backtest", "--rules", old, "--against", old, events_, "-o", "csv"}), 0);
  EXPECT_EQ(out(), "rule,text,kind,before,now,gained,lost,lines,title\r\n");
  ASSERT_EQ(call({"backtest", "--rules", rules("lost.yml", "eva"), "--against", rules("kept.yml", "ana"), events_, "-o", "json"}), 0);
  EXPECT_NE(out().find(R"("gained":1,"lost":2,"lines":"+4 -1 -2")"), std::string::npos) << out();
}

TEST_F(BacktestVerb, what_cannot_be_read_has_its_exit_code) {
  EXPECT_EQ(call({"backtest", "--rules", rules("a.yml", "ana"), folder() + "/none"}), 5);
  EXPECT_EQ(call({"backtest", "--rules", rules("a.yml", "ana"), "--against", folder() + "/none", events_}), 5);
}

TEST_F(BacktestVerb, what_no_correlation_could_count_is_said) {
  const std::string correlation = "---\ntitle: C\nid: three\ncorrelation: {type: event_count, rules: [one], timespan: 1m, condition: {gte: 2}}\n";
  ASSERT_EQ(call({"backtest", "--rules", rules("a.yml", "bob", correlation), events_, "-o", "csv"}), 0) << err();
  EXPECT_NE(err().find("1 events without a time did not count for correlations"), std::string::npos) << err();
}

}  // namespace
}  // namespace tocsin::cli
