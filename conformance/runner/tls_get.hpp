// One GET over a connection of its own.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>
#include <pks/net/name_resolver.hpp>
#include <pks/trust.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace conform {

struct get_question
{
    pks::endpoint server;
    pks::trust trust;
    std::string target = "/";
    std::shared_ptr<pks::net::name_resolver> resolver{}; ///< null: the system's
    std::chrono::milliseconds deadline{10'000};
};

struct get_answer
{
    pks::error_code ec;
    int status = 0;
    std::string body{};
    pks::diagnostics diag{};
};

/// By net::make_tls_context, net::connection and net::exchange, in the calling thread. After the deadline
/// errc::timeout.
get_answer tls_get(get_question const& question);

/// Every name is this machine.
std::shared_ptr<pks::net::name_resolver> loopback_resolver(bool ipv6 = false);

} // namespace conform
