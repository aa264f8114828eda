// Puts our tokens in the place of recorded ones.
#pragma once

#include "recording.hpp"

#include <pks/testing/uaa_server.hpp>

#include <map>
#include <string>
#include <string_view>

namespace testing_recorded {

/// Knows which recorded token, id or ETag became which of ours. A recorded JWT that no reply before brought (its
/// preparation was not recorded) is signed anew with our key, its claims as recorded but for the revocation signature.
class translation
{
public:
    explicit translation(pks::testing::uaa_server& uaa) : uaa_(uaa) {}

    pks::testing::request request(exchange const& recorded);

    /// Remembers what a reply brought.
    void learn(exchange const& recorded, pks::testing::reply const& ours);

    /// Does to the directory what a recorded administrator's request did to the UAA. True where the request is one.
    bool administer(exchange const& recorded);

private:
    std::string word(std::string_view recorded, std::string const& forged);
    std::string minted(std::string_view recorded, std::string const& forged);

    pks::testing::uaa_server& uaa_;
    std::map<std::string, std::string, std::less<>> known_;
};

} // namespace testing_recorded
