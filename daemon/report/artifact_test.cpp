// artifact_test.cpp: the finished file: bytes, text, secrets, attachment, and an independent validator's judgment.
#include "daemon/report/artifact.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "daemon/base/file.h"
#include "daemon/base/hash.h"
#include "daemon/report/guard.h"
#include "daemon/report/json.h"
#include "daemon/report/pdf/qpdf.h"
#include "daemon/report/printed.h"
#include "daemon/report/test_case.h"

namespace tocsin::report {
namespace {

const std::pair<std::string, std::string> kForms[] = {{"cn", "zh-CN"}, {"cn", "en"}, {"eu-gdpr", "zh-CN"}, {"eu-gdpr", "en"}};

Artifact rendered(const std::string& jurisdiction, const std::string& language) {
  ready_process();
  const auto report = test_report(jurisdiction, language);
  EXPECT_TRUE(report) << report.error().text;
  const auto artifact = render(*report);
  EXPECT_TRUE(artifact) << artifact.error().text;
  return artifact ? *artifact : Artifact{};
}

struct Ran {
  int code = -1;
  std::string out;
};

Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.out.append(buffer, n);
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

bool is_installed(const std::string& tool) { return run("command -v " + tool).code == 0; }

/// In continuous integration nothing may be skipped.
bool may_skip() { return ::getenv("CI") == nullptr || std::string_view(::getenv("CI")) != "true"; }

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char byte) { return byte == ' ' || byte == '\n' || byte == '\f' || byte == '\t'; });
  return text;
}

std::string text_of(const Artifact& artifact) {
  auto folder = TemporaryFolder::make();
  const std::string path = folder->path() + "/report.pdf";
  EXPECT_TRUE(write_file(path, artifact.pdf));
  return run("pdftotext -raw " + path + " -").out;
}

/// All bytes of the file with no stream compressed.
std::string uncompressed(const std::string& pdf) {
  QPDF file;
  file.processMemoryFile("report", pdf.data(), pdf.size());
  QPDFWriter writer(file);
  writer.setOutputMemory();
  writer.setQDFMode(true);
  writer.setStreamDataMode(qpdf_s_uncompress);
  writer.write();
  const auto buffer = writer.getBufferSharedPointer();
  return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

TEST(Artifact, every_leaf_of_the_json_is_printed) {
  if (!is_installed("pdftotext") && may_skip()) GTEST_SKIP() << "pdftotext (poppler-utils) is not installed";
  for (const auto& [jurisdiction, language] : kForms) {
    const std::string text = without_blanks(text_of(rendered(jurisdiction, language)));
    const auto report = test_report(jurisdiction, language);
    for (const PrintedLeaf& leaf : printed_leaves(*report))
      EXPECT_NE(text.find(without_blanks(leaf.text)), std::string::npos) << jurisdiction << " " << language << " " << leaf.path << ": " << leaf.text;
  }
}

TEST(Artifact, the_same_report_gives_the_same_bytes_whatever_the_environment) {
  const Artifact first = rendered("cn", "zh-CN");
  ::setenv("LANG", "de_DE.UTF-8", 1);
  ::setenv("LC_ALL", "C", 1);
  ::setenv("TZ", "America/New_York", 1);
  ::setenv("PANGO_LANGUAGE", "ja", 1);
  ::setenv("LANGUAGE", "ja", 1);
  const Artifact second = rendered("cn", "zh-CN");
  for (const char* name : {"LANG", "LC_ALL", "TZ", "PANGO_LANGUAGE", "LANGUAGE"}) ::unsetenv(name);
  EXPECT_EQ(first.json, second.json);
  EXPECT_TRUE(first.pdf == second.pdf);
}

TEST(Artifact, no_canary_of_a_person_stands_in_json_or_in_the_uncompressed_pdf) {
  if (!is_installed("pdftotext") && may_skip()) GTEST_SKIP() << "pdftotext (poppler-utils) is not installed";
  for (const auto& [jurisdiction, language] : kForms) {
    const Artifact artifact = rendered(jurisdiction, language);
    const std::string bytes = uncompressed(artifact.pdf);
    EXPECT_NE(bytes.find("tocsin:ReportId"), std::string::npos) << "the XMP is part of what is searched";
    EXPECT_NE(bytes.find("\"drawn_up_at\""), std::string::npos) << "and so is the attachment";
    for (const std::string& canary : kCanaries) {
      EXPECT_EQ(artifact.json.find(canary), std::string::npos) << canary;
      EXPECT_EQ(bytes.find(canary), std::string::npos) << canary;
      EXPECT_EQ(text_of(artifact).find(canary), std::string::npos) << canary;
    }
  }
}

TEST(Artifact, the_attachment_is_the_json) {
  const Artifact artifact = rendered("eu-gdpr", "en");
  QPDF file;
  file.processMemoryFile("report", artifact.pdf.data(), artifact.pdf.size());
  QPDFObjectHandle spec = file.getRoot().getKey("/AF").getArrayItem(0);
  EXPECT_EQ(spec.getKey("/AFRelationship").getName(), "/Source");
  EXPECT_EQ(spec.getKey("/UF").getUTF8Value(), kJsonName);
  const auto bytes = spec.getKey("/EF").getKey("/F").getStreamData();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes->getBuffer()), bytes->getSize()), artifact.json);
  EXPECT_NE(uncompressed(artifact.pdf).find(sha256_hex(artifact.json)), std::string::npos) << "the XMP names the hash of the facts";
}

TEST(Artifact, a_character_without_a_glyph_is_refused) {
  auto organisation = test_organisation();
  organisation.set_name("Acme \U000E0FFF Ltd");
  const auto report = test_report("cn", "en", test_incident(), organisation);
  ASSERT_TRUE(report);
  const auto artifact = render(*report);
  ASSERT_FALSE(artifact);
  EXPECT_EQ(artifact.error().kind, ErrorKind::bad_input);
  EXPECT_NE(artifact.error().text.find("U+E0FFF"), std::string::npos) << artifact.error().text;
}

TEST(Artifact, damaged_text_is_refused) {
  for (const auto& bad : {std::string("Acme \xFF Ltd"), std::string("Acme \xEF\xBF\xBD Ltd")}) {
    v1::Report report = *test_report("cn", "en");
    report.mutable_sections(0)->mutable_items(0)->set_value(bad);
    EXPECT_FALSE(render(report));
  }
}

TEST(Artifact, a_text_longer_than_a_page_is_refused) {
  v1::Report report = *test_report("cn", "en");
  std::string endless;
  for (int i = 0; i < 3'000; ++i) endless += "word ";
  report.mutable_sections(0)->mutable_items(0)->set_value(endless);
  const auto artifact = render(report);
  ASSERT_FALSE(artifact);
  EXPECT_NE(artifact.error().text.find("longer than a page"), std::string::npos);
}

TEST(Artifact, a_validator_accepts_it_as_pdf_a_3a_and_pdf_ua_1) {
  auto folder = TemporaryFolder::make();
  const std::string script = std::string(TOCSIN_SOURCE_DIR) + "/tests/support/verapdf/verapdf ";
  for (const auto& [jurisdiction, language] : kForms) {
    const std::string path = fmt::format("{}/{}-{}.pdf", folder->path(), jurisdiction, language);
    ASSERT_TRUE(write_file(path, rendered(jurisdiction, language).pdf));
    const Ran ran = run(script + path);
    if (ran.code == 2 && may_skip()) GTEST_SKIP() << "veraPDF did not run: " << ran.out;
    EXPECT_EQ(ran.code, 0) << ran.out;
    EXPECT_EQ(ran.out, "3a: PASS\nua1: PASS\n");
  }
}

TEST(Artifact, the_validator_itself_can_say_no) {
  auto folder = TemporaryFolder::make();
  std::string pdf = rendered("cn", "en").pdf;
  const std::size_t at = pdf.find("/GTS_PDFA1");
  ASSERT_NE(at, std::string::npos);
  pdf.replace(at, 10, "/GTS_PDFAX");
  ASSERT_TRUE(write_file(folder->path() + "/broken.pdf", pdf));
  const Ran ran = run(std::string(TOCSIN_SOURCE_DIR) + "/tests/support/verapdf/verapdf " + folder->path() + "/broken.pdf 3a");
  if (ran.code == 2 && may_skip()) GTEST_SKIP() << "veraPDF did not run: " << ran.out;
  EXPECT_EQ(ran.code, 1) << ran.out;
}

/// For people: `TOCSIN_KEEP=folder report_test` leaves the files there to be looked at.
TEST(Artifact, is_kept_for_a_look_when_asked) {
  const char* folder = ::getenv("TOCSIN_KEEP");
  if (folder == nullptr) return;   // Nobody asked.
  for (const auto& [jurisdiction, language] : kForms) {
    const Artifact artifact = rendered(jurisdiction, language);
    EXPECT_TRUE(write_file(fmt::format("{}/{}-{}.pdf", folder, jurisdiction, language), artifact.pdf));
    EXPECT_TRUE(write_file(fmt::format("{}/{}-{}.json", folder, jurisdiction, language), artifact.json));
  }
}

}  // namespace
}  // namespace tocsin::report
