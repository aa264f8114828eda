// Replies become octets as their framing says.
#include <pks/testing/reply.hpp>

#include <boost/test/unit_test.hpp>

using pks::testing::reply;

BOOST_AUTO_TEST_SUITE(testing_reply)

BOOST_AUTO_TEST_CASE(chunks_are_cut_where_they_are_told)
{
    reply r;
    r.fields = {{"Transfer-Encoding", "chunked"}};
    r.frame = reply::framing::chunked;
    r.body = R"({"a":1})";
    r.chunks = {6, 1};
    BOOST_TEST(
        r.to_octets() == "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"a\":1\r\n1\r\n}\r\n0\r\n\r\n");
    r.chunks = {100, 100};
    BOOST_TEST(r.to_octets() == "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n");
    r.chunks = {};
    BOOST_TEST(r.to_octets() == "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(other_framings)
{
    reply r;
    r.status = 204;
    r.reason = "No Content";
    r.body = "unsent";
    BOOST_TEST(r.to_octets() == "HTTP/1.1 204 No Content\r\n\r\n");
    r.frame = reply::framing::content_length;
    r.fields = {{"Content-Length", "6"}};
    BOOST_TEST(r.to_octets() == "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nunsent");
}

BOOST_AUTO_TEST_SUITE_END()
