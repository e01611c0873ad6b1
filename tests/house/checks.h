// checks.h: what a machine can judge of the house. Each check reads a tree and says what is wrong, one line a finding.
#pragma once

#include <string>
#include <vector>

#include "tests/house/tree.h"

namespace tocsin::house {

using Findings = std::vector<std::string>;
using Check = Findings(const Tree&);

Check first_lines_say_what_a_file_is;
Check conformance_is_tested;
Check includes_point_down;
Check libraries_stay_in_their_folders;
Check limits_are_hit_in_tests;
Check names_and_notes_are_clean;
Check nothing_is_empty;
Check readmes_are_true;
Check rules_carry_their_tests;
Check table_rows_have_file_and_test;
Check tables_are_sorted;
Check top_level_is_fixed;

}  // namespace tocsin::house
