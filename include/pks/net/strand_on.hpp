// The strand of a handle. For the bodies: no public header includes this.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

namespace pks::inline v0::net {

namespace asio = boost::asio;

/// A strand of an io_context's own executor is small enough to live within an any_io_executor. A strand of another is
/// allocated anew for each property that Asio asks of it, several times in each step.
inline asio::any_io_executor strand_on(asio::any_io_executor const& executor)
{
    if (auto const* const known = executor.target<asio::io_context::executor_type>())
        return asio::make_strand(*known);
    return asio::make_strand(executor);
}

} // namespace pks::inline v0::net
