// rules_lint_test.cpp: `tocsin rules lint` as a build uses it: one line a finding, exit codes, all formats.
#include "daemon/cli/test_call.h"

namespace tocsin::cli {
namespace {

class RulesLint : public CallTest {
 protected:
  std::string rule(const std::string& value) const {
    return file("r.yml", "title: T\nid: 11111111-1111-4111-8111-111111111111\nstatus: test\nlevel: high\nlogsource: {product: windows}\ndetection:\n  s: {Image" +
                             value + "}\n  condition: s\n");
  }
};

TEST_F(RulesLint, a_finding_is_one_line_with_its_place) {
  const std::string path = rule("|re: '.*a+'");
  EXPECT_EQ(call({"rules", "lint", "--rules", path}), 0) << err();
  EXPECT_EQ(out(), path + ":7:17: warning TS030: `.*` at the beginning changes nothing\n1 files, 0 errors, 1 warnings, 0 notes\n");
  EXPECT_EQ(call({"rules", "lint", "--rules", path, "--deny", "warnings"}), 1);
}

TEST_F(RulesLint, errors_end_with_1_also_where_a_file_is_no_yaml) {
  EXPECT_EQ(call({"rules", "lint", "--rules", rule("|rx: a")}), 1);
  EXPECT_NE(out().find("error TS001: unknown modifier `rx`"), std::string::npos) << out();
  const std::string broken = file("broken.yml", "a: [\n");
  EXPECT_EQ(call({"rules", "lint", "--rules", broken, "-o", "ndjson"}), 1);
  EXPECT_TRUE(out().starts_with("{\"code\":\"TS001\",\"severity\":\"error\",\"file\":\"" + broken + "\",\"line\":")) << out();
}

TEST_F(RulesLint, every_format_has_the_same_rows) {
  const std::string path = rule("|re: plain");
  EXPECT_EQ(call({"rules", "lint", "--rules", path, "-o", "csv"}), 0);
  EXPECT_TRUE(out().starts_with("code,severity,file,line,column,rule,message,hint\r\nTS031,note,")) << out();
  EXPECT_EQ(call({"rules", "lint", "--rules", path, "-o", "json"}), 0);
  EXPECT_TRUE(out().starts_with("{\n \"findings\": [\n  {\"code\":\"TS031\",")) << out();
  EXPECT_EQ(call({"rules", "lint", "--codes", "-o", "csv"}), 0);
  EXPECT_TRUE(out().starts_with("code,severity,explanation\r\nTS001,error,the engine cannot run this rule\r\n")) << out();
}

TEST_F(RulesLint, fields_are_compared_with_the_mappings_that_are_named) {
  const std::string mapping = file("m.yml", "name: mine\ntime: {record: true}\nfields: {Imaqe: image}\n");
  EXPECT_EQ(call({"rules", "lint", "--rules", rule(": a"), "--mapping", mapping}), 0) << err();
  EXPECT_NE(out().find("TS037: no mapping fills `Image`; did you mean `Imaqe`?"), std::string::npos) << out();
}

TEST_F(RulesLint, a_folder_without_a_rule_is_a_mistake_and_not_a_good_result) {
  EXPECT_NE(call({"rules", "lint", "--rules", folder()}), 0);
  EXPECT_NE(err().find("no rule (*.yml, *.yaml) in this folder"), std::string::npos) << err();
}

}  // namespace
}  // namespace tocsin::cli
