// version_verb.cpp: `tocsin version`.
#include <CLI/CLI.hpp>

#include "daemon/cli/verbs.h"
#include "daemon/cli/version.h"

namespace tocsin::cli {

void add_version(CLI::App& app, Call& call) {
  CLI::App* sub = app.add_subcommand("version", "the version of this program")->fallthrough();
  sub->callback([&call] {
    call.action = [&call] {
      if (call.format == Format::json || call.format == Format::ndjson) {
        call.world.out << fmt::format("{{\"version\":\"{}\"}}\n", kVersion);
      } else {
        call.world.out << kVersion << "\n";
      }
      return Ending{};
    };
  });
}

}  // namespace tocsin::cli
