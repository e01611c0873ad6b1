// contacts_test.cpp: the CSV as real systems write it, its faults with file and line, and the reload.
#include "daemon/casebook/contacts.h"

#include "daemon/casebook/csv.h"
#include "daemon/casebook/test_casebook.h"

namespace tocsin::casebook {
namespace {

using testing::HasSubstr;

std::string fault(const std::string& csv) {
  const auto rows = read_contacts("c.csv", csv, subject_key());
  return rows ? "accepted" : rows.error().text;
}

TEST(Csv, quotes_doubled_quotes_line_ends_and_a_bom_are_read) {
  const auto records = read_csv("c.csv", "\xef\xbb\xbfid,name\r\n1,\"a \"\"b\"\", c\r\nd\"\r\n\r\n2,\n3,x");
  ASSERT_TRUE(records) << records.error().text;
  ASSERT_EQ(records->size(), 4U);
  EXPECT_EQ((*records)[0].fields[0], "id");
  EXPECT_EQ((*records)[1].fields[1], "a \"b\", c\r\nd");
  EXPECT_EQ((*records)[2].line, 5U);
  EXPECT_EQ((*records)[2].fields[1], "");
  EXPECT_EQ((*records)[3].fields[1], "x");
}

TEST(Csv, an_open_quote_names_the_line_on_which_it_was_opened) {
  EXPECT_THAT(read_csv("c.csv", "a,b\n1,\"x\ny\nz").error().text, HasSubstr("c.csv:2:"));
  EXPECT_THAT(read_csv("c.csv", "a\n\"x\"y\n").error().text, HasSubstr("c.csv:2: there is text behind"));
  EXPECT_THAT(read_csv("c.csv", "a\nx\"y\n").error().text, HasSubstr("c.csv:2: a quote stands in the middle"));
}

TEST(Contacts, columns_may_stand_in_any_order_and_addresses_are_normalised) {
  const auto rows = read_contacts("c.csv", "email,id_type,id,phone\n a@B.Example ,customer, 7 ,13800138000\n", subject_key());
  ASSERT_TRUE(rows) << rows.error().text;
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0].subject.ref, ref_of("7"));
  EXPECT_EQ((*rows)[0].email.reveal(), "a@b.example");
  EXPECT_EQ((*rows)[0].phone.reveal(), "+8613800138000");
  EXPECT_FALSE((*rows)[0].guardian);
}

TEST(Contacts, faults_name_file_and_line_and_never_a_value) {
  const std::string head = "id,id_type,email,phone,guardian_id\n";
  EXPECT_THAT(fault(""), HasSubstr("c.csv:1: the header is missing"));
  EXPECT_THAT(fault("id,email\n"), HasSubstr("the column `id_type` is missing"));
  EXPECT_THAT(fault("id,id_type,CANARY\n"), HasSubstr("c.csv:1: column 3"));
  EXPECT_THAT(fault("id,id_type,id\n"), HasSubstr("stands twice"));
  EXPECT_THAT(fault(head + "CANARY,customer\n"), HasSubstr("c.csv:2: 2 fields instead of the header's 5"));
  EXPECT_THAT(fault(head + ",customer,,,\n"), HasSubstr("c.csv:2: `id`"));
  EXPECT_THAT(fault(head + "1,,,,\n"), HasSubstr("`id_type` is empty"));
  EXPECT_THAT(fault(head + "1,customer,CANARY,,\n"), HasSubstr("is not a mail address"));
  EXPECT_THAT(fault(head + "1,customer,,CANARY,\n"), HasSubstr("is not a valid telephone number"));
  EXPECT_THAT(fault(head + "1,customer,,,\n\"1\",customer,,,\n"), HasSubstr("c.csv:3: this person stands on line 2 already"));
  EXPECT_THAT(fault(head + "1,customer,,,CANARY\n"), HasSubstr("c.csv:2: the guardian is not in this file"));
  EXPECT_THAT(fault(head + "1,customer,,,1\n"), HasSubstr("its own guardian"));
  for (const char* bad : {"CANARY,customer\n", "1,customer,CANARY,,\n", "1,customer,,CANARY,\n", "1,customer,,,CANARY\n"})
    EXPECT_EQ(fault(head + bad).find("CANARY"), std::string::npos) << bad;
}

class Reload : public CasebookTest {};

TEST_F(Reload, a_changed_file_replaces_all_and_a_broken_one_leaves_what_was_loaded) {
  auto folder = *TemporaryFolder::make();
  const std::string path = folder.path() + "/contacts.csv";
  ContactsFile file(path, subject_key());
  EXPECT_FALSE(file.refresh(*store_, clock_.now())) << "no such file";
  ASSERT_TRUE(write_file(path, "id,id_type,email\n1,customer,a@b.example\n2,customer,c@d.example\n"));
  EXPECT_EQ(*file.refresh(*store_, clock_.now()), 2);
  EXPECT_EQ(*file.refresh(*store_, clock_.now()), -1);
  EXPECT_FALSE(store_->read()->contact(ref_of("c1"))->has_value()) << "replaced whole";
  ASSERT_TRUE(write_file(path, "id,id_type,email\n1,customer,broken\n"));
  EXPECT_FALSE(file.refresh(*store_, clock_.now()));
  EXPECT_EQ(*store_->read()->contact_count(), 2);
  ASSERT_TRUE(write_file(path, "id,id_type,email\n1,customer,a@b.example\n"));
  EXPECT_EQ(*file.refresh(*store_, clock_.now()), 1);
  EXPECT_EQ(store_->read()->audit()->back().act, "contacts.loaded");
}

TEST_F(Reload, contacts_come_back_whole) {
  const auto row = **store_->read()->contact(ref_of("c1"));
  EXPECT_EQ(row.email.reveal(), "CANARY-one@mail.example");
  EXPECT_EQ(row.phone.reveal(), "+8613800138000");
  EXPECT_EQ(row.push_token.reveal(), "CANARY-token");
  EXPECT_EQ(row.locale, "en");
  EXPECT_EQ(*(**store_->read()->contact(ref_of("kid"))).guardian, ref_of("mum"));
}

}  // namespace
}  // namespace tocsin::casebook
