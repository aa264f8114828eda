// The command line of pks-conform.
#pragma once

namespace conform {

/// The exit status, see exit_status.hpp.
int run_program(int argc, char const* const* argv);

} // namespace conform
