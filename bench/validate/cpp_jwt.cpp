// cpp-jwt, which takes the key as PEM each time and knows no `aud` but a string.
#include "contestants.hpp"

#ifdef PKS_BENCH_CPP_JWT

#include <jwt/jwt.hpp>

#include <map>
#include <string>
#include <system_error>

namespace bench {

namespace {

class cpp_jwt : public contestant
{
public:
    explicit cpp_jwt(token_data const& data) : data_(data), keys_(data.public_pems(cpp_jwt::cases())) {}

    std::string name() const override
    {
        return "cpp_jwt";
    }

    std::string version() const override
    {
        return PKS_BENCH_CPP_JWT;
    }

    std::vector<std::string> cases() const override
    {
        return {"rs256", "es256", "forged_signature", "forged_alg", "forged_dots"};
    }

    validation start(token_case const& which) override
    {
        std::string const alg = which.set() == "es256" ? "ES256" : "RS256";
        return [this, alg, &tokens = data_.tokens(which.set())](std::size_t i) { return accepts(tokens[i], alg); };
    }

private:
    bool accepts(labelled_token const& token, std::string const& alg) const
    {
        namespace with = jwt::params;
        try {
            std::error_code ec;
            jwt::decode(token.text, with::algorithms({alg}), ec, with::secret(keys_.find(token.kid)->second),
                with::issuer(data_.issuer()), with::verify(true));
            return !ec;
        } catch (std::exception const&) {
            return false;
        }
    }

    token_data const& data_;
    std::map<std::string, std::string> const keys_;
};

} // namespace

std::unique_ptr<contestant> make_cpp_jwt(token_data const& data)
{
    return std::make_unique<cpp_jwt>(data);
}

} // namespace bench

#else

std::unique_ptr<bench::contestant> bench::make_cpp_jwt(token_data const&)
{
    return nullptr;
}

#endif
