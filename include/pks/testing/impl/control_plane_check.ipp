// The inside of testing/control_plane.hpp: the API asks the UAA about each token, through this library.
#pragma once

#include <pks/testing/impl/control_plane_sessions.ipp>

#include <pks/credentials.hpp>
#include <pks/diagnostics.hpp>
#include <pks/peer.hpp>
#include <pks/uaa/async_check_token.hpp>

namespace pks::inline v0::testing {

PKS_DECL std::unique_ptr<control_plane_detail::tls_stream> control_plane::plane::take_idle()
{
    std::lock_guard const lock(mutex_);
    std::unique_ptr<tls_stream> out;
    if (!idle_.empty()) {
        out = std::move(idle_.back());
        idle_.pop_back();
    }
    return out;
}

PKS_DECL void control_plane::plane::keep_idle(std::unique_ptr<tls_stream> stream)
{
    std::lock_guard const lock(mutex_);
    if (!stopped_ && idle_.size() < 64)
        idle_.push_back(std::move(stream));
}

PKS_DECL boost::asio::awaitable<std::unique_ptr<control_plane_detail::tls_stream>> control_plane::plane::connect_to_uaa(
    self_ptr self)
{
    namespace asio = boost::asio;
    asio::any_io_executor strand = asio::make_strand(self->executor_);
    auto out = std::make_unique<tls_stream>(tcp::socket(strand), self->client_context_);
    auto* const native = out->native_handle();
    auto* const parameters = SSL_get0_param(native);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(parameters, self->options_.host.c_str(), 0);
    SSL_set_tlsext_host_name(native, self->options_.host.c_str());

    tcp::endpoint const where(asio::ip::address_v4::loopback(), self->uaa_port_);
    error_code ec;
    co_await out->next_layer().async_connect(where, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) {
        out->next_layer().set_option(tcp::no_delay(true), ec);
        co_await out->async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, ec));
    }
    if (ec)
        out.reset();
    co_return out;
}

PKS_DECL boost::asio::awaitable<api_authentication> control_plane::plane::authenticate(self_ptr self, std::string token)
{
    namespace asio = boost::asio;
    secret const subject(token);
    peer server(endpoint::uaa(self->url(self->uaa_port_)));
    server.clock(self->options_.clock);
    api_authentication out;
    out.result = api_authentication::outcome::failed;
    out.text = "The token could not be checked";

    // A connection that was kept may have been closed at the other end in the meantime: then once more on a new one.
    for (int attempt = 0; attempt < 2; ++attempt) {
        auto stream = attempt == 0 ? self->take_idle() : std::unique_ptr<tls_stream>();
        bool const kept = stream != nullptr;
        if (!stream)
            stream = co_await connect_to_uaa(self);
        if (!stream)
            co_return out;
        diagnostics diag;
        error_code ec;
        auto as = client_authentication::basic_unencoded(self->options_.api_client, self->options_.api_secret);
        auto claims = co_await uaa::async_check_token(
            *stream, server, std::move(as), subject, diag, asio::redirect_error(asio::use_awaitable, ec));
        if (ec && kept && diag.http_status == 0)
            continue;
        if (diag.reusable)
            self->keep_idle(std::move(stream));
        if (ec == oauth_errc::invalid_token) {
            out.result = api_authentication::outcome::refused;
            out.text = diag.error_description == "Token has expired" ? "Token has expired" : "Invalid access token";
        } else if (!ec) {
            out.result = api_authentication::outcome::accepted;
            out.identity.owner = claims.user() ? claims.user_name : claims.client_id;
            out.identity.scope = std::move(claims.scope);
            out.identity.audience = std::move(claims.aud);
        }
        co_return out;
    }
    co_return out;
}

} // namespace pks::inline v0::testing
