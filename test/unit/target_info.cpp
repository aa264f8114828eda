// target_info: empty until a reply was read. How it is read is in proto/uaa_messages.cpp.
#include <pks/target_info.hpp>

#include <boost/test/unit_test.hpp>

#include <type_traits>

namespace {

using pks::target_info;

// Operations complete with one.
static_assert(!std::is_aggregate_v<target_info> && std::is_nothrow_move_constructible_v<target_info>);

} // namespace

BOOST_AUTO_TEST_SUITE(values_target_info)

BOOST_AUTO_TEST_CASE(empty)
{
    target_info const none;
    for (auto const* text : {&none.version, &none.uaa_url, &none.login_url, &none.zone_name, &none.entity_id,
             &none.commit_id, &none.timestamp})
        BOOST_TEST(*text == "");
    BOOST_TEST(none.prompts.empty());
}

BOOST_AUTO_TEST_CASE(prompts)
{
    target_info info;
    target_info::prompt passcode;
    passcode.name = "passcode";
    passcode.type = "password";
    passcode.label = "One Time Code";
    info.prompts.push_back(passcode);
    target_info const copy = info;
    info.prompts.clear();
    BOOST_REQUIRE(copy.prompts.size() == 1u);
    BOOST_TEST(copy.prompts[0].name == "passcode");
    BOOST_TEST(copy.prompts[0].type == "password");
    BOOST_TEST(copy.prompts[0].label == "One Time Code");
}

BOOST_AUTO_TEST_SUITE_END()
