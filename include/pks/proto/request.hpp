// One HTTP request as it is sent.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>
#include <pks/secret.hpp>

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::proto {

/// A request to build up and then serialize. What it holds is cleansed with it.
class request
{
public:
    /// `target` is the path below the endpoint's prefix, with its query.
    PKS_DECL request(std::string_view method, endpoint const& server, std::string_view target);

    /// Adds a field; the value may be confidential.
    PKS_DECL request& field(std::string_view name, std::string_view value);

    /// Sets the body, with its media type.
    PKS_DECL request& body(pks::detail::wiped_string text, std::string_view media_type);

    /// Marks a text that was sent and must not come back in any message: see redact().
    PKS_DECL request& confidential(secret text);

    /// The octets to send. Errors: errc::forbidden_character where method, target, field name or value holds a control
    /// character or is no valid field; `detail` says which.
    PKS_DECL boost::system::result<pks::detail::wiped_string> serialize(std::string* detail = nullptr) const;

    std::string const& method() const noexcept
    {
        return method_;
    }

    /// Replaces in a server's text whatever was marked as confidential, and everything that looks like a JWT, by
    /// `[redacted]`.
    PKS_DECL std::string redact(std::string_view servers_text) const;

private:
    std::string method_;
    std::string target_;
    std::vector<std::pair<std::string, pks::detail::wiped_string>> fields_;
    pks::detail::wiped_string body_;
    bool has_body_ = false;
    std::vector<secret> confidential_;
};

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/request.ipp>
#endif
