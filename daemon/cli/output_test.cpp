// output_test.cpp: one list in four formats.
#include "daemon/cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tocsin/v1/service.pb.h"

namespace tocsin::cli {
namespace {

class OutputTest : public testing::Test {
 protected:
  std::string list(Format format, std::size_t width = 0) {
    v1::ListIncidentsResponse answer;
    auto& first = *answer.add_incidents();
    first.set_incident_id("a1");
    first.set_title("夜间大量读取");
    first.set_affected_count(4000);
    auto& second = *answer.add_incidents();
    second.set_incident_id("b22");
    second.set_title("=cmd, \"x\"\n");
    out_.str("");
    Output output{out_, err_, format, width};
    print_list<v1::Incident>(output, answer, answer.incidents(),
                             {{"id", [](const auto& i) { return i.incident_id(); }},
                              {"title", [](const auto& i) { return i.title(); }},
                              {"affected", [](const auto& i) { return std::to_string(i.affected_count()); }}});
    return out_.str();
  }
  std::ostringstream out_, err_;
};

TEST_F(OutputTest, a_table_is_straight_by_display_cells) {
  EXPECT_EQ(list(Format::table),
            "ID   TITLE         AFFECTED\n"
            "a1   夜间大量读取  4000\n"
            "b22  =cmd, \"x\"     0\n");
}

TEST_F(OutputTest, a_narrow_terminal_cuts_between_characters) {
  EXPECT_EQ(list(Format::table, 8), "ID   TIT\na1   夜\nb22  =cm\n");
}

TEST_F(OutputTest, csv_quotes_and_runs_no_formula) {
  EXPECT_EQ(list(Format::csv), "id,title,affected\r\na1,夜间大量读取,4000\r\nb22,\"'=cmd, \"\"x\"\"\n\",0\r\n");
}

TEST_F(OutputTest, ndjson_is_one_row_a_line_and_json_the_whole_answer) {
  const std::string lines = list(Format::ndjson);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_TRUE(lines.starts_with(R"({"incident_id":"a1","tenant":"","state":"INCIDENT_STATE_UNSPECIFIED","title":"夜间大量读取")")) << lines;
  const std::string whole = list(Format::json);
  EXPECT_TRUE(whole.starts_with("{\n \"incidents\": [\n")) << whole;
  EXPECT_NE(whole.find("\"affected_count\": \"4000\""), std::string::npos);
}

TEST_F(OutputTest, errors_are_json_where_the_answer_would_be) {
  Output json{out_, err_, Format::json, 0};
  print_error(json, {ExitCode::not_found, "no incident `x`", "list them"});
  EXPECT_EQ(err_.str(), "{\"code\":\"not_found\",\"message\":\"no incident `x`\",\"hint\":\"list them\"}\n");
  err_.str("");
  Output table{out_, err_, Format::table, 0};
  print_error(table, {ExitCode::not_found, "no incident `x`", "list them"});
  EXPECT_EQ(err_.str(), "tocsin: no incident `x`\n  list them\n");
}

TEST_F(OutputTest, control_characters_do_not_reach_the_terminal) {
  Output output{out_, err_, Format::table, 0};
  print_table(output, {"a"}, {{"x\x1b[2Jy"}});
  EXPECT_EQ(out_.str(), "A\nx [2Jy\n");
}

}  // namespace
}  // namespace tocsin::cli
