// The verb serve-guard.
#include "runner/serve_guard.hpp"
#include "runner/guard_server.hpp"

#include <pks/credentials.hpp>
#include <pks/guard.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/trust.hpp>
#include <pks/validator.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <utility>

namespace conform {

namespace {

std::optional<pks::validation> way_of(std::string const& name)
{
    if (name == "offline")
        return pks::validation::offline;
    if (name == "online")
        return pks::validation::online;
    if (name == "offline-first")
        return pks::validation::offline_first;
    return std::nullopt;
}

pks::validator_options settings_of(serve_guard_options const& options, pks::validation how)
{
    pks::validator_options out(options.uaa, pks::trust::ca_file(options.ca_file));
    if (!options.issuer.empty())
        out.rules.issuer = options.issuer;
    out.rules.audiences = options.audiences;
    out.rules.scopes.all = options.scopes;
    out.how = how;
    if (!options.client.empty()) {
        auto const* const secret = std::getenv("PKS_CLIENT_SECRET");
        out.as = pks::client_authentication::automatic(options.client, pks::secret(secret ? secret : ""));
    }
    return out;
}

} // namespace

exit_status serve_guard(serve_guard_options const& options, std::ostream& out, std::ostream& complaints)
{
    auto const how = way_of(options.checks);
    if (!how) {
        complaints << "pks-conform: --checks takes offline, online or offline-first\n";
        return usage;
    }
    boost::asio::io_context context(1);
    std::optional<pks::guard> guard;
    try {
        auto settings = settings_of(options, *how);
        // Rather now than as a 503 to whoever asks first.
        std::string detail;
        if (pks::net::make_tls_context(settings.trust, &detail).has_error()) {
            complaints << "pks-conform: " << detail << '\n';
            return environment;
        }
        guard.emplace(pks::validator(context.get_executor(), std::move(settings)));
    } catch (boost::system::system_error const& wrong) {
        complaints << "pks-conform: " << wrong.what() << '\n';
        return usage;
    }
    guard_server server(context.get_executor(), options.port, *guard);
    boost::asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&server, &context](pks::error_code ec, int) {
        if (ec)
            return;
        server.stop();
        context.stop();
    });
    out << "http://127.0.0.1:" << server.port() << std::endl;
    context.run();
    return as_expected;
}

} // namespace conform
