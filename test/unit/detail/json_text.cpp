// json_text: the same text as Boost.JSON's, whatever its size.
#include <pks/detail/json_text.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(detail_json_text)

BOOST_AUTO_TEST_CASE(texts_of_any_size)
{
    BOOST_TEST(std::string_view(pks::detail::json_text({})) == "{}");
    for (std::size_t const size : {0U, 1U, 500U, 511U, 512U, 513U, 5000U}) {
        json::object object;
        object["text"] = std::string(size, 'x');
        object["escapes\n"] = json::array{"\"", "\x01", "\xc3\xa9", 1, nullptr};
        BOOST_TEST(std::string_view(pks::detail::json_text(object)) == json::serialize(object));
    }
}

BOOST_AUTO_TEST_SUITE_END()
