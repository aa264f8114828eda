// Bodies of cpu_time.hpp.
#include "cpu_time.hpp"

#include <time.h>

namespace {

double microseconds(clockid_t of)
{
    timespec now{};
    ::clock_gettime(of, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

} // namespace

double bench::thread_cpu_us()
{
    return microseconds(CLOCK_THREAD_CPUTIME_ID);
}

double bench::process_cpu_us()
{
    return microseconds(CLOCK_PROCESS_CPUTIME_ID);
}
