// An HTTP request as a value, for servers without sockets.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

/// Header fields in order, names as written, repeated names kept.
using header_fields = std::vector<std::pair<std::string, std::string>>;

/// What a server reads off a connection, framing removed.
///
/// Thread safety: as a value.
class request
{
public:
    request() = default;
    request(std::string method_, std::string target_, header_fields fields_ = {}, std::string body_ = {})
        : method(std::move(method_)), target(std::move(target_)), fields(std::move(fields_)), body(std::move(body_))
    {}

    std::string method = "GET";
    std::string target = "/";
    header_fields fields;
    std::string body;
    bool http_1_0 = false;
    bool secure = true; ///< came over TLS

    /// The first field of that name in any case, or null.
    std::string const* find(std::string_view name) const
    {
        auto const same = [](char a, char b) { return lower(a) == lower(b); };
        for (auto const& f : fields)
            if (std::equal(f.first.begin(), f.first.end(), name.begin(), name.end(), same))
                return &f.second;
        return nullptr;
    }

    /// As find(), with an empty text for none.
    std::string_view field(std::string_view name) const
    {
        auto const* const found = find(name);
        return found ? std::string_view(*found) : std::string_view();
    }

    std::string_view path() const
    {
        return std::string_view(target).substr(0, target.find('?'));
    }

    std::string_view query() const
    {
        auto const at = target.find('?');
        return at == std::string::npos ? std::string_view() : std::string_view(target).substr(at + 1);
    }

private:
    static char lower(char c)
    {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
};

} // namespace pks::inline v0::testing
