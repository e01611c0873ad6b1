// main.cpp: the only place that exits.
#include "daemon/cli/cli.h"

int main(int argc, char** argv) { return tocsin::cli::run(argc, argv); }
