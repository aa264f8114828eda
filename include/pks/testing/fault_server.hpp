// A server on loopback that goes wrong exactly as it is told, and counts what really happened.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/endpoint.hpp>
#include <pks/testing/certificate_authority.hpp>
#include <pks/testing/fault_script.hpp>
#include <pks/testing/reply.hpp>
#include <pks/testing/request.hpp>
#include <pks/trust.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// How a fault server is set up. Configuration: fill in what differs from the defaults.
struct fault_server_options
{
    bool secure = true;                                 ///< TLS; otherwise plain HTTP
    int tls_version = 0;                                ///< the only one, as OpenSSL names it: 0x0303, 0x0304; 0: any
    std::string address = "127.0.0.1";                  ///< where it listens
    std::uint16_t port = 0;                             ///< 0: any
    std::vector<std::string> dns_names{"localhost"};    ///< of the certificate
    std::vector<std::string> ip_addresses{"127.0.0.1"}; ///< of the certificate
    std::optional<certificate_authority> authority{};   ///< nothing: a new one
    std::optional<server_identity> identity{};          ///< nothing: issued by the authority
    std::string tag_field = "X-Fault-Tag";              ///< the request's field that holds its tag
    std::function<reply(request const&)> answers{};     ///< the answer where nothing goes wrong; none: 200 and `{}`
};

/// Listens from construction to stop(). Connections and requests go as the script says; where that is used up, each
/// request gets its answer, and the connection stays open.
///
/// A request's tag is the value of its field `tag_field`, or else method and path, as in `GET /v1/clusters`. A request
/// is counted when its head has come. It takes effect when it is executed and its answer has a status from 200 to 299,
/// whether or not the client gets to see that: so lost and doubled effects are counted where they happen.
///
/// Executor: one that a single thread runs. There are no threads of its own.
/// Thread safety: all members on that thread, or while it does not run; count() and connections() from any.
/// Lifetimes: the execution context must outlive the object.
/// Errors: the constructor and listen() throw boost::system::system_error where it cannot listen, std::runtime_error
/// where OpenSSL fails.
class fault_server
{
public:
    explicit PKS_DECL fault_server(boost::asio::any_io_executor executor, fault_server_options options = {});
    fault_server(fault_server const&) = delete;
    fault_server& operator=(fault_server const&) = delete;

    /// As stop().
    PKS_DECL ~fault_server();

    /// Replaces what is left of the last script.
    PKS_DECL void play(fault_script script);

    /// Connections are refused, until listen(). Those that are open stay open.
    PKS_DECL void refuse();

    /// Connections are neither accepted nor refused, until listen(): the SYN is not answered.
    PKS_DECL void blackhole();

    PKS_DECL void listen();

    /// Stops listening and closes every connection.
    PKS_DECL void stop();

    /// Ends the connections that are open, as a server does with those that are idle for too long: fault_end::cut or
    /// fault_end::reset.
    PKS_DECL void end_connections(fault_end how);

    PKS_DECL std::uint16_t port() const noexcept;
    PKS_DECL std::string url() const;        ///< `https://127.0.0.1:PORT`
    PKS_DECL pks::endpoint endpoint() const; ///< the same
    PKS_DECL pks::trust trust() const;       ///< in its authority
    PKS_DECL certificate_authority const& authority() const noexcept;

    struct tally
    {
        std::size_t requests = 0;
        std::size_t effects = 0;
    };
    PKS_DECL tally count(std::string_view tag) const;
    PKS_DECL tally count() const; ///< of all tags

    struct connection_tally
    {
        std::size_t accepted = 0;
        std::size_t handshakes = 0; ///< that were completed
        std::size_t open = 0;
    };
    PKS_DECL connection_tally connections() const;

private:
    class state;
    std::shared_ptr<state> state_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/fault_server.ipp>
#endif
