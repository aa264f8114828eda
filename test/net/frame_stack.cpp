// net/frame_stack.hpp: what a stack has room for when it is given back, and how many are kept.
#include <pks/net/frame_stack.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace net = pks::net;

BOOST_AUTO_TEST_SUITE(net_frame_stack)

// The frame that is left goes after the one that was made after it.
BOOST_AUTO_TEST_CASE(a_stack_that_is_given_back_has_all_its_room)
{
    net::spare_stacks spare;
    auto stack = spare.take();
    auto const* const where = stack.get();
    void* first = nullptr;
    for (int i = 0; i != 3; ++i) {
        void *one = nullptr, *other = nullptr;
        {
            net::frame_stack::in_use const here(*stack);
            one = net::frame_stack::allocate(1500);
            other = net::frame_stack::allocate(1500);
        }
        BOOST_TEST(one != other);
        if (i == 0)
            first = one;
        BOOST_TEST(one == first);
        net::frame_stack::deallocate(one);
        net::frame_stack::deallocate(other);
        spare.give_back(std::move(stack));
        stack = spare.take();
        BOOST_TEST(stack.get() == where);
    }
}

BOOST_AUTO_TEST_CASE(few_stacks_are_kept)
{
    constexpr std::size_t many = 100;
    net::spare_stacks spare;
    std::vector<std::unique_ptr<net::frame_stack>> all;
    std::set<net::frame_stack const*> known;
    for (std::size_t i = 0; i != many; ++i)
        known.insert(all.emplace_back(spare.take()).get());
    BOOST_TEST(known.size() == many);
    auto const* const last = all[15].get();
    for (auto& one : all)
        spare.give_back(std::move(one));
    BOOST_TEST(spare.size() == 16U);
    BOOST_TEST(spare.take().get() == last);
    BOOST_TEST(spare.size() == 15U);
}

BOOST_AUTO_TEST_SUITE_END()
