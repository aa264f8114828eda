// Bodies of policy/bearer_errc.hpp.
#pragma once

#include <pks/policy/bearer_errc.hpp>

#include <string>

namespace pks::inline v0::detail {

class bearer_category_type final : public boost::system::error_category
{
public:
    char const* name() const noexcept override
    {
        return "pks.bearer";
    }
    std::string message(int value) const override
    {
        switch (static_cast<bearer_errc>(value)) {
        case bearer_errc::no_token:
            return "the request brings no access token: it needs the field Authorization with the scheme Bearer";
        case bearer_errc::several_tokens:
            return "the request has more than one field Authorization";
        case bearer_errc::token_in_target:
            return "the request has an access token in its target: it belongs in the field Authorization";
        case bearer_errc::token_in_form:
            return "the request has an access token in its form: it belongs in the field Authorization";
        case bearer_errc::malformed_authorization:
            return "the field Authorization does not hold one token after Bearer";
        }
        return "unknown bearer error";
    }
    bool equivalent(int value, boost::system::error_condition const& wanted) const noexcept override
    {
        if (wanted.category() != condition_category())
            return default_error_condition(value) == wanted;
        bool const missing = static_cast<bearer_errc>(value) == bearer_errc::no_token;
        return wanted == make_error_condition(missing ? condition::unauthorized : condition::invalid_input);
    }
};

} // namespace pks::inline v0::detail

namespace pks::inline v0 {

PKS_DECL boost::system::error_category const& bearer_category() noexcept
{
    static detail::bearer_category_type const instance;
    return instance;
}

} // namespace pks::inline v0
