// An HTTP server that answers each request with what a guard says of it.
#pragma once

#include <pks/guard.hpp>
#include <pks/policy/scope_requirement.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace conform {

/// Listens on 127.0.0.1 from construction until stop() or destruction, without TLS. Whatever the target: 200 and whose
/// token it is (`name`, `client_id`, `scope`, `exp`), or the guard's refusal.
///
/// Errors: the constructor throws boost::system::system_error where it cannot listen.
/// Lifetimes: the execution context must outlive the object. Thread safety: none; it works on `executor` alone, which one
/// thread runs.
class guard_server
{
public:
    /// `port` 0: any. `needed`: of each request.
    guard_server(boost::asio::any_io_executor executor, std::uint16_t port, pks::guard guard,
        pks::policy::scope_requirement needed = {});
    guard_server(guard_server const&) = delete;
    guard_server& operator=(guard_server const&) = delete;
    ~guard_server();

    std::uint16_t port() const noexcept;

    /// Stops listening and ends the connections.
    void stop();

private:
    class listener;
    std::shared_ptr<listener> listener_;
};

} // namespace conform
