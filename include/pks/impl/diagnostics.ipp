// Bodies of diagnostics.hpp.
#pragma once

#include <pks/diagnostics.hpp>

#include <pks/detail/printable.hpp>

namespace pks::inline v0 {

PKS_DECL std::string_view to_string(step s) noexcept
{
    switch (s) {
    case step::none:
        return "none";
    case step::load:
        return "load";
    case step::resolve:
        return "resolve";
    case step::connect:
        return "connect";
    case step::handshake:
        return "handshake";
    case step::write:
        return "write";
    case step::read:
        return "read";
    case step::parse:
        return "parse";
    case step::done:
        return "done";
    }
    return "unknown";
}

PKS_DECL void diagnostics::clear()
{
    step = pks::step::none;
    attempts = 0;
    http_status = 0;
    for (auto* const text : {&endpoint, &error, &error_description, &body, &detail})
        text->clear();
    reusable = false;
    outcome_unknown = false;
}

PKS_DECL std::string diagnostics::message() const
{
    std::string out(to_string(step));
    if (!endpoint.empty())
        out += " at " + endpoint;
    if (http_status != 0)
        out += ", status " + std::to_string(http_status);
    if (!detail.empty())
        out += ", " + v0::detail::printable(detail);
    if (!error.empty())
        out += ", server says error=" + v0::detail::printable(error);
    if (!error_description.empty())
        out += ", server says: " + v0::detail::printable(error_description);
    else if (!body.empty())
        out += ", server says: " + v0::detail::printable(std::string_view(body).substr(0, 200));
    return out;
}

} // namespace pks::inline v0
