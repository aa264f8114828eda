// The replies of a UAA: which header fields, in which order, how framed, in which media type.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>
#include <pks/testing/reply.hpp>
#include <pks/testing/request.hpp>
#include <pks/testing/uaa_generation.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

/// A refusal in OAuth's form. Thrown inside the embedded UAA, and turned into a reply at its border.
struct uaa_refusal
{
    int status = 400;
    std::string error{};
    std::string description{};
    std::string challenge{};    ///< value of WWW-Authenticate, empty: no such field
    boost::json::object more{}; ///< further members
    bool filter = false;  ///< comes from a filter, ahead of the endpoint: decides what a wrong Accept turns it into
    bool session = false; ///< a session was begun before the refusal
};

/// What the head of a reply depends on besides its status.
struct uaa_head
{
    enum class cache {
        none,
        no_store, ///< `no-store`
        oauth,    ///< `no-store`, `Pragma`
        resource, ///< `no-cache, no-store, …`, `Pragma`, `Expires`
    };

    header_fields first; ///< ETag, Allow
    cache caching = cache::resource;
    std::string challenge;
    bool security = true;        ///< the fields of Spring Security
    bool browser_cookie = false; ///< sets X-Uaa-Csrf
    bool session_cookie = false; ///< sets JSESSIONID
    bool filtered = true;        ///< false: Tomcat answers, ahead of every filter
    bool policy = true;          ///< Content-Security-Policy, where the generation has it
    bool no_store_again = false; ///< a second Cache-Control, of the error page
    std::string location;
    std::string media_type; ///< empty: no Content-Type
    bool language = false;  ///< Content-Language
    bool length = false;    ///< Content-Length, not chunked
};

/// Composes the replies to one request.
///
/// Source: the recordings of 4.30.0 and 77.18.0; facts §2.0, §2.17.
class uaa_replies
{
public:
    uaa_replies(uaa_generation generation, request const& req, clock::time_point now)
        : old_(generation == uaa_generation::v4_30), request_(req), now_(now)
    {}

    /// A reply with this body. Chunks are the whole body unless set afterwards.
    PKS_DECL reply make(int status, uaa_head const& head, std::string body = {}) const;

    /// A refusal, in the form that Accept leaves it.
    PKS_DECL reply refuse(uaa_refusal const& refusal) const;

    /// An object as an endpoint for resources answers it; 406 where Accept does not allow it.
    PKS_DECL reply resource(boost::json::object const& body, header_fields first = {}) const;

    /// The body `{}` of an error that nobody described.
    PKS_DECL reply undescribed(int status) const;

    /// What a browser finds at /login.
    PKS_DECL reply login_page() const;

    /// Sends a browser to the login page.
    PKS_DECL reply to_login(std::string_view base_url) const;

    /// The page that HTML clients get for an error, and those whose Accept cannot be met.
    PKS_DECL reply page(int status) const;

    /// `error_description` as the generation writes it into a body: 4.30.0 escapes it for HTML.
    PKS_DECL std::string body_text(std::string_view description) const;

    /// Accept lets JSON through.
    PKS_DECL bool accepts_json() const;

    /// The media type of JSON that is negotiated: parameters of Accept are repeated.
    PKS_DECL std::string json_type() const;

    bool old() const noexcept
    {
        return old_;
    }

    /// The JSON media type of token replies and of /info.
    static constexpr char fixed_json_type[] = "application/json;charset=UTF-8";

private:
    enum class accepts {
        json,
        html,
        xml,
        other,
        malformed,
    };
    PKS_DECL std::pair<accepts, std::string> negotiate() const;

    bool old_;
    request const& request_;
    clock::time_point now_;
};

/// A time as HTTP writes it. Source: RFC 9110 §5.6.7.
PKS_DECL std::string http_date(clock::time_point t);

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/uaa_replies.ipp>
#endif
