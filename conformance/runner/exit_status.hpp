// What pks-conform ends with.
#pragma once

namespace conform {

enum exit_status {
    as_expected = 0,
    case_failed = 1,
    usage = 2,       ///< also: nothing ran, and input that is no line of the form asked for
    environment = 3, ///< what is to be read is not there
};

} // namespace conform
