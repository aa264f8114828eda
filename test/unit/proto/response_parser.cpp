// Limits at their edge, framing, ends of the connection, and splits of the response parser.
#include <pks/proto/response_parser.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

using pks::errc;
using pks::error_code;
using pks::http_limits;
using pks::proto::response_parser;

static_assert(!std::is_aggregate_v<http_limits>);
static_assert(!std::is_aggregate_v<pks::proto::response>);

struct read
{
    error_code ec;
    std::size_t taken = 0;
    response_parser parser;
};

read feed(std::string_view text, std::size_t piece, http_limits const& limits = {}, bool head_request = false)
{
    read r{{}, 0, response_parser(limits, head_request)};
    while (r.taken != text.size() && !r.parser.done() && !r.ec) {
        auto const part = text.substr(r.taken, piece);
        r.taken += r.parser.put({part.data(), part.size()}, r.ec);
    }
    return r;
}

read feed(std::string_view text)
{
    return feed(text, text.size());
}

read feed_then_eof(std::string_view text)
{
    auto r = feed(text);
    if (!r.ec)
        r.parser.put_eof(r.ec);
    return r;
}

void accepts(std::string_view text, http_limits const& limits = {})
{
    for (std::size_t piece : {text.size(), std::size_t{1}}) {
        auto const r = feed(text, piece, limits);
        BOOST_TEST(!r.ec, r.ec.message() << ": " << r.parser.detail());
        BOOST_TEST(r.parser.done());
        BOOST_TEST(r.taken == text.size());
    }
}

void refuses(std::string_view text, error_code code, http_limits const& limits = {})
{
    for (std::size_t piece : {text.size(), std::size_t{1}, std::size_t{3}}) {
        auto r = feed(text, piece, limits);
        BOOST_TEST(r.ec == code, text.substr(0, 200) << ": " << r.ec.message());
        BOOST_TEST(!r.parser.done());
        BOOST_TEST(!r.parser.keep_alive());
        BOOST_TEST(!r.parser.detail().empty());

        error_code again;
        BOOST_TEST(r.parser.put(std::string_view("x"), again) == 0u);
        BOOST_TEST(again == code);
        again = {};
        r.parser.put_eof(again);
        BOOST_TEST(again == code);
    }
}

std::string repeat(std::string_view text, std::size_t n)
{
    std::string out;
    while (n-- != 0)
        out += text;
    return out;
}

std::string const ok = "HTTP/1.1 200 OK\r\n";
std::string const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

} // namespace

BOOST_AUTO_TEST_SUITE(proto_response_parser)

BOOST_AUTO_TEST_CASE(status_line_without_reason)
{
    auto r = feed("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}");
    BOOST_TEST(!r.ec);
    BOOST_TEST(r.parser.done());
    BOOST_TEST(r.parser.keep_alive());
    BOOST_TEST(r.parser.get().status == 200);
    BOOST_TEST(r.parser.get().reason == "");
    BOOST_TEST(r.parser.get().version_minor == 1);
    auto const taken_out = r.parser.release();
    BOOST_TEST(std::string_view(taken_out.body) == "{}");
}

BOOST_AUTO_TEST_CASE(fields_keep_order_and_case)
{
    auto const r = feed(ok +
        "ETag: \"1\" \r\nSet-Cookie:a\r\nset-cookie:\t b\r\nX:\r\nFold: a \r\n\t b\r\n \r\n"
        "Content-Length: 0\r\n\r\n");
    BOOST_TEST(!r.ec);
    auto const& got = r.parser.get();
    BOOST_REQUIRE(got.fields.size() == 6u);
    BOOST_TEST(got.fields[2].first == "set-cookie");
    BOOST_TEST(got.fields[2].second == "b");
    BOOST_TEST(got.find("eTAG").value() == "\"1\"");
    BOOST_TEST(got.find("SET-COOKIE").value() == "a");
    BOOST_TEST(got.find("x").value() == "");
    BOOST_TEST(got.find("fold").value() == "a b");
    BOOST_TEST(!got.find("Set-Cooki").has_value());
    BOOST_TEST(got.count("Set-cookie") == 2u);
    BOOST_TEST(got.count("nothing") == 0u);
}

BOOST_AUTO_TEST_CASE(head_limit_at_its_edge)
{
    http_limits limits;
    auto const frame = ok + "X: \r\nContent-Length: 0\r\n\r\n";
    auto const with_value = [&](std::size_t n) {
        return ok + "X: " + std::string(n, 'a') + "\r\nContent-Length: 0\r\n\r\n";
    };
    accepts(with_value(limits.head - frame.size()));
    refuses(with_value(limits.head - frame.size() + 1), errc::head_too_large);
    refuses(ok + "X: " + std::string(limits.head, 'a'), errc::head_too_large);
    refuses("HTTP/1.1 200 " + std::string(limits.head, 'a'), errc::head_too_large);

    limits.head = 3;
    refuses("HTTP 1.1 200 OK\r\n", errc::head_too_large, limits);

    limits.head = frame.size();
    accepts(frame, limits);
    --limits.head;
    refuses(frame, errc::head_too_large, limits);
}

BOOST_AUTO_TEST_CASE(head_limit_counts_each_response_alone)
{
    http_limits limits;
    auto const interim = "HTTP/1.1 103 \r\nLink: " + std::string(40, 'a') + "\r\n\r\n";
    limits.head = interim.size();
    accepts(interim + interim + "HTTP/1.1 204 \r\n\r\n", limits);
}

BOOST_AUTO_TEST_CASE(field_limit_at_its_edge)
{
    http_limits limits;
    auto const end = std::string("Content-Length: 0\r\n\r\n");
    accepts(ok + repeat("a: b\r\n", limits.fields - 1) + end);
    refuses(ok + repeat("a: b\r\n", limits.fields) + end, errc::head_too_large);

    limits.fields = 2;
    auto const start = chunked + "0\r\n";
    accepts(start + "a: b\r\n\r\n", limits);
    refuses(start + "a: b\r\na: b\r\n\r\n", errc::trailer_too_large, limits);
    accepts("HTTP/1.1 100 \r\na: b\r\nc: d\r\n\r\nHTTP/1.1 204 \r\na: b\r\nc: d\r\n\r\n", limits);
}

BOOST_AUTO_TEST_CASE(chunk_extension_limit_at_its_edge)
{
    http_limits limits;
    auto const extension = [](std::size_t n) { return ";a=" + std::string(n - 3, 'b'); };
    accepts(chunked + "1" + extension(limits.chunk_extension) + "\r\nx\r\n0\r\n\r\n");
    accepts(chunked + "0000000000000001" + extension(limits.chunk_extension) + "\r\nx\r\n0\r\n\r\n");
    refuses(
        chunked + "1" + extension(limits.chunk_extension + 1) + "\r\nx\r\n0\r\n\r\n", errc::chunk_extension_too_large);
    refuses(chunked + "1" + extension(2 * limits.chunk_extension), errc::chunk_extension_too_large);

    limits.chunk_extension = 8;
    accepts(chunked + "1;abc\r\nx\r\n1;ab\r\nx\r\n0\r\n\r\n", limits);
    accepts(chunked + "1;abc\r\nx\r\n1;abc\r\nx\r\n0\r\n\r\n", limits);
    refuses(chunked + "1;abc\r\nx\r\n1;abc\r\nx\r\n0;a\r\n\r\n", errc::chunk_extension_too_large, limits);
}

BOOST_AUTO_TEST_CASE(trailer_limit_at_its_edge)
{
    http_limits limits;
    auto const trailer = [](std::size_t n) { return "X: " + std::string(n - 7, 'a') + "\r\n\r\n"; };
    accepts(chunked + "0\r\n" + trailer(limits.trailer));
    refuses(chunked + "0\r\n" + trailer(limits.trailer + 1), errc::trailer_too_large);
    refuses(chunked + "0\r\nX: " + std::string(limits.trailer, 'a'), errc::trailer_too_large);

    limits.trailer = 2;
    accepts(chunked + "0\r\n\r\n", limits);
}

BOOST_AUTO_TEST_CASE(body_limit_at_its_edge)
{
    http_limits limits;
    limits.body = 5;
    accepts(ok + "Content-Length: 5\r\n\r\nhello", limits);
    refuses(ok + "Content-Length: 6\r\n\r\n", errc::body_too_large, limits);
    refuses(ok + "Content-Length: 18446744073709551615\r\n\r\n", errc::body_too_large, limits);

    accepts(chunked + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", limits);
    refuses(chunked + "3\r\nhel\r\n3\r\n", errc::body_too_large, limits);
    refuses(chunked + "FFFFFFFFFFFFFFFF\r\n", errc::body_too_large, limits);

    for (std::size_t piece : {1u, 5u, 100u}) {
        auto r = feed(ok + "\r\nhello", piece, limits);
        BOOST_TEST(!r.ec);
        r.parser.put_eof(r.ec);
        BOOST_TEST(!r.ec);
        BOOST_TEST(r.parser.done());
    }
    refuses(ok + "\r\nhello!", errc::body_too_large, limits);
}

BOOST_AUTO_TEST_CASE(interim_limit_at_its_edge)
{
    http_limits limits;
    auto const last = std::string("HTTP/1.1 204 \r\n\r\n");
    auto const r = feed(repeat("HTTP/1.1 100 Continue\r\n\r\n", limits.interim_responses) + last);
    BOOST_TEST(!r.ec);
    BOOST_TEST(r.parser.interim_responses() == limits.interim_responses);
    BOOST_TEST(r.parser.get().status == 204);
    refuses(
        repeat("HTTP/1.1 100 Continue\r\n\r\n", limits.interim_responses + 1) + last, errc::too_many_interim_responses);

    limits.interim_responses = 0;
    refuses("HTTP/1.1 103 \r\n\r\n" + last, errc::too_many_interim_responses, limits);
}

BOOST_AUTO_TEST_CASE(interim_responses_leave_nothing_behind)
{
    auto const r = feed("HTTP/1.1 103 Early Hints\r\nConnection: close\r\nLink: </x>\r\nContent-Length: 7\r\n\r\n"
                        "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok");
    BOOST_TEST(!r.ec);
    BOOST_TEST(r.parser.keep_alive());
    BOOST_TEST(r.parser.get().reason == "");
    BOOST_TEST(r.parser.get().fields.size() == 1u);
    BOOST_TEST(std::string_view(r.parser.get().body) == "ok");
    refuses("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(responses_without_body)
{
    for (auto const* framing : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
        for (auto const* status : {"204 No Content", "304 Not Modified"}) {
            auto const r = feed("HTTP/1.1 " + std::string(status) + "\r\n" + framing + "\r\n");
            BOOST_TEST(!r.ec);
            BOOST_TEST(r.parser.done());
            BOOST_TEST(r.parser.keep_alive());
            BOOST_TEST(r.parser.get().body.empty());
        }
        auto const text = ok + framing + "\r\n";
        auto const r = feed(text, 1, {}, true);
        BOOST_TEST(!r.ec);
        BOOST_TEST(r.parser.done());
        BOOST_TEST(r.parser.keep_alive());
    }
    auto const huge = feed(ok + "Content-Length: 18446744073709551615\r\n\r\n", 1000, {}, true);
    BOOST_TEST(huge.parser.done());
    BOOST_TEST(huge.parser.get().body.capacity() < 100u);
    BOOST_TEST(feed(ok + "Content-Length: 5, 6\r\n\r\n", 1000, {}, true).ec == error_code(errc::protocol_error));
}

BOOST_AUTO_TEST_CASE(lengths_in_conflict)
{
    accepts(ok + "Content-Length: 2\r\nContent-Length: 2, 2\r\n\r\nok");
    accepts(ok + "Content-Length: 002\r\n\r\nok");
    for (auto const* framing :
        {"Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5, 6", "Content-Length: 05, 5",
            "Content-Length: 5,", "Content-Length: ,5", "Content-Length:", "Content-Length: +5", "Content-Length: -5",
            "Content-Length: 0x5", "Content-Length: 5 5", "Content-Length: 5\r\n 5", "Content-Length: 5.0",
            "Content-Length: 18446744073709551616", "Content-Length: 99999999999999999999999",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity",
            "Transfer-Encoding:", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked;q=1", "Transfer-Encoding: \"chunked\""})
        refuses(ok + framing + "\r\n\r\nhello", errc::protocol_error);
    refuses("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(malformed_heads)
{
    for (auto const* line : {"HTTP/1.1 200", "HTTP/1.1 20 ", "HTTP/1.1 2000 ", "HTTP/1.1  200 ", "HTTP/1.1 2x0 OK",
             "HTTP/1.1\t200 OK", "HTTP/1.x 200 OK", "HTTP/1.10 200 OK", "HTTP/1.1 200\tOK", "HTTP/2 200 OK",
             "HTTP/2.0 200 ", "http/1.1 200 OK", "ICY 200 OK", "SSH-2.0-x", "\x15\x03\x03", "", " HTTP/1.1 200 OK",
             "HTTP/1.1 200 a\x7f", "HTTP/1.1 200 a\rb"})
        refuses(std::string(line) + "\r\nContent-Length: 0\r\n\r\n", errc::protocol_error);
    for (auto const* line : {" a: b", "\ta: b", "a", ":", ": b", "a : b", "a\t: b", "a b: c", "a\"b: c", "a: b\rc",
             "a: b\x01", "a: \x7f", "\xc3\xa4: b", "a: b\nc: d", "a: b\n", "a: b\r\n\tc\x02"})
        refuses(ok + line + "\r\nContent-Length: 0\r\n\r\n", errc::protocol_error);
    refuses(ok + "a: b" + std::string(1, '\0') + "\r\n\r\n", errc::protocol_error);
    refuses("HTTP/1.1 200 OK\nContent-Length: 0\n\n", errc::protocol_error);
    refuses("220 mail.example ESMTP", errc::protocol_error);
}

BOOST_AUTO_TEST_CASE(malformed_chunks)
{
    for (auto const* body : {"\r\n", "g\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1;\r\n", "1;=a\r\n",
             "1;a=\r\n", "1;a=\"b\r\n", "1;a=\"\\\r\n", "1;a=\"b\"c\r\n", "1 a\r\n", "1;a=\"\n\"\r\n", "1;a\n", "1\n",
             "00000000000000001\r\n", "1\r\nxy\r\n", "1\r\nx\n", "1\r\nx\rx", "1\r\nx0\r\n\r\n", "0\r\n a: b\r\n\r\n",
             "0\r\nb\r\n\r\n", "0\r\na: b\n\r\n", "0\r\na: \x01\r\n\r\n"})
        refuses(chunked + body, errc::protocol_error);
    for (auto const* body :
        {"0\r\n\r\n", "000\r\n\r\n", "1;a\r\nx\r\n0\r\n\r\n", "1 ; a = \"\\\"\\\\;\t\" ;b=c;d\r\nx\r\n0\r\n\r\n",
            "0\r\nContent-Length: 9\r\nLocation: /\r\n fold\r\n\r\n", "0\r\nX:\r\n\r\n"})
        accepts(chunked + body);
}

BOOST_AUTO_TEST_CASE(trailers_do_not_become_header_fields)
{
    auto const r = feed(chunked + "2\r\nok\r\n0\r\nLocation: /evil\r\n fold\r\nConnection: close\r\n\r\n");
    BOOST_TEST(!r.ec);
    BOOST_TEST(r.parser.get().fields.size() == 1u);
    BOOST_TEST(r.parser.get().find("Transfer-Encoding").value() == "chunked");
    BOOST_TEST(r.parser.keep_alive());
}

BOOST_AUTO_TEST_CASE(ends_of_the_connection)
{
    auto const nothing = feed_then_eof("");
    BOOST_TEST(nothing.ec == error_code(errc::connection_closed));
    BOOST_TEST(!nothing.parser.got_some());

    for (auto const& text : {std::string("H"), std::string("HTTP/1.1 100 \r\n\r\n"), ok, ok + "Content-Le",
             ok + "Content-Length: 5\r\n\r\nhell", chunked, chunked + "5\r\nhello", chunked + "5\r\nhello\r\n",
             chunked + "5\r\nhello\r\n0\r\n", chunked + "5\r\nhello\r\n0\r\nX: y\r\n"}) {
        auto const r = feed_then_eof(text);
        BOOST_TEST(r.ec == error_code(errc::truncated), text);
        BOOST_TEST(r.parser.got_some());
        BOOST_TEST(!r.parser.done());
    }

    auto const unbounded = feed_then_eof(ok + "\r\n{\"a\":1}");
    BOOST_TEST(!unbounded.ec);
    BOOST_TEST(unbounded.parser.done());
    BOOST_TEST(!unbounded.parser.keep_alive());
    BOOST_TEST(std::string_view(unbounded.parser.get().body) == "{\"a\":1}");

    auto const complete = feed_then_eof(ok + "Content-Length: 2\r\n\r\nok");
    BOOST_TEST(!complete.ec);
    BOOST_TEST(complete.parser.done());
}

BOOST_AUTO_TEST_CASE(extra_bytes_are_not_taken)
{
    for (auto const& text : {ok + "Content-Length: 2\r\n\r\nok", chunked + "2\r\nok\r\n0\r\n\r\n",
             std::string("HTTP/1.1 204 \r\n\r\n"), ok + "Content-Length: 0\r\n\r\n"}) {
        auto r = feed(text + "HTTP/1.1 200 OK\r\n");
        BOOST_TEST(!r.ec);
        BOOST_TEST(r.parser.done());
        BOOST_TEST(r.taken == text.size());
        BOOST_TEST(r.parser.put(std::string_view("x"), r.ec) == 0u);
        BOOST_TEST(!r.ec);
    }
}

BOOST_AUTO_TEST_CASE(connection_options)
{
    auto const keeps = [](std::string const& version, std::string const& fields) {
        auto const r = feed("HTTP/1." + version + " 200 \r\n" + fields + "Content-Length: 0\r\n\r\n");
        BOOST_TEST(r.parser.done());
        return r.parser.keep_alive();
    };
    BOOST_TEST(keeps("1", ""));
    BOOST_TEST(keeps("2", ""));
    BOOST_TEST(keeps("1", "Connection: keep-alive\r\n"));
    BOOST_TEST(keeps("1", "Connection: closed\r\n"));
    BOOST_TEST(keeps("1", "Proxy-Connection: close\r\n"));
    BOOST_TEST(!keeps("1", "Connection: foo, CLOSE\r\n"));
    BOOST_TEST(!keeps("1", "Connection: keep-alive\r\nConnection: ,close,\r\n"));
    BOOST_TEST(!keeps("0", ""));
    BOOST_TEST(keeps("0", "Connection: Keep-Alive\r\n"));
    BOOST_TEST(!keeps("0", "Connection: keep-alive, close\r\n"));
}

BOOST_AUTO_TEST_CASE(every_split_of_a_chunked_token_reply)
{
    std::string const text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\nCache-Control: no-store\r\n"
                             "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "14\r\n{\"access_token\":\"x\"\n\r\n1\r\n}\r\n0\r\nX-Sum: 1\r\n\r\n";
    std::size_t wrong = 0;
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            response_parser parser;
            error_code ec;
            std::size_t taken = 0;
            for (auto const part : {std::string_view(text).substr(0, first),
                     std::string_view(text).substr(first, second - first), std::string_view(text).substr(second)})
                taken += parser.put(part, ec);
            wrong += ec || !parser.done() || taken != text.size() || parser.interim_responses() != 1 ||
                parser.get().status != 200 || parser.get().fields.size() != 3 ||
                parser.get().body != "{\"access_token\":\"x\"\n}";
        }
    }
    BOOST_TEST(wrong == 0u);
}

BOOST_AUTO_TEST_CASE(a_large_body_of_tiny_chunks)
{
    auto const r = feed(chunked + repeat("1\r\nx\r\n", 100'000) + "0\r\n\r\n", 1460);
    BOOST_TEST(!r.ec);
    BOOST_TEST(r.parser.get().body.size() == 100'000u);
}

BOOST_AUTO_TEST_CASE(limits_that_are_no_limit)
{
    http_limits limits;
    limits.head = limits.fields = limits.chunk_extension = limits.trailer = limits.body = static_cast<std::size_t>(-1);
    accepts(chunked + "1;a=b\r\nx\r\n0\r\na: b\r\n\r\n", limits);
    auto const r = feed(ok + "Content-Length: 18446744073709551615\r\n\r\nx", 1000, limits);
    BOOST_TEST(!r.ec);
    BOOST_TEST(r.parser.get().body.capacity() < 1'000'000u);
}

BOOST_AUTO_TEST_SUITE_END()
