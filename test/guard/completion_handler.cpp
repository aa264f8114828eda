// How an any_completion_handler may be moved about: on Boost 1.81 its assignment operators call themselves for ever.
#include <boost/asio/any_completion_handler.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace {

using handler = boost::asio::any_completion_handler<void()>;

BOOST_AUTO_TEST_SUITE(completion_handler)

BOOST_AUTO_TEST_CASE(constructed_moved_and_called)
{
    int calls = 0;
    handler first = [&calls] { ++calls; };
    handler second(std::move(first));
    std::move(second)();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(kept_in_a_growing_vector)
{
    int calls = 0;
    std::vector<handler> all;
    for (int i = 0; i < 9; ++i)
        all.push_back([&calls] { ++calls; });
    for (auto& each : all)
        std::move(each)();
    BOOST_TEST(calls == 9);
}

BOOST_AUTO_TEST_CASE(kept_in_a_map)
{
    int calls = 0;
    std::map<int, handler> all;
    all.emplace(1, [&calls] { ++calls; });
    std::move(all.at(1))();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(swapped_into_an_empty_one)
{
    int calls = 0;
    handler empty;
    handler full = [&calls] { ++calls; };
    empty.swap(full);
    std::move(empty)();
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(destroyed_without_a_call)
{
    auto const held = std::make_shared<int>();
    {
        handler never = [held] {};
        BOOST_TEST(held.use_count() == 2);
    }
    BOOST_TEST(held.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
