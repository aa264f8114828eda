// The tokens that are measured, as they lie in a folder: each contestant, of any language, reads the same files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A token, and which key signed it: not every library finds the key by itself.
class labelled_token
{
public:
    std::string kid;
    std::string text;
};

/// The folder. Reading throws std::runtime_error for a file that is not there.
class token_data
{
public:
    /// The sets, a file `SET.tokens` each, with lines `KID TOKEN`.
    static std::vector<std::string> const& sets();

    /// Whose three keys signed a set: `rs256`, `es256`, `eddsa`. Of each there is `FAMILY.jwks` and `FAMILY.saved`.
    static std::string family_of(std::string_view set);

    explicit token_data(std::filesystem::path folder);

    std::vector<labelled_token> const& tokens(std::string_view set) const;

    std::string jwks(std::string const& family) const;       ///< a JWK Set of public keys
    std::string saved_keys(std::string const& family) const; ///< the same for pks::validator_options::saved_keys
    std::string public_pem(std::string const& kid) const;

    /// Those which signed the tokens of some sets, by their names.
    std::map<std::string, std::string> public_pems(std::vector<std::string> const& sets) const;

    /// What a good token says, in `rules.json`.
    std::string const& uaa() const noexcept ///< the UAA's address
    {
        return uaa_;
    }
    std::string const& issuer() const noexcept
    {
        return issuer_;
    }
    std::string const& audience() const noexcept
    {
        return audience_;
    }
    std::string const& scope() const noexcept
    {
        return scope_;
    }

private:
    std::string read(std::string const& file) const;

    std::filesystem::path folder_;
    std::string uaa_, issuer_, audience_, scope_;
    std::map<std::string, std::vector<labelled_token>, std::less<>> tokens_;
};

} // namespace bench
