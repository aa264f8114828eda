// Bodies of guard.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/guard.hpp>
#include <pks/proto/http_grammar.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace pks::inline v0::guard_detail {

// Makes an authorization of what the validator says.
struct validation_handler
{
    net::handler<authorization> then;
    std::string realm;
    policy::scope_requirement needed;

    void operator()(error_code ec, identity whose)
    {
        if (ec == boost::asio::error::operation_aborted)
            std::move(then)(ec, authorization());
        else if (ec)
            std::move(then)(error_code(), authorization(ec, policy::bearer_refusal(ec, realm, needed)));
        else
            std::move(then)(error_code(), authorization(std::move(whose)));
    }
};

inline bool may_be_quoted(char c) noexcept
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

} // namespace pks::inline v0::guard_detail

// The handler of whoever waits, but for its signature.
template <template <class, class> class Associator, class Default>
struct boost::asio::associator<Associator, pks::guard_detail::validation_handler, Default>
    : Associator<pks::net::handler<pks::authorization>, Default>
{
    static auto get(pks::guard_detail::validation_handler const& h, Default const& d = Default()) noexcept
    {
        return Associator<pks::net::handler<pks::authorization>, Default>::get(h.then, d);
    }
};

namespace pks::inline v0 {

PKS_DECL boost::beast::http::response<boost::beast::http::string_body> authorization::reply(
    unsigned version, bool keep_alive) const
{
    namespace http = boost::beast::http;
    http::response<http::string_body> out(static_cast<http::status>(refusal_.status), version);
    out.set(http::field::content_type, "application/json");
    out.set(http::field::cache_control, "no-store");
    if (!refusal_.www_authenticate.empty())
        out.set(http::field::www_authenticate, refusal_.www_authenticate);
    out.body() = refusal_.body;
    out.keep_alive(keep_alive);
    out.prepare_payload();
    return out;
}

PKS_DECL guard::guard(validator with, std::string realm) : with_(std::move(with)), realm_(std::move(realm))
{
    if (!pks::detail::all_are(guard_detail::may_be_quoted, realm_))
        throw boost::system::system_error(errc::forbidden_character, "realm");
}

PKS_DECL guard::executor_type guard::get_executor() const
{
    return with_.get_executor();
}

PKS_DECL bool guard::is_form(std::string_view content_type) noexcept
{
    auto const type = content_type.substr(0, std::min(content_type.find(';'), content_type.size()));
    return proto::http_grammar::same_text(proto::http_grammar::trimmed(type), "application/x-www-form-urlencoded");
}

PKS_DECL void guard::begin(
    guard self, secret token, error_code missing, policy::scope_requirement scopes, net::handler<authorization> then)
{
    if (missing) {
        authorization refused(missing, policy::bearer_refusal(missing, self.realm_, scopes));
        boost::asio::post(self.get_executor(), boost::asio::append(std::move(then), error_code(), std::move(refused)));
        return;
    }
    guard_detail::validation_handler handler{std::move(then), self.realm_, scopes};
    self.with_.async_validate_token(token.reveal(), std::move(scopes), std::move(handler));
}

} // namespace pks::inline v0
