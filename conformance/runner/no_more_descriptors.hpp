// For what a program does where it can open no descriptor.
#pragma once

#include <cerrno>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace conform {

/// As long as it lives, no descriptor can be opened in this process.
class no_more_descriptors
{
public:
    no_more_descriptors()
    {
        // The lowest that is free.
        int const next = ::dup(STDERR_FILENO);
        if (next < 0 || ::getrlimit(RLIMIT_NOFILE, &before_) != 0)
            throw std::system_error(errno, std::generic_category(), "the limit of descriptors");
        ::close(next);
        auto now = before_;
        now.rlim_cur = static_cast<::rlim_t>(next);
        if (::setrlimit(RLIMIT_NOFILE, &now) != 0)
            throw std::system_error(errno, std::generic_category(), "the limit of descriptors");
    }
    no_more_descriptors(no_more_descriptors const&) = delete;
    no_more_descriptors& operator=(no_more_descriptors const&) = delete;
    ~no_more_descriptors()
    {
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }

private:
    ::rlimit before_{};
};

} // namespace conform
