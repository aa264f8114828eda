// Tokens, keys and validators: what the tests of pks::validator share.
#pragma once

#include <net/installation.hpp>
#include <net/outcome.hpp>

#include <pks/jose/jose_errc.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/testing/control_plane.hpp>
#include <pks/testing/manual_clock.hpp>
#include <pks/testing/signing_key.hpp>
#include <pks/testing/uaa_generation.hpp>
#include <pks/validator.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0 {

inline std::ostream& boost_test_print_type(std::ostream& out, jose_errc e)
{
    return out << make_error_code(e);
}
inline std::ostream& boost_test_print_type(std::ostream& out, token_errc e)
{
    return out << make_error_code(e);
}

} // namespace pks::inline v0

namespace net_test {

/// Makes tokens of any content, of a UAA that only a script plays.
class mint
{
public:
    static constexpr char issuer[] = "https://uaa.example/oauth/token";

    explicit mint(std::shared_ptr<pks::testing::manual_clock> clock) : clock_(std::move(clock)) {}

    /// The key `key-N`, from 1 on: made once for all tests.
    static pks::testing::signing_key const& key(std::size_t n);

    /// A JWK Set of these keys.
    static std::string key_set(std::initializer_list<std::size_t> keys);

    /// Those of a good access token with the scope `pks.clusters.manage`, made now for ten minutes. Each has a `jti` of
    /// its own.
    boost::json::object claims() const;

    boost::json::object header(std::size_t key) const;

    /// A good token, or one of these claims.
    std::string token(std::size_t with_key = 1) const;
    std::string token(boost::json::object const& claims, std::size_t with_key = 1) const;
    std::string token(boost::json::object const& header, boost::json::object const& claims, std::size_t with_key) const;

    /// As good as a token looks before its signature is verified.
    std::string forged(std::string_view kid) const;

    std::chrono::sys_seconds now() const;

private:
    std::shared_ptr<pks::testing::manual_clock> clock_;
};

/// Scopes that are all required.
pks::policy::scope_requirement all_of(std::initializer_list<char const*> scopes);

/// Everything that a validator says of a failure, for people.
std::string said(pks::error_code ec, pks::diagnostics const& diag);

/// A context, a clock that stands still, and validations in it.
class validation
{
public:
    validation();

    /// For a UAA at this address, by the clock, of the issuer of the mint; the audience is `pks.clusters`.
    pks::validator_options options(pks::endpoint const& uaa) const;

    outcome<pks::identity> validate(
        pks::validator v, std::string_view token, pks::policy::scope_requirement scopes = {});

    boost::asio::io_context ctx;
    std::shared_ptr<pks::testing::manual_clock> clock;
    mint coin;
    pks::diagnostics diag; // of the last validation
};

/// The same, with an embedded UAA.
class validation_with_uaa : public validation
{
public:
    explicit validation_with_uaa(pks::testing::uaa_generation g = pks::testing::uaa_generation::v77_18);

    pks::validator_options options() const;
    pks::validator_options asking(pks::validation how, pks::policy::introspection_endpoint where) const;

    /// A token reply, without a connection. `form`: as it is sent.
    boost::json::object grant(std::string_view client, std::string_view secret, std::string const& form);
    std::string client_token(std::string const& more = {}); ///< of automated-client
    std::string user_token(std::string const& more = {});   ///< of alana, through pks_cli

    std::size_t requests(std::string_view path) const;

    std::optional<pks::testing::control_plane> plane;
};

} // namespace net_test
