// Bodies of client_operations.hpp.
#pragma once

#include <pks/client_operations.hpp>
#include <pks/impl/client.ipp>
#include <pks/proto/api_request.hpp>
#include <pks/proto/basic_credentials.hpp>
#include <pks/proto/bind_messages.hpp>
#include <pks/proto/change_cluster_messages.hpp>
#include <pks/proto/get_cluster_messages.hpp>
#include <pks/proto/http_grammar.hpp>
#include <pks/proto/refusal.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pks::inline v0::client_detail {

class get_cluster_call final : public call
{
public:
    get_cluster_call(endpoint const& api, std::string const& name)
        : call(api, policy::repeatable::read, true), name_(name)
    {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return proto::get_cluster_request(server, as, name_, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        outcome = proto::read_cluster_reply(reply, asked, diag);
        return outcome.error();
    }

    result<cluster> outcome = error_code(errc::outcome_unknown);

private:
    std::string const& name_;
};

class create_cluster_call final : public call
{
public:
    create_cluster_call(endpoint const& api, cluster_request const& what)
        : call(api, policy::repeatable::change, true), what_(what)
    {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return proto::create_cluster_request(server, as, what_, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        outcome = proto::read_create_cluster_reply(reply, asked, diag);
        return outcome.error();
    }

    result<cluster> outcome = error_code(errc::outcome_unknown);

private:
    cluster_request const& what_;
};

class update_cluster_call final : public call
{
public:
    update_cluster_call(endpoint const& api, std::string const& name, cluster_update const& what)
        : call(api, policy::repeatable::change, true), name_(name), what_(what)
    {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return proto::update_cluster_request(server, as, name_, what_, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        return proto::read_update_cluster_reply(reply, asked, diag).error();
    }

private:
    std::string const& name_;
    cluster_update const& what_;
};

class delete_cluster_call final : public call
{
public:
    delete_cluster_call(endpoint const& api, std::string const& name)
        : call(api, policy::repeatable::deletion, true), name_(name)
    {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return proto::delete_cluster_request(server, as, name_, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        return proto::read_delete_cluster_reply(reply, asked, diag).error();
    }
    result<proto::request> look(access_token const& as, diagnostics& diag) override
    {
        return proto::get_cluster_request(server, as, name_, diag);
    }

private:
    std::string const& name_;
};

class bind_call final : public call
{
public:
    bind_call(endpoint const& api, binding_request const& what)
        : call(api, what.user().empty() ? policy::repeatable::change : policy::repeatable::read, true), what_(what)
    {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return proto::bind_request(server, as, what_, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        outcome = proto::read_bind_reply(reply, asked, diag);
        return outcome.error();
    }

    result<kubeconfig> outcome = error_code(errc::outcome_unknown);

private:
    binding_request const& what_;
};

// What the library writes itself: a second one would be read by somebody on the way in place of the first.
inline bool is_reserved_field(std::string_view name) noexcept
{
    constexpr std::string_view names[] = {"Authorization", "Connection", "Content-Length", "Content-Type", "Expect",
        "Host", "Keep-Alive", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade"};
    return std::any_of(std::begin(names), std::end(names),
        [name](std::string_view known) { return proto::http_grammar::same_text(name, known); });
}

class any_call final : public call
{
public:
    any_call(endpoint const& to, server_request const& what) : call(to, what.repeats(), what.with_token()), what_(what)
    {}

    result<proto::request> request(access_token const& as, diagnostics& diag) override
    {
        return make(what_.method(), true, as, diag);
    }
    error_code read(proto::response& reply, proto::request const& asked, diagnostics& diag) override
    {
        if (reply.status >= 200 && reply.status < 300) {
            diag.http_status = reply.status;
            outcome = std::move(reply);
            return {};
        }
        auto const refused = what_.to() == server_role::api ? proto::read_api_refusal(reply, asked, diag)
                                                            : proto::read_uaa_refusal(reply, asked, diag);
        // Where it counts as success, the deletion had been executed before.
        if (reply.status == 404)
            outcome = std::move(reply);
        return refused;
    }
    result<proto::request> look(access_token const& as, diagnostics& diag) override
    {
        return make("GET", false, as, diag);
    }

    proto::response outcome;

private:
    result<proto::request> make(std::string_view method, bool with_body, access_token const& as, diagnostics& diag)
    {
        auto refuse = [&diag](errc code, std::string_view what) {
            diag.detail = what;
            return error_code(code);
        };
        if (!what_.target().starts_with('/'))
            return refuse(errc::missing_parameter, "target");
        auto out = what_.with_token() ? proto::api_request(method, server, what_.target(), as, diag)
                                      : result<proto::request>(proto::request(method, server, what_.target()));
        if (out.has_error())
            return out;
        bool accepts = what_.with_token();
        for (auto const& [name, value] : what_.fields()) {
            if (is_reserved_field(name))
                return refuse(errc::forbidden_character, name);
            bool const is_accept = proto::http_grammar::same_text(name, "Accept");
            accepts = accepts || is_accept;
            out->field(name, value);
            // Whether it is a secret the caller knows alone.
            if (!is_accept)
                out->confidential(secret(value));
        }
        if (!accepts)
            out->field("Accept", "application/json");
        if (what_.as())
            if (auto const refused = proto::authenticate_client(*out, *what_.as(), diag.detail))
                return refused;
        if (with_body && what_.body())
            out->body(*what_.body(), what_.media_type());
        return out;
    }

    server_request const& what_;
};

} // namespace pks::inline v0::client_detail

namespace pks::inline v0 {

PKS_DECL net::task<proto::response> client::request(
    client_impl& self, server_request const& what, net::deadline& ends, diagnostics& diag)
{
    auto const& to = what.to() == server_role::api ? self.options().api : self.options().uaa;
    client_detail::any_call call(to, what);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    // A GET has told that what was to be deleted is gone.
    if (call.outcome.status == 0)
        call.outcome.status = 404;
    co_return std::move(call.outcome);
}

PKS_DECL net::task<cluster> client::get_cluster(
    client_impl& self, std::string const& name, net::deadline& ends, diagnostics& diag)
{
    client_detail::get_cluster_call call(self.options().api, name);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return std::move(call.outcome);
}

PKS_DECL net::task<cluster> client::create_cluster(
    client_impl& self, cluster_request const& what, net::deadline& ends, diagnostics& diag)
{
    client_detail::create_cluster_call call(self.options().api, what);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return std::move(call.outcome);
}

PKS_DECL net::task<accepted> client::update_cluster(
    client_impl& self, std::string const& name, cluster_update const& what, net::deadline& ends, diagnostics& diag)
{
    client_detail::update_cluster_call call(self.options().api, name, what);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return accepted();
}

PKS_DECL net::task<accepted> client::delete_cluster(
    client_impl& self, std::string const& name, net::deadline& ends, diagnostics& diag)
{
    client_detail::delete_cluster_call call(self.options().api, name);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return accepted();
}

PKS_DECL net::task<kubeconfig> client::bind(
    client_impl& self, binding_request const& what, net::deadline& ends, diagnostics& diag)
{
    client_detail::bind_call call(self.options().api, what);
    auto const failed = co_await self.perform(call, ends, diag);
    if (failed)
        co_return failed;
    co_return std::move(call.outcome);
}

#ifdef PKS_SEPARATE_COMPILATION
template void client::begin<proto::response, server_request>(
    client&, diagnostics*, net::handler<proto::response>, body<proto::response, server_request>, server_request&);
template void client::begin<cluster, std::string>(
    client&, diagnostics*, net::handler<cluster>, body<cluster, std::string>, std::string&);
template void client::begin<cluster, cluster_request>(
    client&, diagnostics*, net::handler<cluster>, body<cluster, cluster_request>, cluster_request&);
template void client::begin<accepted, std::string, cluster_update>(client&, diagnostics*, net::handler<accepted>,
    body<accepted, std::string, cluster_update>, std::string&, cluster_update&);
template void client::begin<accepted, std::string>(
    client&, diagnostics*, net::handler<accepted>, body<accepted, std::string>, std::string&);
template void client::begin<kubeconfig, binding_request>(
    client&, diagnostics*, net::handler<kubeconfig>, body<kubeconfig, binding_request>, binding_request&);
#endif

} // namespace pks::inline v0
