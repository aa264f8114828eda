// pks::validator, offline and with saved keys: nothing is fetched.
#include "contestants.hpp"

#include <pks/validator.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

namespace {

class pks_contestant : public contestant
{
public:
    explicit pks_contestant(token_data const& data) : data_(data)
    {
        for (auto const& name : pks_contestant::cases()) {
            token_case const which(name);
            validators_.emplace(name, make(which));
        }
    }

    std::string name() const override
    {
        return "pks";
    }

    std::string version() const override
    {
        return PKS_BENCH_VERSION;
    }

    std::vector<std::string> cases() const override
    {
        return {"rs256", "rs256_kept", "cached", "es256", "eddsa", "large", "forged_signature", "forged_alg",
            "forged_dots", "forged_dots_default"};
    }

    validation start(token_case const& which) override
    {
        auto const& tokens = data_.tokens(which.set());
        auto validator = validators_.at(which.name());
        auto const accepts = [](pks::validator const& with, std::string const& token) {
            auto const said = with.try_validate(token);
            return said && said->has_value();
        };
        if (which.name() == "rs256_kept")
            return [&tokens, validator = std::move(validator), accepts](std::size_t i) mutable {
                // Another round with the same tokens: they are to be new again.
                if (i == 0)
                    validator.forget_tokens();
                return accepts(validator, tokens[i].text);
            };
        return [&tokens, validator = std::move(validator), accepts](
                   std::size_t i) { return accepts(validator, tokens[i].text); };
    }

private:
    pks::validator make(token_case const& which)
    {
        pks::validator_options options(data_.uaa(), pks::trust::system_store());
        options.rules.audiences = {data_.audience()};
        options.rules.scopes.all = {data_.scope()};
        options.saved_keys = data_.saved_keys(token_data::family_of(which.set()));
        options.keys.lifetime = std::chrono::hours(24);
        // Distinct tokens are measured by going through them again and again, and may not be remembered.
        if (which.name() != "cached" && which.name() != "rs256_kept")
            options.tokens.tokens = 0;
        if (which.name() == "large" || which.name() == "forged_dots")
            options.token_limits.token = std::size_t{2} << 20;
        pks::validator out(context_.get_executor(), std::move(options));
        if (auto const ec = out.key_report().saved_keys)
            throw std::runtime_error("pks takes no saved keys: " + ec.message());
        return out;
    }

    token_data const& data_;
    boost::asio::io_context context_;
    std::map<std::string, pks::validator> validators_;
};

} // namespace

std::unique_ptr<contestant> make_pks(token_data const& data)
{
    return std::make_unique<pks_contestant>(data);
}

} // namespace bench
