// Bodies of testing/reply.hpp.
#pragma once

#include <pks/testing/reply.hpp>

#include <algorithm>
#include <cstdio>

namespace pks::inline v0::testing {

PKS_DECL std::string const* reply::find(std::string_view name) const
{
    for (auto const& f : fields)
        if (f.first == name)
            return &f.second;
    return nullptr;
}

PKS_DECL std::string reply::to_octets() const
{
    std::string out = "HTTP/1.1 " + std::to_string(status) + ' ' + reason + "\r\n";
    for (auto const& [name, value] : fields) {
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
    out += "\r\n";
    if (frame == framing::none)
        return out;
    if (frame != framing::chunked)
        return out += body;

    std::size_t at = 0;
    auto const append_chunk = [&](std::size_t size) {
        size = std::min(size, body.size() - at);
        if (size == 0)
            return;
        char head[24];
        std::snprintf(head, sizeof head, "%zx\r\n", size);
        out += head;
        out.append(body, at, size);
        out += "\r\n";
        at += size;
    };
    for (auto const size : chunks)
        append_chunk(size);
    append_chunk(body.size());
    return out += "0\r\n\r\n";
}

} // namespace pks::inline v0::testing
