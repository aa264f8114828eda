// Bodies of policy/introspection_answer.hpp.
#pragma once

#include <pks/policy/introspection_answer.hpp>
#include <pks/policy/token_errc.hpp>

#include <memory>
#include <utility>

namespace pks::inline v0::policy {

PKS_DECL introspection_answer read_introspection(std::string_view body, introspection_endpoint from)
{
    auto claims = std::make_shared<jose::claims>();
    auto const failed = claims->parse(body);
    if (from == introspection_endpoint::introspect) {
        // What is said of a token that is not active counts for nothing, whatever its types are.
        jose::json_document document;
        if (failed && document.parse(body))
            return failed;
        auto const root = failed ? document.root() : claims->all();
        if (root.type() == jose::json_type::object && root["active"].if_boolean() != true)
            return make_error_code(token_errc::inactive);
    }
    if (failed)
        return failed;
    return std::shared_ptr<jose::claims const>(std::move(claims));
}

} // namespace pks::inline v0::policy
