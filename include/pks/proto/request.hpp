// One HTTP request as it is sent.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/access_token.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/endpoint.hpp>
#include <pks/error.hpp>
#include <pks/secret.hpp>

#include <pks/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::proto {

/// A request to build up and then serialize. What it holds is cleansed with it.
class request
{
public:
    /// `target` is the path below the endpoint's prefix, with its query.
    PKS_DECL request(std::string_view method, endpoint const& server, std::string_view target);

    /// Adds a field. The value may be confidential; that of `Authorization` is.
    PKS_DECL request& field(std::string_view name, std::string_view value);

    /// Adds the field `Authorization` of whoever bears this token, which is shared and not copied.
    ///
    /// Errors: errc::missing_parameter where there is none, errc::forbidden_character; it adds nothing then.
    PKS_DECL error_code authorize(access_token as);

    /// Sets the body, with its media type.
    PKS_DECL request& body(pks::detail::wiped_string text, std::string_view media_type);

    /// Sends it to another target, prefix and all: where a redirect leads on the same server.
    PKS_DECL request& redirect(std::string target);

    /// Marks a text that was sent and must not come back in any message: see redact().
    PKS_DECL request& confidential(secret text);

    /// The octets to send. Errors: errc::forbidden_character where method or field name is no token (RFC 9110 §5.6.2),
    /// or target or field value holds a character that it must not; `detail` says which.
    PKS_DECL result<pks::detail::wiped_string> serialize(std::string* detail = nullptr) const;

    std::string const& method() const noexcept
    {
        return method_;
    }
    PKS_DECL bool has_field(std::string_view name) const noexcept;

    /// The `first` octets of a server's text, with `[redacted]` in place of whatever is confidential, also form-encoded or
    /// escaped for HTML or JSON, and of everything that looks like a JWT. What is cut off there is replaced whole.
    /// Confidential texts of less than 8 octets stay: any sentence holds them by chance.
    PKS_DECL std::string redact(std::string_view servers_text, std::size_t first = std::string_view::npos) const;

private:
    std::string method_;
    std::string target_;
    pks::detail::wiped_string fields_; // as they are sent
    access_token bearer_;              // which is sent behind the first bearer_at_ octets of them
    std::size_t bearer_at_ = 0;
    std::string refused_; // the first field that cannot be sent
    std::optional<pks::detail::wiped_string> body_;
    std::vector<secret> confidential_;
};

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/request.ipp>
#endif
