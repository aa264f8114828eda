// Bodies of server_request.hpp.
#pragma once

#include <pks/server_request.hpp>

namespace pks::inline v0 {

PKS_DECL server_request::server_request(server_role to, std::string method, std::string target)
    : to_(to),
      method_(std::move(method)),
      target_(std::move(target)),
      repeats_(method_ == "GET" || method_ == "HEAD" ? policy::repeatable::read
              : method_ == "DELETE"                  ? policy::repeatable::deletion
                                                     : policy::repeatable::change)
{}

PKS_DECL server_request& server_request::repeats(policy::repeatable what)
{
    repeats_ = what;
    return *this;
}

PKS_DECL server_request& server_request::field(std::string name, std::string_view value)
{
    fields_.emplace_back(std::move(name), value);
    return *this;
}

PKS_DECL server_request& server_request::body(std::string_view text, std::string media_type)
{
    body_.emplace(text);
    media_type_ = std::move(media_type);
    return *this;
}

PKS_DECL server_request& server_request::without_token()
{
    with_token_ = false;
    as_.reset();
    return *this;
}

PKS_DECL server_request& server_request::as(client_authentication client)
{
    with_token_ = false;
    as_ = std::move(client);
    return *this;
}

} // namespace pks::inline v0
