// What the tests of messages share: a server, a token, and a reply as it is read from a connection.
#pragma once

#include <pks/access_token.hpp>
#include <pks/endpoint.hpp>
#include <pks/proto/response_parser.hpp>
#include <pks/secret.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace proto_test {

inline pks::endpoint const api = pks::endpoint::api("pks.example.com");

inline pks::access_token token(std::string_view text = "someaccesstoken")
{
    pks::access_token::parts parts;
    parts.value = pks::secret(text);
    return pks::access_token(std::move(parts));
}

/// Without a media type where that is empty.
inline pks::proto::response reply(
    std::string_view body, int status = 200, std::string media_type = "application/json;charset=UTF-8")
{
    pks::proto::response out;
    out.status = status;
    if (!media_type.empty())
        out.fields.emplace_back("Content-Type", std::move(media_type));
    out.body = body;
    return out;
}

} // namespace proto_test
