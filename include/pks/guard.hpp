// Lets a request through to a service, or says what to answer it.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/identity.hpp>
#include <pks/net/handler.hpp>
#include <pks/net/initiation.hpp>
#include <pks/policy/bearer_refusal.hpp>
#include <pks/policy/bearer_token.hpp>
#include <pks/policy/scope_requirement.hpp>
#include <pks/result.hpp>
#include <pks/secret.hpp>
#include <pks/validator.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pks::inline v0 {

/// Who sent a request, or the reply that refuses it. Refused, if made by default.
class authorization
{
public:
    authorization() = default;
    explicit authorization(identity whose) : who_(std::move(whose)) {}
    authorization(error_code why, policy::bearer_refusal reply) : why_(why), refusal_(std::move(reply)) {}

    /// Let through.
    explicit operator bool() const noexcept
    {
        return static_cast<bool>(who_);
    }

    /// Of a request that is let through.
    identity const& who() const noexcept
    {
        return who_;
    }

    /// Of one that is not: for the log. Nothing of the token is in its message.
    error_code reason() const noexcept
    {
        return why_;
    }
    policy::bearer_refusal const& refusal() const noexcept
    {
        return refusal_;
    }

    /// Of one that is not: the whole reply, with its length.
    PKS_DECL boost::beast::http::response<boost::beast::http::string_body> reply(
        unsigned version = 11, bool keep_alive = true) const;

private:
    identity who_;
    error_code why_;
    policy::bearer_refusal refusal_;
};

/// Stands before the routes of a service. A copyable handle on a validator.
///
/// Executor, cancellation, thread safety, lifetimes: as the validator's.
class guard
{
public:
    using executor_type = boost::asio::any_io_executor;

    /// @param with   judges the tokens.
    /// @param realm  visible ASCII and blanks without `"` and `\`, named in each challenge.
    ///
    /// Throws boost::system::system_error: errc::forbidden_character for the realm.
    PKS_DECL explicit guard(validator with, std::string realm = "pks");

    PKS_DECL executor_type get_executor() const;

    /// Judges a request by its access token. Signature `void(error_code, authorization)`.
    ///
    /// @param request     is not used after this function has returned.
    /// @param scopes      that this route requires, beside those of the validator's rules.
    /// @param completion  completion token, default `deferred`.
    ///
    /// Errors: boost::asio::error::operation_aborted. All else that is wrong is an authorization that holds the reply:
    /// 400, 401, 403 or 503 (policy::bearer_refusal).
    /// Source: RFC 6750.
    template <class Body, class Allocator, class CompletionToken = boost::asio::deferred_t>
    auto async_authorize(boost::beast::http::request<Body, boost::beast::http::basic_fields<Allocator>> const& request,
        policy::scope_requirement scopes, CompletionToken&& completion = {})
    {
        auto const token = token_of(request);
        return boost::asio::async_initiate<CompletionToken, void(error_code, authorization)>(initiate(get_executor()),
            completion, *this, token.has_value() ? secret(*token) : secret(), token.error(), std::move(scopes));
    }
    /// \overload
    template <class Body, class Allocator, class CompletionToken = boost::asio::deferred_t>
    auto async_authorize(boost::beast::http::request<Body, boost::beast::http::basic_fields<Allocator>> const& request,
        CompletionToken&& completion = {})
    {
        return async_authorize(request, policy::scope_requirement(), std::forward<CompletionToken>(completion));
    }

private:
    struct initiate : net::initiation
    {
        using net::initiation::initiation;

        template <class Handler>
        void operator()(
            Handler&& then, guard self, secret token, error_code missing, policy::scope_requirement scopes) const
        {
            begin(std::move(self), std::move(token), missing, std::move(scopes),
                net::handler<authorization>(std::forward<Handler>(then)));
        }
    };

    template <class Body, class Allocator>
    static result<std::string_view> token_of(
        boost::beast::http::request<Body, boost::beast::http::basic_fields<Allocator>> const& request)
    {
        namespace http = boost::beast::http;
        // Two are as many as it takes to refuse.
        std::string_view values[2];
        std::size_t count = 0;
        auto const [first, last] = request.equal_range(http::field::authorization);
        for (auto at = first; at != last && count != 2; ++at)
            values[count++] = std::string_view(at->value().data(), at->value().size());
        policy::bearer_request read;
        read.authorization = {values, count};
        read.target = std::string_view(request.target().data(), request.target().size());
        if constexpr (std::is_convertible_v<typename Body::value_type const&, std::string_view>) {
            auto const type = request[http::field::content_type];
            if (is_form(std::string_view(type.data(), type.size())))
                read.form = request.body();
        }
        return policy::bearer_token(read);
    }

    PKS_DECL static bool is_form(std::string_view content_type) noexcept;
    PKS_DECL static void begin(guard self, secret token, error_code missing, policy::scope_requirement scopes,
        net::handler<authorization> then);

    validator with_;
    std::string realm_;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/guard.ipp>
#endif
