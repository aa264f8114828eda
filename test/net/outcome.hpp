// How the tests see the end of an operation: what it completed with, and how often.
#pragma once

#include <pks/diagnostics.hpp>
#include <pks/error.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <ostream>
#include <utility>

namespace pks::inline v0 {

// Boost.Test looks them up beside their types.
inline std::ostream& boost_test_print_type(std::ostream& out, errc e)
{
    return out << make_error_code(e);
}
inline std::ostream& boost_test_print_type(std::ostream& out, oauth_errc e)
{
    return out << make_error_code(e);
}
inline std::ostream& boost_test_print_type(std::ostream& out, api_errc e)
{
    return out << make_error_code(e);
}
inline std::ostream& boost_test_print_type(std::ostream& out, tls_errc e)
{
    return out << make_error_code(e);
}
inline std::ostream& boost_test_print_type(std::ostream& out, condition c)
{
    return out << make_error_condition(c).message();
}
inline std::ostream& boost_test_print_type(std::ostream& out, step s)
{
    return out << to_string(s);
}

} // namespace pks::inline v0

namespace net_test {

/// What an operation completed with.
template <class T>
class outcome
{
public:
    outcome() = default;

    int completions = 0;
    pks::error_code ec;
    T value;
    std::chrono::steady_clock::time_point at;
};

/// A completion handler that notes.
template <class T>
class note
{
public:
    note() : seen_(std::make_shared<outcome<T>>()) {}

    void operator()(pks::error_code ec, T value) const
    {
        ++seen_->completions;
        seen_->ec = ec;
        seen_->value = std::move(value);
        seen_->at = std::chrono::steady_clock::now();
    }

    outcome<T>& seen() const noexcept
    {
        return *seen_;
    }
    std::shared_ptr<outcome<T>> const& shared() const noexcept
    {
        return seen_;
    }

private:
    std::shared_ptr<outcome<T>> seen_;
};

/// Runs the context until `done()`; false where that takes longer than any test may.
template <class Done>
bool run_until(boost::asio::io_context& context, Done done, std::chrono::seconds limit = std::chrono::seconds(30))
{
    auto const end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        context.restart();
        if (context.run_one_until(end) == 0 && std::chrono::steady_clock::now() >= end)
            return false;
        if (context.stopped() && !done())
            return false;
    }
    return true;
}

/// Starts an operation with a handler, runs it to its end, and sees that it ends once.
template <class T, class Start>
outcome<T> finish(boost::asio::io_context& context, Start start)
{
    note<T> const noted;
    start(noted);
    BOOST_TEST(noted.seen().completions == 0);
    BOOST_TEST(run_until(context, [&noted] { return noted.seen().completions != 0; }));
    context.restart();
    context.poll();
    BOOST_TEST(noted.seen().completions == 1);
    return noted.seen();
}

} // namespace net_test
