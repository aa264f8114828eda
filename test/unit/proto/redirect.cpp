// Where redirects lead, and that none leads away.
#include <pks/proto/redirect.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace {

pks::endpoint const api = pks::endpoint::api("https://pks.example:9021");

std::string to(int status, std::vector<std::string> const& locations, pks::endpoint const& server = api)
{
    pks::proto::response reply;
    reply.status = status;
    for (auto const& location : locations)
        reply.fields.emplace_back("Location", location);
    return pks::proto::same_origin_target(reply, server).value_or("nowhere");
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_redirect)

BOOST_AUTO_TEST_CASE(to_another_target_of_the_server)
{
    for (int const status : {301, 302, 303, 307, 308}) {
        BOOST_TEST(to(status, {"/v1/other"}) == "/v1/other");
        BOOST_TEST(to(status, {"https://pks.example:9021/v1/other?a=b"}) == "/v1/other?a=b");
    }
    BOOST_TEST(to(302, {"https://PKS.EXAMPLE:9021"}) == "/");
    BOOST_TEST(to(302, {"https://pks.example:9021?a"}) == "/?a");
    BOOST_TEST(to(302, {"/v1/other#part"}) == "/v1/other");
    BOOST_TEST(to(302, {"https://pks.example/x"}, pks::endpoint::parse("pks.example", 443).value()) == "/x");
    auto const plain = pks::endpoint::parse("http://localhost", 8080, pks::allow_plain_http_on_loopback).value();
    BOOST_TEST(to(302, {"http://localhost:8080/x"}, plain) == "/x");
}

BOOST_AUTO_TEST_CASE(h9_and_to_nowhere_else)
{
    for (auto const* const location :
        {"http://pks.example:9021/x", "https://pks.example/x", "https://pks.example:9022/x", "https://other:9021/x",
            "https://user@pks.example:9021/x", "https://pks.example:9021@evil/x", "https://pks.example:9021.evil/x",
            "//pks.example:9021/x", "//evil/x", "https:/pks.example:9021/x", "x", "?x", "", "#x", "javascript://x/",
            "ftp://pks.example:9021/x", "/a b", "/a\tb", "/\xc3\xa4", "https://pks.example:9021//evil/x",
            "https://pks.example:9021\\@evil/x", "https://[::1/x"})
        BOOST_TEST(to(302, {location}) == "nowhere", location);
    BOOST_TEST(to(302, {}) == "nowhere");
    BOOST_TEST(to(302, {"/a", "/a"}) == "nowhere");
    for (int const status : {200, 300, 304, 305, 306, 309, 401})
        BOOST_TEST(to(status, {"/a"}) == "nowhere", status);
    auto const plain = pks::endpoint::parse("http://localhost", 8080, pks::allow_plain_http_on_loopback).value();
    BOOST_TEST(to(302, {"https://localhost:8080/x"}, plain) == "nowhere");
}

BOOST_AUTO_TEST_SUITE_END()
