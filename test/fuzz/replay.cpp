// The fuzz targets without a fuzzer: every seed, and much of what lies one step beside it.
#include "fuzz/target.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>

namespace {

void run(fuzz::target const& target, std::string const& input, std::string_view how)
{
    try {
        target.run(input);
    } catch (fuzz::finding const& found) {
        BOOST_ERROR(how << " of " << input << ": not so: " << found.what());
    }
}

/// How many inputs were run.
std::size_t replay(fuzz::target const& target)
{
    std::minstd_rand random(1);
    std::size_t count = 0;
    auto const one = [&](std::string const& input, std::string_view how) {
        run(target, input, how);
        ++count;
    };
    auto const words = target.words();
    auto const alter = [&](std::string& text) {
        auto const at = text.empty() ? 0 : random() % text.size();
        switch (random() % 4) {
        case 0:
            text.insert(at, words[random() % words.size()]);
            break;
        case 1:
            text.erase(at, 1 + random() % 4);
            break;
        default:
            if (!text.empty())
                text[at] = static_cast<char>(random());
        }
    };
    for (auto const& seed : target.seeds()) {
        one(seed, "seed");
        for (int i = 0; i != 40; ++i)
            one(seed.substr(0, random() % (seed.size() + 1)), "beginning");
        for (int i = 0; i != 200; ++i) {
            auto altered = seed;
            if (target.mutate)
                target.mutate(altered, alter, static_cast<unsigned>(random()));
            else
                alter(altered);
            one(altered, "alteration");
        }
    }
    return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fuzz_replay)

BOOST_AUTO_TEST_CASE(jws)
{
    BOOST_TEST(replay(fuzz::jws()) > 10'000u);
}

BOOST_AUTO_TEST_CASE(jwks)
{
    BOOST_TEST(replay(fuzz::jwks()) > 8'000u);
}

BOOST_AUTO_TEST_CASE(claims)
{
    BOOST_TEST(replay(fuzz::claims()) > 6'500u);
}

BOOST_AUTO_TEST_CASE(replies)
{
    BOOST_TEST(replay(fuzz::replies()) > 5'000u);
}

BOOST_AUTO_TEST_CASE(bearer)
{
    BOOST_TEST(replay(fuzz::bearer()) > 15'000u);
}

BOOST_AUTO_TEST_SUITE_END()
