// The response parser against the corpus of HTTP responses, which is read in place and may be absent.
#include "suites/http_responses.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <system_error>

#ifndef PKS_SHARED_DIR
#define PKS_SHARED_DIR ""
#endif

BOOST_AUTO_TEST_SUITE(proto_http_corpus)

BOOST_AUTO_TEST_CASE(every_case_in_every_split_and_ending)
{
    std::filesystem::path const folder = PKS_SHARED_DIR "/suites";
    std::error_code absent;
    if (!std::filesystem::exists(folder / "http", absent)) {
        std::cout << "skipped: http corpus (no ../shared)\n";
        BOOST_TEST_MESSAGE("skipped: http corpus (no ../shared)");
        return;
    }
    std::size_t cases = 0, right = 0, plays = 0;
    for (auto const& c : suites::read_http_responses(folder)) {
        bool const good = !suites::judge(c, plays);
        BOOST_TEST(good, c.id);
        ++cases;
        right += good;
    }
    BOOST_TEST_MESSAGE("http corpus: " << right << " of " << cases);
    BOOST_TEST(cases >= 311u);
    BOOST_TEST(plays >= 5 * cases);
}

BOOST_AUTO_TEST_SUITE_END()
