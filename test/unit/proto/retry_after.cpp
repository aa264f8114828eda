// Retry-After: seconds, dates of three forms, and what is neither.
#include <pks/proto/retry_after.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using pks::proto::read_http_date;
using pks::proto::read_retry_after;

constexpr std::chrono::sys_days day(int year, unsigned month, unsigned of_month)
{
    return std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(of_month);
}

/// Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::chrono::sys_seconds example = day(1994, 11, 6) + 8h + 49min + 37s;

constexpr std::int64_t none = -1;

/// Milliseconds, or `none`.
std::int64_t waits(std::string_view value, pks::clock::time_point now = example)
{
    auto const out = read_retry_after(value, now);
    return out ? out->count() : none;
}

std::int64_t seconds_of(std::string_view date, pks::clock::time_point now = example)
{
    auto const out = read_http_date(date, now);
    return out ? out->time_since_epoch().count() : none;
}

pks::proto::response with(std::vector<std::pair<std::string, std::string>> fields)
{
    pks::proto::response out;
    out.status = 503;
    out.fields = std::move(fields);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_retry_after)

BOOST_AUTO_TEST_CASE(seconds)
{
    BOOST_TEST(waits("0") == 0);
    BOOST_TEST(waits("1") == 1000);
    BOOST_TEST(waits("120") == 120'000);
    BOOST_TEST(waits(" \t120 ") == 120'000);
    BOOST_TEST(waits("007") == 7000);
    BOOST_TEST(waits("1000000000") == 1'000'000'000'000);
}

BOOST_AUTO_TEST_CASE(more_seconds_than_any_use)
{
    for (auto const* const value : {"2147483648", "2147483649", "9223372036854775807", "9223372036854775808",
             "18446744073709551616", "99999999999999999999999999999999999999999999999999999999999999999999"})
        BOOST_TEST(waits(value) == 2'147'483'648'000, value);
    BOOST_TEST(waits("2147483647") == 2'147'483'647'000);
}

BOOST_AUTO_TEST_CASE(neither_seconds_nor_a_date)
{
    for (auto const* const value : {"", " ", "-1", "+1", "1.5", "1e9", "0x10", "1s", "1 2", "1, 2", "1,", "soon",
             "\"1\"", "\xd9\xa1", "NaN", "-0", "GMT", "Sun", "1;q=1"})
        BOOST_TEST(waits(value) == none, value);
    using namespace std::string_view_literals;
    BOOST_TEST(waits("1\0"sv) == none);
}

BOOST_AUTO_TEST_CASE(three_forms_of_a_date)
{
    for (auto const* const date :
        {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        BOOST_TEST(seconds_of(date) == 784111777, date);
        BOOST_TEST(waits(date) == 0, date);
        BOOST_TEST(waits(date, example - 1s) == 1000, date);
        BOOST_TEST(waits(date, example - 1h) == 3'600'000, date);
        // No earlier than it says.
        BOOST_TEST(waits(date, example - 1s - 1us) == 1001, date);
        BOOST_TEST(waits(date, example - 1500us) == 2, date);
    }
    BOOST_TEST(seconds_of("Wed Nov 16 08:49:37 1994") == 784111777 + 864000);
    BOOST_TEST(seconds_of("Thu, 29 Feb 2024 23:59:60 GMT") == 1709251200);
    BOOST_TEST(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
}

BOOST_AUTO_TEST_CASE(every_month_and_day_has_its_name)
{
    auto const months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    unsigned month = 1;
    for (std::string const name : months) {
        auto const expected = (day(2025, month++, 5) - day(1970, 1, 1)).count() * 86400;
        BOOST_TEST(seconds_of("Sun, 05 " + name + " 2025 00:00:00 GMT") == expected, name);
        BOOST_TEST(seconds_of("Sunday, 05-" + name + "-25 00:00:00 GMT") == expected, name);
        BOOST_TEST(seconds_of("Sun " + name + "  5 00:00:00 2025") == expected, name);
    }
    for (std::string const name : {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}) {
        BOOST_TEST(seconds_of(name.substr(0, 3) + ", 06 Nov 1994 08:49:37 GMT") == 784111777, name);
        BOOST_TEST(seconds_of(name + ", 06-Nov-94 08:49:37 GMT") == 784111777, name);
        BOOST_TEST(seconds_of(name.substr(0, 3) + " Nov  6 08:49:37 1994") == 784111777, name);
    }
}

BOOST_AUTO_TEST_CASE(a_year_of_two_digits)
{
    auto const year = [](std::string const& digits, int now) {
        auto const out = read_http_date("Sunday, 06-Nov-" + digits + " 08:49:37 GMT", day(now, 6, 1));
        return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(out.value())).year());
    };
    BOOST_TEST(year("94", 1994) == 1994);
    BOOST_TEST(year("26", 2026) == 2026);
    BOOST_TEST(year("76", 2026) == 2076);
    BOOST_TEST(year("77", 2026) == 1977);
    BOOST_TEST(year("99", 2026) == 1999);
    BOOST_TEST(year("00", 1999) == 2000);
    BOOST_TEST(year("49", 1999) == 2049);
    BOOST_TEST(year("50", 1999) == 1950);
}

BOOST_AUTO_TEST_CASE(dates_long_ago_and_far_away)
{
    for (auto const* const past : {"Sun, 06 Nov 1994 08:49:36 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
             "Sat, 01 Jan 0000 00:00:00 GMT", "Mon, 01 Jan 1600 00:00:00 GMT"})
        BOOST_TEST(waits(past) == 0, past);
    BOOST_TEST(waits("Fri, 31 Dec 9999 23:59:59 GMT") == 2'147'483'648'000);
    BOOST_TEST(waits("Sun, 06 Nov 1994 08:49:37 GMT", pks::clock::time_point::max()) == 0);
    // 2^31 seconds, and a second more.
    BOOST_TEST(waits("Fri, 24 Nov 2062 12:03:44 GMT") == 2'147'483'647'000);
    BOOST_TEST(waits("Fri, 24 Nov 2062 12:03:45 GMT") == 2'147'483'648'000);
    BOOST_TEST(waits("Fri, 24 Nov 2062 12:03:46 GMT") == 2'147'483'648'000);
}

BOOST_AUTO_TEST_CASE(dates_that_are_none)
{
    for (auto const* const date : {"Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
             "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
             "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun,06 Nov 1994 08:49:37 GMT",
             "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
             "Tue, 29 Feb 2023 00:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
             "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT",
             "Sun, 06 Nov 19940 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT",
             "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
             "Sun Nov 6 08:49:37 1994", "Sun Nov 06 08:49:37 1994 GMT", "Sun Nov  6 08:49:37 94",
             "Sunday Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z", "784111777.0", "Sun, 06 Nov 1994 08:49:37 GMT, 1"})
        BOOST_TEST(seconds_of(date) == none, date);
    // Cut off anywhere.
    std::string_view const whole = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (std::size_t i = 0; i != whole.size(); ++i)
        BOOST_TEST(seconds_of(whole.substr(0, i)) == none, i);
}

BOOST_AUTO_TEST_CASE(the_field_of_a_reply)
{
    auto const of = [](pks::proto::response const& reply) {
        auto const out = read_retry_after(reply, example);
        return out ? out->count() : none;
    };
    BOOST_TEST(of(with({{"Date", "x"}, {"retry-AFTER", "3"}})) == 3000);
    BOOST_TEST(of(with({{"Retry-After", "Sun, 06 Nov 1994 08:49:40 GMT"}})) == 3000);
    BOOST_TEST(of(with({{"Retry-After", "later"}})) == none);
    BOOST_TEST(of(with({{"Retry-After", "3"}, {"Retry-After", "3"}})) == none);
    BOOST_TEST(of(with({{"Retry", "3"}})) == none);
    BOOST_TEST(of(with({})) == none);
}

BOOST_AUTO_TEST_SUITE_END()
