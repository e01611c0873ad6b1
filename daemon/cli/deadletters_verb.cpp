// deadletters_verb.cpp: `tocsin deadletters list|show|replay`: records that could not become events.
#include <CLI/CLI.hpp>

#include "daemon/cli/client.h"
#include "daemon/cli/words.h"

namespace tocsin::cli {
namespace {

struct Words {
  std::string source, reason;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint32_t limit = 0;
};

Ending list(const Call& call, const Words& words) {
  v1::ListDeadLettersRequest request;
  request.set_source(words.source);
  request.set_reason(words.reason);
  request.set_limit(words.limit);
  return ask<v1::ListDeadLettersResponse>(call, "ListDeadLetters", request, [&](const v1::ListDeadLettersResponse& answer) {
    Output output = call.output();
    print_list<v1::DeadLetter>(output, answer, answer.dead_letters(),
                               {{"source", [](const auto& d) { return d.source(); }},
                                {"partition", [](const auto& d) { return std::to_string(d.partition()); }},
                                {"offset", [](const auto& d) { return std::to_string(d.offset()); }},
                                {"reason", [](const auto& d) { return d.reason(); }},
                                {"recorded_at", [](const auto& d) { return time_text(d.recorded_at()); }},
                                {"replayed", [](const auto& d) { return std::string(d.replayed() ? "yes" : "no"); }},
                                {"detail", [](const auto& d) { return d.detail(); }}});
  });
}

Ending show(const Call& call, const Words& words) {
  v1::ListDeadLettersRequest request;
  request.set_source(words.source);
  request.set_partition(words.partition);
  request.set_offset(words.offset);
  request.set_only_this(true);
  request.set_with_value(true);
  return ask<v1::ListDeadLettersResponse>(call, "ListDeadLetters", request, [&](const v1::ListDeadLettersResponse& answer) -> Ending {
    if (answer.dead_letters().empty()) {
      return {ExitCode::not_found, fmt::format("no dead letter at {}/{}/{}", words.source, words.partition, words.offset), "`tocsin deadletters list` shows them"};
    }
    const v1::DeadLetter& letter = answer.dead_letters(0);
    Output output = call.output();
    if (output.format != Format::table) {
      print_message(output, letter);
      return {};
    }
    // The bytes alone go to stdout, so that they can be piped; what is known of them goes to stderr.
    output.err << fmt::format("{}/{}/{} {}: {}\n", letter.source(), letter.partition(), letter.offset(), letter.reason(), letter.detail());
    output.out << letter.value();
    return {};
  });
}

Ending replay(const Call& call, const Words& words) {
  v1::ReplayDeadLettersRequest request;
  request.set_source(words.source);
  request.set_reason(words.reason);
  return ask<v1::ReplayDeadLettersResponse>(call, "ReplayDeadLetters", request, [&](const v1::ReplayDeadLettersResponse& answer) -> Ending {
    Output output = call.output();
    print_facts(output, answer, {{"replayed", std::to_string(answer.replayed())}, {"still_dead", std::to_string(answer.still_dead())}});
    return {answer.still_dead() == 0 ? ExitCode::ok : ExitCode::negative, {}, {}};
  });
}

}  // namespace

void add_deadletters(CLI::App& app, Call& call) {
  CLI::App* letters = app.add_subcommand("deadletters", "records that could not become events");
  letters->require_subcommand(1)->fallthrough();
  auto words = std::make_shared<Words>();
  const auto add = [&](const char* name, const char* about, Ending (*action)(const Call&, const Words&)) {
    CLI::App* sub = letters->add_subcommand(name, about)->fallthrough();
    sub->callback([&call, words, action] { call.action = [&call, words, action] { return action(call, *words); }; });
    return sub;
  };
  CLI::App* sub = add("list", "where they are and why", list);
  sub->add_option("--source", words->source, "only of this source");
  sub->add_option("--reason", words->reason, "only with this reason");
  sub->add_option("--limit", words->limit, "at most so many");
  sub = add("show", "the raw bytes of one; looking is recorded", show);
  sub->add_option("source", words->source, "name of the source")->required();
  sub->add_option("partition", words->partition)->required();
  sub->add_option("offset", words->offset)->required();
  sub = add("replay", "decode them once more, with today's mappings", replay);
  sub->add_option("--source", words->source, "only of this source");
  sub->add_option("--reason", words->reason, "only with this reason");
}

}  // namespace tocsin::cli
