// Makes and reads the tokens of the embedded UAA.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/testing/signing_key.hpp>
#include <pks/testing/token_content.hpp>
#include <pks/testing/token_store.hpp>
#include <pks/testing/uaa_directory.hpp>
#include <pks/testing/uaa_generation.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::testing {

/// Keys, claims and checks: everything about a token but the protocol that hands it out.
///
/// Thread safety: none of its own.
/// Source: facts §3 (claims and their order), §4.1 (checks, their order and texts).
class token_issuer
{
public:
    /// What came of a token that was shown to the UAA.
    struct verdict
    {
        boost::json::object claims;  ///< of a token that could be read
        std::string error;           ///< empty: good. Else the text that UAA gives as the reason
        bool internal_error = false; ///< UAA runs into an exception: 500 without a text

        bool good() const noexcept
        {
            return error.empty() && !internal_error;
        }
    };

    /// `issuer_url`: `https://HOST:PORT`, without the path of the token endpoint.
    PKS_DECL token_issuer(uaa_generation generation, std::string issuer_url, signing_key key);

    PKS_DECL std::string issuer() const; ///< the `iss` claim

    /// The active key comes first.
    std::vector<signing_key> const& keys() const noexcept
    {
        return keys_;
    }

    /// Signs with a new key from now on; the older ones stay published.
    PKS_DECL void rotate(signing_key key);

    /// Publishes an additional key without signing with it.
    PKS_DECL void publish(signing_key key);

    /// Forgets a key: tokens signed with it are refused. The active key cannot be forgotten.
    PKS_DECL bool forget(std::string_view kid);

    token_store& store() noexcept
    {
        return store_;
    }
    uaa_directory& directory() noexcept
    {
        return directory_;
    }

    /// The claims of a token, in the order of the generation.
    PKS_DECL boost::json::object claims(token_content const& token);

    /// A JWT of these claims, signed with the active key. Also for tests that want odd claims.
    PKS_DECL std::string sign(boost::json::object const& claims) const;

    /// A JWT of these claims and this header, signed with any key and the algorithm of the header: for forged tokens.
    PKS_DECL static std::string sign(
        boost::json::object const& header, boost::json::object const& claims, signing_key const& key);

    /// Checks an access token, a refresh token (`refresh`), or whatever /check_token is asked about.
    PKS_DECL verdict check(std::string_view token, bool refresh, std::int64_t now);

    /// The reason as endpoints other than /check_token tell it.
    PKS_DECL static std::string resource_error(verdict const& v);

    /// A digest of what must not change while a token lives: secret, password, and what revocation changes.
    PKS_DECL static std::string revocation_signature(
        uaa_client const& client, std::string_view secret, uaa_user const* user);

    /// Client id and the part of each scope before its last dot. `openid` counts as such.
    PKS_DECL static std::vector<std::string> audience(
        std::string const& client_id, std::vector<std::string> const& scope);

    /// Three parts in the characters of a JWT.
    PKS_DECL static bool looks_like_jwt(std::string_view token) noexcept;

private:
    PKS_DECL boost::json::object header() const;
    PKS_DECL verdict read(std::string_view token, std::int64_t now) const;
    PKS_DECL std::string objection(boost::json::object const& claims, bool refresh, std::int64_t now, bool opaque);
    PKS_DECL std::string scope_objection(boost::json::object const& claims, bool refresh, uaa_client const& client);

    bool old() const noexcept
    {
        return generation_ == uaa_generation::v4_30;
    }

    uaa_generation generation_;
    std::string issuer_url_;
    std::vector<signing_key> keys_;
    token_store store_;
    uaa_directory directory_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/token_issuer.ipp>
#endif
