// cjose, which verifies with a key that is kept; the claims are read with the JSON library that it is built on.
#include "contestants.hpp"

#ifdef PKS_BENCH_CJOSE

#include <pks/jose/base64url.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cjose/cjose.h>
#include <jansson.h>

#include <ctime>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

namespace {

template <auto Release>
struct release
{
    template <class T>
    void operator()(T* p) const noexcept
    {
        Release(p);
    }
};
using owned_jwk = std::unique_ptr<cjose_jwk_t, release<cjose_jwk_release>>;
using owned_jws = std::unique_ptr<cjose_jws_t, release<cjose_jws_release>>;
using owned_json = std::unique_ptr<json_t, release<json_decref>>;

// What one thread keeps: a key of cjose is not meant for several.
class cjose_verifier
{
public:
    cjose_verifier(token_data const& data, std::string const& set)
        : data_(data), tokens_(data.tokens(set)), alg_(set == "es256" ? "ES256" : "RS256")
    {
        auto const keys = boost::json::parse(data.jwks(token_data::family_of(set)));
        for (auto const& key : keys.at("keys").as_array()) {
            auto const text = boost::json::serialize(key);
            owned_jwk made(cjose_jwk_import(text.data(), text.size(), nullptr));
            if (!made)
                throw std::runtime_error("cjose takes no key");
            keys_.emplace(std::string(key.at("kid").as_string()), std::move(made));
        }
    }

    bool accepts(std::size_t i) const
    {
        auto const& token = tokens_[i].text;
        owned_jws const jws(cjose_jws_import(token.data(), token.size(), nullptr));
        if (!jws)
            return false;
        auto* const header = cjose_jws_get_protected(jws.get());
        auto const* const alg = cjose_header_get(header, CJOSE_HDR_ALG, nullptr);
        auto const* const kid = cjose_header_get(header, CJOSE_HDR_KID, nullptr);
        if (!alg || alg != alg_ || !kid)
            return false;
        auto const key = keys_.find(std::string_view(kid));
        if (key == keys_.end() || !cjose_jws_verify(jws.get(), key->second.get(), nullptr))
            return false;
        std::uint8_t* claims = nullptr;
        std::size_t size = 0;
        return cjose_jws_get_plaintext(jws.get(), &claims, &size, nullptr) &&
            accepts_claims({reinterpret_cast<char const*>(claims), size});
    }

private:
    bool accepts_claims(std::string_view text) const
    {
        owned_json const claims(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
        auto const* const issuer = json_string_value(json_object_get(claims.get(), "iss"));
        if (!issuer || issuer != data_.issuer() ||
            json_integer_value(json_object_get(claims.get(), "exp")) <= std::time(nullptr))
            return false;
        auto const* const audiences = json_object_get(claims.get(), "aud");
        for (std::size_t k = 0; k != json_array_size(audiences); ++k) {
            auto const* const one = json_string_value(json_array_get(audiences, k));
            if (one && one == data_.audience())
                return true;
        }
        return false;
    }

    token_data const& data_;
    std::vector<labelled_token> const& tokens_;
    std::string alg_;
    std::map<std::string, owned_jwk, std::less<>> keys_;
};

class cjose_contestant : public contestant
{
public:
    explicit cjose_contestant(token_data const& data) : data_(data) {}

    std::string name() const override
    {
        return "cjose";
    }

    std::string version() const override
    {
        return cjose_version();
    }

    std::vector<std::string> cases() const override
    {
        return {"rs256", "es256", "forged_signature", "forged_alg", "forged_dots"};
    }

    validation start(token_case const& which) override
    {
        auto const verifier = std::make_shared<cjose_verifier>(data_, which.set());
        return [verifier](std::size_t i) { return verifier->accepts(i); };
    }

private:
    token_data const& data_;
};

} // namespace

std::unique_ptr<contestant> make_cjose(token_data const& data)
{
    return std::make_unique<cjose_contestant>(data);
}

} // namespace bench

#else

std::unique_ptr<bench::contestant> bench::make_cjose(token_data const&)
{
    return nullptr;
}

#endif
