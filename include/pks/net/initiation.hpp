// What the initiation objects of all operations share: the executor they run on.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <utility>

namespace pks::inline v0::net {

class initiation
{
public:
    using executor_type = boost::asio::any_io_executor;

    explicit initiation(executor_type executor) : executor_(std::move(executor)) {}

    executor_type get_executor() const noexcept
    {
        return executor_;
    }

private:
    executor_type executor_;
};

} // namespace pks::inline v0::net
