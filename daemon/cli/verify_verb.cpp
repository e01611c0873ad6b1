// verify_verb.cpp: `tocsin verify`: is the audit chain whole? Asked of the daemon, or of a state folder.
#include <CLI/CLI.hpp>
#include <filesystem>

#include "daemon/casebook/checkpoint.h"
#include "daemon/cli/client.h"
#include "daemon/cli/keys.h"
#include "daemon/cli/state.h"
#include "daemon/store/store.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::string state_dir, tenant = "default";
  std::vector<std::string> checkpoints;
};

Ending show(const Call& call, const v1::VerifyAuditResponse& answer) {
  Output output = call.output();
  std::vector<std::pair<std::string, std::string>> facts = {{"rows", std::to_string(answer.rows())}, {"intact", answer.intact() ? "yes" : "NO"}};
  if (!answer.problem().empty()) facts.emplace_back("problem", answer.problem());
  print_facts(output, answer, facts);
  return {answer.intact() ? ExitCode::ok : ExitCode::negative, {}, {}};
}

/// Checkpoints of the folder, and copies that were kept elsewhere: those an intruder could not reach.
Result<v1::VerifyAuditResponse> verify_offline(const Words& words) {
  const StatePaths paths(words.state_dir);
  std::error_code error;
  if (!std::filesystem::exists(paths.store(), error)) return bad_input(fmt::format("{}: no store; is this a state folder?", words.state_dir));
  TOCSIN_ASSIGN(const Keys keys, read_keys(words.state_dir));
  TOCSIN_ASSIGN(const auto store, store::Store::open({.path = paths.store(), .tenant = words.tenant, .seal_key = keys.seal}));
  std::vector<store::Checkpoint> checkpoints;
  std::vector<std::string> files = words.checkpoints;
  files.insert(files.begin(), paths.checkpoints());
  v1::VerifyAuditResponse out;
  for (const std::string& file : files) {
    TOCSIN_ASSIGN(const auto read, casebook::read_checkpoints(file, *store));
    if (!read.problem.empty()) out.set_problem(fmt::format("{}: {}", file, read.problem));
    checkpoints.insert(checkpoints.end(), read.rows.begin(), read.rows.end());
  }
  TOCSIN_ASSIGN(const auto view, store->read());
  TOCSIN_ASSIGN(const auto verdict, view.verify_audit(checkpoints));
  out.set_rows(verdict.rows);
  out.set_intact(verdict.intact && out.problem().empty());
  if (!verdict.intact) out.set_problem(verdict.problem);
  return out;
}

Ending verify(const Call& call, const Words& words) {
  if (words.state_dir.empty()) {
    return ask<v1::VerifyAuditResponse>(call, "VerifyAudit", v1::VerifyAuditRequest{}, [&](const v1::VerifyAuditResponse& answer) { return show(call, answer); });
  }
  const auto answer = verify_offline(words);
  if (!answer) return ending_of(answer.error());
  return show(call, *answer);
}

}  // namespace

void add_verify(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("verify", "recompute the audit chain: finds edits, deletions, new order, truncation; 1 where it is broken")->fallthrough();
  auto words = std::make_shared<Words>();
  sub->add_option("--state-dir", words->state_dir, "read this state folder instead of asking the daemon");
  sub->add_option("--tenant", words->tenant, "with --state-dir: the tenant")->capture_default_str();
  sub->add_option("--checkpoints", words->checkpoints, "with --state-dir: a copy of the checkpoint file kept elsewhere; repeats");
  sub->callback([&call, words] { call.action = [&call, words] { return verify(call, *words); }; });
}

}  // namespace tocsin::cli
