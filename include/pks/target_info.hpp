// What a UAA says of itself.
#pragma once

#include <string>
#include <vector>

namespace pks::inline v0 {

/// The answer of `GET /login` or `GET /info`: what `uaac target` asks for.
///
/// Text of the server throughout. `timestamp` is the server's build time, not its clock.
/// Source: facts on `GET /info`.
class target_info
{
public:
    /// A credential that the UAA asks its users for.
    struct prompt
    {
        std::string name;  ///< `username`, `password`, `passcode`
        std::string type;  ///< `text` or `password`
        std::string label; ///< `Email`, `One Time Code ( Get one at … )`
    };

    target_info() = default;

    std::string version;   ///< `app.version`, the only reliable probe of the server's version
    std::string uaa_url;   ///< `links.uaa`
    std::string login_url; ///< `links.login`
    std::string zone_name; ///< `uaa` is the default zone
    std::string entity_id; ///< `entityID`
    std::string commit_id;
    std::string timestamp;
    std::vector<prompt> prompts; ///< in the server's order
};

} // namespace pks::inline v0
