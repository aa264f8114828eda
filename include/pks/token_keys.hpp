// The keys that a UAA signs its tokens with, as published.
#pragma once

#include <boost/json/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pks::inline v0 {

/// The answer of `GET /token_keys`: a JWK Set with its ETag.
///
/// Source: RFC 7517 §5; facts on `/token_keys` (§2.5).
class token_keys
{
public:
    token_keys() = default;

    std::vector<std::string> key_ids;               ///< every `kid`, in the server's order
    std::string etag;                               ///< as received, quotes included; echo it as it is
    bool not_modified = false;                      ///< 304: the keys of that ETag still hold, and `json` is null
    std::shared_ptr<boost::json::value const> json; ///< the whole set
};

} // namespace pks::inline v0
