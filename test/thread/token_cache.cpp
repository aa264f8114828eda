// The cache of verified tokens and the published keys, from many threads across rotations.
#include <pks/policy/known_keys.hpp>
#include <pks/policy/published.hpp>
#include <pks/policy/token_cache.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using pks::jose::claims;
using pks::policy::claim_rules;
using pks::policy::instant;
using pks::policy::known_keys;
using pks::policy::published;
using pks::policy::token_cache;
using pks::policy::token_cache_settings;
using pks::policy::token_tag;
using namespace std::chrono_literals;

std::shared_ptr<known_keys const> keys_of(std::uint64_t epoch)
{
    auto out = std::make_shared<known_keys>();
    out->epoch = epoch;
    return out;
}

std::shared_ptr<claims const> content(std::string const& sub)
{
    auto out = std::make_shared<claims>();
    if (out->parse(R"({"iss":"i","jti":"j","exp":2000,"aud":"a","scope":"s","sub":")" + sub + "\"}"))
        return nullptr;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(thread_token_cache)

BOOST_AUTO_TEST_CASE(j24_many_threads_across_rotations_see_no_claims_of_another_epoch)
{
    token_cache_settings settings;
    settings.tokens = 64;
    token_cache cache(settings);
    published<known_keys> keys(keys_of(0));
    claim_rules rules;
    rules.issuer = "i";
    rules.audiences = {"a"};
    instant const now(pks::clock::time_point(1000s), pks::clock::steady_time_point(1h));

    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> wrong = 0, hits = 0, misses = 0;
    auto const validate = [&](unsigned seed) {
        for (unsigned i = seed; !done; i = i * 1664525 + 1013904223) {
            auto const token = "token" + std::to_string(i >> 16 & 127);
            auto const tag = token_tag::of(token);
            auto const known = keys.read();
            auto const expected = token + " " + std::to_string(known->epoch);
            auto const hit = cache.find(tag, known->epoch, rules, now);
            if (hit.refusal || (hit.claims && hit.claims->sub() != expected))
                ++wrong;
            ++(hit.claims ? hits : misses);
            if (!hit.found())
                cache.insert(tag, known->epoch, content(expected), token.size());
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i != 4; ++i)
        threads.emplace_back(validate, i);
    for (std::uint64_t epoch = 1; epoch != 200; ++epoch) {
        keys.publish(keys_of(epoch));
        if (epoch % 16 == 0)
            cache.clear();
        // As many validations as make each epoch matter.
        auto const enough = hits + misses + 200;
        while (hits + misses < enough)
            std::this_thread::yield();
    }
    done = true;
    for (auto& t : threads)
        t.join();
    BOOST_TEST(wrong == 0u);
    BOOST_TEST(hits > 0u);
    BOOST_TEST(misses > 0u);
    BOOST_TEST(keys.read()->epoch == 199u);
}

BOOST_AUTO_TEST_CASE(more_threads_than_stripes_find_what_one_of_them_kept)
{
    token_cache cache;
    claim_rules rules;
    rules.issuer = "i";
    rules.audiences = {"a"};
    instant const now(pks::clock::time_point(1000s), pks::clock::steady_time_point(1h));
    auto const tag = token_tag::of("token");
    cache.insert(tag, 0, content("kept"), 5);
    std::atomic<int> found = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i != 100; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n != 20; ++n)
                found += cache.find(tag, 0, rules, now).claims != nullptr;
        });
    for (auto& t : threads)
        t.join();
    BOOST_TEST(found == 2000);
}

BOOST_AUTO_TEST_SUITE_END()
