// The command line of pks-conform.
#pragma once

namespace conform {

/// Exit status: 0 all as expected, 1 a case failed, 2 usage or nothing ran, 3 environment.
int run_program(int argc, char const* const* argv);

} // namespace conform
