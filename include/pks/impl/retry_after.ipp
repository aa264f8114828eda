// Bodies of proto/retry_after.hpp.
#pragma once

#include <pks/proto/http_grammar.hpp>
#include <pks/proto/retry_after.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace pks::inline v0::proto::retry_after_detail {

// RFC 9111, section 1.2.2: what a number of seconds that is larger than any use is taken for.
inline constexpr std::int64_t longest = 2'147'483'648;

inline constexpr auto months = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
inline constexpr auto days =
    std::to_array<std::string_view>({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"});

inline bool skip(std::string_view& text, std::string_view expected) noexcept
{
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(expected.size());
    return true;
}

// Exactly that many digits.
inline bool skip_number(std::string_view& text, std::size_t digits, int& out) noexcept
{
    if (text.size() < digits)
        return false;
    out = 0;
    for (char const c : text.substr(0, digits)) {
        if (!http_grammar::is_digit(c))
            return false;
        out = out * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return true;
}

inline bool skip_month(std::string_view& text, int& out) noexcept
{
    for (std::size_t i = 0; i != months.size(); ++i)
        if (skip(text, months[i])) {
            out = static_cast<int>(i) + 1;
            return true;
        }
    return false;
}

inline bool skip_short_day(std::string_view& text) noexcept
{
    return std::ranges::any_of(days, [&](std::string_view day) { return skip(text, day.substr(0, 3)); });
}

inline bool skip_long_day(std::string_view& text) noexcept
{
    return std::ranges::any_of(days, [&](std::string_view day) { return skip(text, day); });
}

struct date
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

inline bool skip_time(std::string_view& text, date& out) noexcept
{
    return skip_number(text, 2, out.hour) && skip(text, ":") && skip_number(text, 2, out.minute) && skip(text, ":") &&
        skip_number(text, 2, out.second);
}

// Sun, 06 Nov 1994 08:49:37 GMT
inline bool read_fixed(std::string_view text, date& out) noexcept
{
    return skip_short_day(text) && skip(text, ", ") && skip_number(text, 2, out.day) && skip(text, " ") &&
        skip_month(text, out.month) && skip(text, " ") && skip_number(text, 4, out.year) && skip(text, " ") &&
        skip_time(text, out) && text == " GMT";
}

// Sunday, 06-Nov-94 08:49:37 GMT; the year has two digits still.
inline bool read_rfc850(std::string_view text, date& out) noexcept
{
    return skip_long_day(text) && skip(text, ", ") && skip_number(text, 2, out.day) && skip(text, "-") &&
        skip_month(text, out.month) && skip(text, "-") && skip_number(text, 2, out.year) && skip(text, " ") &&
        skip_time(text, out) && text == " GMT";
}

// Sun Nov  6 08:49:37 1994
inline bool read_asctime(std::string_view text, date& out) noexcept
{
    if (!skip_short_day(text) || !skip(text, " ") || !skip_month(text, out.month) || !skip(text, " "))
        return false;
    bool const day = skip(text, " ") ? skip_number(text, 1, out.day) : skip_number(text, 2, out.day);
    return day && skip(text, " ") && skip_time(text, out) && skip(text, " ") && skip_number(text, 4, out.year) &&
        text.empty();
}

inline std::chrono::year_month_day day_of(date const& d) noexcept
{
    return {std::chrono::year(d.year), std::chrono::month(static_cast<unsigned>(d.month)),
        std::chrono::day(static_cast<unsigned>(d.day))};
}

inline std::chrono::sys_seconds time_of(date const& d) noexcept
{
    return std::chrono::sys_days(day_of(d)) + std::chrono::hours(d.hour) + std::chrono::minutes(d.minute) +
        std::chrono::seconds(d.second);
}

} // namespace pks::inline v0::proto::retry_after_detail

namespace pks::inline v0::proto {

PKS_DECL std::optional<std::chrono::sys_seconds> read_http_date(std::string_view text, clock::time_point now) noexcept
{
    namespace detail = retry_after_detail;
    detail::date d;
    bool const two_digits = detail::read_rfc850(text, d);
    if (!two_digits && !detail::read_fixed(text, d) && !detail::read_asctime(text, d))
        return {};
    if (two_digits) {
        auto const today = std::chrono::floor<std::chrono::days>(now);
        int const year = static_cast<int>(std::chrono::year_month_day(today).year());
        d.year += year / 100 * 100;
        // The year of that name which is at most 50 years ahead.
        if (d.year > year + 50)
            d.year -= 100;
        else if (d.year <= year - 50)
            d.year += 100;
    }
    // 60: a leap second.
    if (!detail::day_of(d).ok() || d.hour > 23 || d.minute > 59 || d.second > 60)
        return {};
    return detail::time_of(d);
}

PKS_DECL std::optional<std::chrono::milliseconds> read_retry_after(
    std::string_view value, clock::time_point now) noexcept
{
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    constexpr milliseconds longest = seconds(retry_after_detail::longest);
    value = http_grammar::trimmed(value);
    if (!value.empty() && std::ranges::all_of(value, http_grammar::is_digit)) {
        std::int64_t out = 0;
        for (char const c : value)
            out = std::min(out * 10 + (c - '0'), retry_after_detail::longest);
        return seconds(out);
    }
    auto const date = read_http_date(value, now);
    if (!date)
        return {};
    // Compared in whole seconds, in which no date overflows.
    auto const whole = *date - std::chrono::floor<seconds>(now);
    if (whole <= seconds::zero())
        return milliseconds::zero();
    if (whole > seconds(retry_after_detail::longest))
        return longest;
    auto const rest = std::chrono::ceil<milliseconds>(*date - now);
    return std::clamp(rest, milliseconds::zero(), longest);
}

PKS_DECL std::optional<std::chrono::milliseconds> read_retry_after(
    response const& reply, clock::time_point now) noexcept
{
    constexpr std::string_view name = "Retry-After";
    auto const value = reply.find(name);
    if (!value || reply.count(name) != 1)
        return {};
    return read_retry_after(*value, now);
}

} // namespace pks::inline v0::proto
