// libjwt: one call decodes and verifies; it takes the key as PEM each time and has no checks of claims of its own.
#include "contestants.hpp"

#ifdef PKS_BENCH_LIBJWT

#include <jwt.h>

#include <ctime>
#include <map>
#include <string>

namespace bench {

namespace {

class libjwt : public contestant
{
public:
    explicit libjwt(token_data const& data) : data_(data), keys_(data.public_pems(libjwt::cases())) {}

    std::string name() const override
    {
        return "libjwt";
    }

    std::string version() const override
    {
        return PKS_BENCH_LIBJWT;
    }

    std::vector<std::string> cases() const override
    {
        return {"rs256", "es256", "forged_signature", "forged_alg", "forged_dots"};
    }

    validation start(token_case const& which) override
    {
        auto const alg = which.set() == "es256" ? JWT_ALG_ES256 : JWT_ALG_RS256;
        return [this, alg, &tokens = data_.tokens(which.set())](std::size_t i) { return accepts(tokens[i], alg); };
    }

private:
    bool accepts(labelled_token const& token, jwt_alg_t alg) const
    {
        auto const& key = keys_.find(token.kid)->second;
        jwt_t* read = nullptr;
        if (jwt_decode(&read, token.text.c_str(), reinterpret_cast<unsigned char const*>(key.data()),
                static_cast<int>(key.size())) != 0)
            return false;
        std::unique_ptr<jwt_t, decltype(&jwt_free)> const jwt(read, jwt_free);
        if (jwt_get_alg(read) != alg)
            return false;
        auto const* const issuer = jwt_get_grant(read, "iss");
        return issuer && issuer == data_.issuer() && jwt_get_grant_int(read, "exp") > std::time(nullptr);
    }

    token_data const& data_;
    std::map<std::string, std::string> const keys_;
};

} // namespace

std::unique_ptr<contestant> make_libjwt(token_data const& data)
{
    return std::make_unique<libjwt>(data);
}

} // namespace bench

#else

std::unique_ptr<bench::contestant> bench::make_libjwt(token_data const&)
{
    return nullptr;
}

#endif
