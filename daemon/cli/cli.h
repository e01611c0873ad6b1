// cli.h: one binary, one verb a file.
#pragma once

namespace tocsin::cli {

/// Runs the verb that argv names and returns the exit code of the table in cli/exit_code.h. Never throws.
int run(int argc, char** argv);

}  // namespace tocsin::cli
