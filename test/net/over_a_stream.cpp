// The operations over a stream in memory: every step failed, ended and cancelled.
#include <net/outcome.hpp>
#include <net/scripted_stream.hpp>
#include <net/stream_operations.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::all_texts;
using net_test::direction;
using net_test::ending;
using net_test::scripted_stream;
using net_test::stream_operation;
using net_test::stream_operations;
using pks::error_code;
using type = asio::cancellation_type;

// The pieces that a reply is read in, and in which of those reads something happens: every n-th, the last one always.
struct cut
{
    std::size_t piece;
    std::size_t every;
};
constexpr cut cuts[] = {{1, 23}, {7, 1}, {100, 1}, {scripted_stream::whole, 1}};
constexpr std::size_t write_piece = 50;

// One run of an operation, with whatever the script says.
class run
{
public:
    explicit run(stream_operation const& what) : what_(what), stream(ctx.get_executor()) {}

    run& replies(std::size_t piece)
    {
        stream.replies(what_.chunked_reply(), piece);
        stream.takes(write_piece);
        return *this;
    }
    run& start()
    {
        net_test::start(what_, stream, end, signal.slot());
        BOOST_TEST(end->completions == 0);
        BOOST_TEST(stream.steps(direction::write) == 0U);
        poll();
        return *this;
    }
    void poll()
    {
        ctx.restart();
        ctx.poll();
    }

    // What holds of every end.
    void check_end(error_code expected, pks::step at)
    {
        poll();
        BOOST_TEST(end->completions == 1);
        BOOST_TEST(end->ec == expected);
        BOOST_TEST(end->diag.step == at);
        BOOST_TEST(end->diag.endpoint == "uaa.example.org:8443");
        BOOST_TEST(::ERR_peek_error() == 0UL);
        net_test::check_no_secret(*end);
    }
    // What holds of every failure of the stream.
    void check_failure(error_code expected, pks::step at)
    {
        check_end(expected, at);
        BOOST_TEST(end->value.empty());
        BOOST_TEST(end->diag.attempts == 1);
        BOOST_TEST(end->diag.http_status == 0);
        BOOST_TEST(!end->diag.reusable);
        BOOST_TEST(end->diag.error.empty());
        BOOST_TEST(end->diag.error_description.empty());
        BOOST_TEST(end->diag.body.empty());
    }
    void check_success()
    {
        check_end(error_code(), pks::step::done);
        BOOST_TEST(end->value == what_.value);
        BOOST_TEST(end->diag.http_status == what_.status);
        BOOST_TEST(end->diag.attempts == 1);
        BOOST_TEST(end->diag.message() == "done at uaa.example.org:8443, status " + std::to_string(what_.status));
        BOOST_TEST(stream.written().starts_with(what_.request_line + "\r\nHost: uaa.example.org:8443\r\n"));
    }

private:
    stream_operation const& what_;

public:
    asio::io_context ctx;
    scripted_stream stream;
    asio::cancellation_signal signal;
    std::shared_ptr<ending> end = std::make_shared<ending>();
};

// How many steps an operation takes that nothing disturbs.
struct steps
{
    std::size_t writes;
    std::size_t reads;
};

steps count_steps(stream_operation const& what, std::size_t piece)
{
    run r(what);
    r.replies(piece).start().check_success();
    BOOST_TEST(r.end->diag.reusable);
    return {r.stream.steps(direction::write), r.stream.steps(direction::read)};
}

// Calls `body` for each operation, cut and step.
template <class Body>
void for_each_step(Body body)
{
    for (auto const& what : stream_operations()) {
        for (auto const& c : cuts) {
            auto const n = count_steps(what, c.piece);
            BOOST_TEST_REQUIRE(n.writes > 1U);
            for (std::size_t i = 0; i < n.writes && c.piece == scripted_stream::whole; ++i)
                BOOST_TEST_CONTEXT(what.name << ", write " << i)
            body(what, c.piece, direction::write, i);
            for (std::size_t i = 0; i < n.reads; ++i)
                if (i % c.every == 0 || i + 1 == n.reads)
                    BOOST_TEST_CONTEXT(what.name << ", read " << i << " of pieces of " << c.piece)
            body(what, c.piece, direction::read, i);
        }
    }
}

pks::step step_of(direction which)
{
    return which == direction::write ? pks::step::write : pks::step::read;
}

// Nothing is sent or read after the step, and what came before was complete.
void check_stopped_at(run const& r, direction which, std::size_t number)
{
    BOOST_TEST(r.stream.steps(which) == number + 1);
    if (which == direction::write)
        BOOST_TEST(r.stream.written().size() == number * write_piece);
}

} // namespace

BOOST_AUTO_TEST_SUITE(over_a_stream)

BOOST_AUTO_TEST_CASE(succeeds_however_reads_and_writes_are_cut)
{
    for (auto const& what : stream_operations()) {
        std::string sent;
        for (std::size_t const writes : {std::size_t(1), std::size_t(13), scripted_stream::whole}) {
            for (auto const& reply : {what.good_reply(), what.chunked_reply()}) {
                for (std::size_t const reads :
                    {std::size_t(1), std::size_t(2), std::size_t(7), scripted_stream::whole}) {
                    BOOST_TEST_CONTEXT(what.name << ", writes of " << writes << ", reads of " << reads)
                    {
                        run r(what);
                        r.stream.replies(reply, reads);
                        r.stream.takes(writes);
                        r.start().check_success();
                        BOOST_TEST(r.end->diag.reusable);
                        BOOST_TEST(r.stream.given() == reply.size());
                        if (sent.empty())
                            sent = r.stream.written();
                        BOOST_TEST((r.stream.written() == sent));
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(passes_on_the_streams_error_at_each_step)
{
    for_each_step([](auto const& what, std::size_t piece, direction which, std::size_t number) {
        for (error_code const ec : {error_code(asio::error::connection_reset), error_code(asio::error::timed_out)}) {
            run r(what);
            r.stream.fails(which, number, ec);
            r.replies(piece).start().check_failure(ec, step_of(which));
            check_stopped_at(r, which, number);
        }
    });
}

// H14
BOOST_AUTO_TEST_CASE(a_reply_that_comes_before_the_request_was_read_counts)
{
    std::string const refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno";
    for (auto const end : {error_code(asio::error::broken_pipe), error_code(asio::error::connection_reset)}) {
        for (bool const replied : {true, false}) {
            run r(stream_operations().front());
            r.stream.takes(write_piece);
            r.stream.replies(refusal.substr(0, replied ? std::string::npos : 20), 7);
            r.stream.ends_with(asio::error::connection_reset);
            r.stream.fails(direction::write, 1, end);
            r.start();
            BOOST_TEST(r.end->completions == 1);
            BOOST_TEST(r.stream.steps(direction::write) == 2U);
            BOOST_TEST(!r.end->diag.reusable);
            if (replied) {
                BOOST_TEST(r.end->ec == pks::oauth_errc::other);
                BOOST_TEST(r.end->diag.http_status == 413);
            } else {
                BOOST_TEST(r.end->ec == end);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(an_end_in_the_middle_is_told_from_one_at_the_start)
{
    // Of TLS, without close_notify, as much as of TCP: a reply with a length that came in whole needs no end.
    for_each_step([](auto const& what, std::size_t piece, direction which, std::size_t number) {
        for (error_code const ec : {error_code(asio::error::eof), error_code(asio::ssl::error::stream_truncated)}) {
            run r(what);
            r.stream.fails(which, number, ec);
            r.replies(piece).start();
            if (which == direction::write)
                r.check_failure(ec, pks::step::write);
            else if (number == 0)
                r.check_failure(pks::errc::connection_closed, pks::step::read);
            else
                r.check_failure(pks::errc::truncated, pks::step::read);
            check_stopped_at(r, which, number);
        }
    });
}

BOOST_AUTO_TEST_CASE(an_error_with_the_last_octets_spoils_the_connection_not_the_reply)
{
    for (auto const& what : stream_operations()) {
        for (error_code const ec : {error_code(asio::error::eof), error_code(asio::ssl::error::stream_truncated),
                 error_code(asio::error::connection_reset)}) {
            run r(what);
            r.stream.ends_at_once_with(ec);
            r.replies(7).start().check_success();
            BOOST_TEST(!r.end->diag.reusable);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_body_without_length_ends_with_the_connection_and_only_in_order)
{
    struct row
    {
        error_code end;
        error_code gives;
    };
    row const rows[] = {
        {asio::error::eof, error_code()},
        {asio::ssl::error::stream_truncated, pks::errc::truncated},
        {asio::error::connection_reset, asio::error::connection_reset},
    };
    for (auto const& what : stream_operations()) {
        if (!what.may_have_a_body())
            continue;
        for (auto const& each : rows) {
            for (bool const at_once : {false, true}) {
                run r(what);
                r.stream.replies(what.good_head() + "\r\n" + what.body, 11);
                if (at_once)
                    r.stream.ends_at_once_with(each.end);
                else
                    r.stream.ends_with(each.end);
                r.start();
                if (each.gives)
                    r.check_failure(each.gives, pks::step::read);
                else
                    r.check_success();
                BOOST_TEST(!r.end->diag.reusable);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(octets_beyond_the_reply_spoil_the_connection_not_the_reply)
{
    for (auto const& what : stream_operations()) {
        for (std::size_t const piece : {std::size_t(7), scripted_stream::whole}) {
            for (auto const& reply : {what.good_reply(), what.chunked_reply()}) {
                run r(what);
                // With pieces of seven the last one holds both, or the connection is clean when the reply is done.
                auto const rest = std::string(7, 'H');
                r.stream.replies(reply + rest, piece);
                r.start().check_success();
                auto const clean = r.stream.given() == reply.size();
                BOOST_TEST(r.end->diag.reusable == clean);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(is_cancelled_in_each_step)
{
    for_each_step([](auto const& what, std::size_t piece, direction which, std::size_t number) {
        for (auto const t : {type::terminal, type::partial, type::terminal | type::total}) {
            run r(what);
            r.stream.waits(which, number);
            r.replies(piece).start();
            BOOST_TEST(r.stream.waiting());
            BOOST_TEST(r.end->completions == 0);
            r.signal.emit(t);
            BOOST_TEST(r.end->completions == 0); // not within emit()
            r.check_failure(asio::error::operation_aborted, step_of(which));
            check_stopped_at(r, which, number);
            BOOST_TEST((which == direction::read || r.stream.steps(direction::read) == 0U));
            // The one type that every stream knows.
            BOOST_TEST_REQUIRE(r.stream.cancellations().size() == 1U);
            BOOST_TEST((r.stream.cancellations()[0] == type::terminal));
        }
    });
}

BOOST_AUTO_TEST_CASE(total_cancellation_ends_no_step)
{
    for_each_step([](auto const& what, std::size_t piece, direction which, std::size_t number) {
        run r(what);
        r.stream.waits(which, number);
        r.replies(piece).start();
        r.signal.emit(type::total);
        r.signal.emit(type::none);
        r.poll();
        BOOST_TEST(r.end->completions == 0);
        BOOST_TEST(r.stream.cancellations().empty());
        BOOST_TEST_REQUIRE(r.stream.waiting());
        r.stream.go_on();
        r.poll();
        r.check_success();
        BOOST_TEST(r.end->diag.reusable);
    });
}

// The step has succeeded when the cancellation comes: nothing may be begun after it.
BOOST_AUTO_TEST_CASE(is_cancelled_between_two_steps)
{
    for_each_step([](auto const& what, std::size_t piece, direction which, std::size_t number) {
        run r(what);
        r.stream.waits(which, number);
        r.stream.ignores_cancellation();
        r.replies(piece).start();
        BOOST_TEST_REQUIRE(r.stream.waiting());
        r.signal.emit(type::terminal);
        r.poll();
        BOOST_TEST(r.end->completions == 0);
        r.stream.go_on();
        r.poll();
        bool const all_read = r.stream.given() == what.chunked_reply().size();
        bool const all_written = which == direction::read || number + 1 == count_steps(what, piece).writes;
        if (all_read)
            r.check_success();
        else
            r.check_failure(asio::error::operation_aborted, all_written ? pks::step::read : pks::step::write);
        BOOST_TEST(r.stream.steps(which) == number + 1);
        BOOST_TEST(r.stream.steps(direction::read) == (which == direction::read ? number + 1 : 0));
    });
}

BOOST_AUTO_TEST_CASE(cancelled_before_it_begins_it_sends_nothing)
{
    for (auto const& what : stream_operations()) {
        run r(what);
        r.stream.replies(what.good_reply());
        // What an operation before this one left.
        r.end->diag.step = pks::step::done;
        r.end->diag.http_status = 200;
        r.end->diag.detail = "of another";
        r.end->diag.reusable = true;
        net_test::start(what, r.stream, r.end, r.signal.slot());
        r.signal.emit(type::terminal);
        r.poll();
        BOOST_TEST(r.end->completions == 1);
        BOOST_TEST(r.end->diag.http_status == 0);
        BOOST_TEST(r.end->diag.detail == "");
        BOOST_TEST(!r.end->diag.reusable);
        BOOST_TEST(r.end->ec == asio::error::operation_aborted);
        BOOST_TEST(r.end->diag.step == pks::step::none);
        BOOST_TEST(r.stream.steps(direction::write) == 0U);
        BOOST_TEST(r.stream.steps(direction::read) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(cancelled_after_its_end_it_stays_as_it_ended)
{
    for (auto const& what : stream_operations()) {
        run r(what);
        r.replies(7).start().check_success();
        r.signal.emit(type::terminal);
        r.poll();
        r.check_success();
        BOOST_TEST(r.stream.cancellations().empty());
    }
}

BOOST_AUTO_TEST_CASE(one_connection_carries_one_exchange_after_the_other)
{
    // As long as each says that it may: what a caller that keeps connections goes by.
    for (auto const& what : stream_operations()) {
        run r(what);
        r.stream.replies(what.good_reply() + what.chunked_reply() + what.good_reply(), 1);
        for (int i = 0; i < 3; ++i) {
            r.end = std::make_shared<ending>();
            net_test::start(what, r.stream, r.end, r.signal.slot());
            r.poll();
            r.check_success();
            BOOST_TEST(r.end->diag.reusable);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_context_that_goes_first_takes_the_operation_with_it)
{
    for_each_step([](auto const& what, std::size_t piece, direction which, std::size_t number) {
        auto const end = std::make_shared<ending>();
        {
            run r(what);
            r.end = end;
            r.stream.waits(which, number);
            r.replies(piece).start();
            BOOST_TEST(r.stream.waiting());
        }
        BOOST_TEST(end->completions == 0);
        BOOST_TEST(end.use_count() == 1);
    });
}

BOOST_AUTO_TEST_SUITE_END()
