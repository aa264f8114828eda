// The server at the other end of a stream: its address, and what it is held to.
#pragma once

#include <pks/clock.hpp>
#include <pks/endpoint.hpp>
#include <pks/limits.hpp>

#include <memory>
#include <utility>

namespace pks::inline v0 {

/// What an operation over a stream needs to know of the server: where it is (for the request's target and `Host`
/// field), how much it may send, and what time it is. An endpoint converts to a peer with default limits and the
/// system's clock.
class peer
{
public:
    peer(v0::endpoint e) : endpoint_(std::move(e)) {}

    peer& limits(http_limits l)
    {
        limits_ = l;
        return *this;
    }
    /// Null is the system's clock.
    peer& clock(std::shared_ptr<v0::clock const> c)
    {
        clock_ = std::move(c);
        return *this;
    }

    v0::endpoint const& endpoint() const noexcept
    {
        return endpoint_;
    }
    http_limits const& limits() const noexcept
    {
        return limits_;
    }
    v0::clock::time_point now() const
    {
        return clock_ ? clock_->now() : v0::clock().now();
    }

private:
    v0::endpoint endpoint_;
    http_limits limits_;
    std::shared_ptr<v0::clock const> clock_;
};

} // namespace pks::inline v0
