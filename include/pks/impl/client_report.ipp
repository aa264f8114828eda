// Bodies of client_report.hpp.
#pragma once

#include <pks/client_report.hpp>

namespace pks::inline v0 {

PKS_DECL std::string client_report::message() const
{
    auto why = [](error_code ec) { return ec ? ec.message() : std::string("none"); };
    std::string out = "token: ";
    out += has_token ? "number " + std::to_string(token_generation) : std::string(logged_in ? "none" : "no login");
    if (token_ends_in)
        out += ", ends in " + std::to_string(token_ends_in->count() / 1000) + " s";
    if (fetching)
        out += ", is being fetched";
    out += "; failed fetches in a row: " + std::to_string(failed_fetches) + ", the last for: " + why(last_fetch);
    for (auto const& [name, of] : {std::pair("API", &api), std::pair("UAA", &uaa)}) {
        out += '\n';
        out += name;
        out += ' ' + of->server + ": " + std::to_string(of->used) + " connections in use, " + std::to_string(of->idle) +
            " idle, " + std::to_string(of->opened) + " opened, of these " + std::to_string(of->resumed) +
            " with a known TLS session, used again " + std::to_string(of->reused) +
            " times; last failure to connect: " + why(of->last_failure);
    }
    out += "\nattempts: " + std::to_string(attempts) + ", of these again: " + std::to_string(retries) +
        "; last failure: " + why(last_failure);
    return out;
}

} // namespace pks::inline v0
