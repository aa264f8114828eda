// Processor time.
#pragma once

namespace bench {

double thread_cpu_us();  ///< of the calling thread
double process_cpu_us(); ///< of all threads of this process

} // namespace bench
