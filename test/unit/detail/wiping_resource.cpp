// Storage for JSON that holds secrets: what Boost.JSON takes and gives back fits, and is shared by the whole value.
#include <pks/detail/wiping_resource.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace {

namespace json = boost::json;

} // namespace

BOOST_AUTO_TEST_SUITE(detail_wiping_resource)

// Keys, strings, arrays, objects that grow, and nodes of each size; an address sanitizer looks at each block.
BOOST_AUTO_TEST_CASE(holds_every_kind_of_value)
{
    auto value = json::parse(R"({"access_token":"someaccesstoken","a":[1,2.5,true,null,{"b":[]}],"long":")" +
            std::string(10000, 'x') + "\"}",
        pks::detail::wiping_storage());
    auto& object = value.as_object();
    for (int i = 0; i < 100; ++i)
        object["key " + std::to_string(i)] = std::string(static_cast<std::size_t>(i), 'v');
    object.erase("access_token");
    object["a"].as_array().emplace_back("one more");
    BOOST_TEST(object.size() == 102u);
    BOOST_TEST(json::serialize(object["a"]) == R"([1,2.5E0,true,null,{"b":[]},"one more"])");
    for (auto const& member : object)
        BOOST_TEST((member.value().storage() == value.storage()));
}

BOOST_AUTO_TEST_CASE(each_storage_is_its_own)
{
    auto const a = pks::detail::wiping_storage();
    auto const b = pks::detail::wiping_storage();
    BOOST_TEST((*a == *a));
    BOOST_TEST(!(*a == *b));
    // A value that moves to another storage is copied.
    json::value from = json::parse("[\"someaccesstoken\"]", a);
    json::value const to(std::move(from), b);
    BOOST_TEST((to.storage() == b));
    BOOST_TEST(json::serialize(to) == "[\"someaccesstoken\"]");
}

BOOST_AUTO_TEST_SUITE_END()
