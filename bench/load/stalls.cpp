// Bodies of stalls.hpp.
#include "stalls.hpp"

#include <chrono>
#include <utility>

namespace bench {

namespace {

using namespace std::chrono_literals;
using pks::testing::connection_fault;
using pks::testing::fault_end;
using pks::testing::fault_script;
using pks::testing::request_fault;

constexpr char login[] = "POST /oauth/token";
constexpr char connect[] = "CONNECT uaa.test:8443";
constexpr int tls_1_2 = 0x0303;
constexpr int tls_1_3 = 0x0304;

void nothing(fault_script&, std::size_t) {}

void unread(fault_script& script, std::size_t times)
{
    script.on_connections(times, connection_fault::on_accept(fault_end::stall));
}

template <std::size_t Records, std::size_t Octets = 0>
void in_handshake(fault_script& script, std::size_t times)
{
    script.on_connections(times, connection_fault::in_handshake(Records, fault_end::stall, Octets));
}

void in_upload(fault_script& script, std::size_t times)
{
    script.on_connections(times, connection_fault::in_request(1, fault_end::deaf));
}

request_fault token_reply()
{
    return request_fault::status(200, R"({"access_token":"a.b.c","token_type":"bearer","expires_in":600})");
}

template <char const* Tag>
void silent(fault_script& script, std::size_t times)
{
    script.on_requests(Tag, times, request_fault::silence(fault_end::stall));
}

void in_head(fault_script& script, std::size_t times)
{
    script.on_requests(login, times, token_reply().stop_after(20, fault_end::stall));
}

void in_body(fault_script& script, std::size_t times)
{
    script.on_requests(login, times, token_reply().stop_short_of(5, fault_end::stall));
}

void dripping(fault_script& script, std::size_t times)
{
    script.on_requests(login, times, token_reply().drip(1, 50ms));
}

void proxy_in_head(fault_script& script, std::size_t times)
{
    script.on_requests(connect, times, request_fault::octets("HTTP/1.1 200 OK\r\n").then(fault_end::stall));
}

void proxy_dripping(fault_script& script, std::size_t times)
{
    script.on_requests(
        connect, times, request_fault::octets("HTTP/1.1 200 OK\r\nVia: 1.1 proxy\r\n\r\n").drip(1, 50ms));
}

void tunnel(fault_script& script, std::size_t times)
{
    script.on_requests(connect, times, request_fault::octets("HTTP/1.1 200 OK\r\n\r\n").then(fault_end::stall));
}

} // namespace

std::vector<stall> const& stalls()
{
    static std::vector<stall> const all = {
        {"timer", "nothing but a timer", way::timer, sight::nothing, 0, nullptr},
        {"look_up", "the look-up of the name hangs", way::look_up, sight::nothing, 0, nullptr},
        {"connect", "SYN unanswered", way::direct, sight::nothing, tls_1_3, &nothing, false},
        {"accepted", "accepted, and nothing read", way::direct, sight::connection, tls_1_3, &unread},
        {"hello", "ClientHello unanswered", way::direct, sight::connection, tls_1_3, &in_handshake<0>},
        {"hello_part", "5 octets of ServerHello", way::direct, sight::connection, tls_1_3, &in_handshake<0, 5>},
        {"tls13_hello", "TLS 1.3: after ServerHello", way::direct, sight::connection, tls_1_3, &in_handshake<1>},
        {"tls13_certificate", "TLS 1.3: after Certificate", way::direct, sight::connection, tls_1_3, &in_handshake<4>},
        {"tls13_finished", "TLS 1.3: in Finished", way::direct, sight::connection, tls_1_3, &in_handshake<5, 9>},
        {"tls12_certificate", "TLS 1.2: after Certificate", way::direct, sight::connection, tls_1_2, &in_handshake<2>},
        {"tls12_done", "TLS 1.2: after ServerHelloDone", way::direct, sight::connection, tls_1_2, &in_handshake<4>},
        {"tls12_finished", "TLS 1.2: before Finished", way::direct, sight::connection, tls_1_2, &in_handshake<5>},
        {"upload", "4 MiB to be sent, and not read", way::upload, sight::request, tls_1_3, &in_upload, true, 0.05},
        {"reply", "no octet of the reply", way::direct, sight::request, tls_1_3, &silent<login>},
        {"head", "in the head of the reply", way::direct, sight::request, tls_1_3, &in_head},
        {"body", "in the body of the reply", way::direct, sight::request, tls_1_3, &in_body},
        {"drip", "an octet of the reply each 50 ms", way::direct, sight::request, tls_1_3, &dripping},
        {"proxy_connect", "proxy: SYN unanswered", way::proxy, sight::nothing, 0, &nothing, false},
        {"proxy_reply", "proxy: CONNECT unanswered", way::proxy, sight::request, 0, &silent<connect>},
        {"proxy_head", "proxy: in the head of the reply", way::proxy, sight::request, 0, &proxy_in_head},
        {"proxy_drip", "proxy: an octet each 50 ms", way::proxy, sight::request, 0, &proxy_dripping},
        {"tunnel", "proxy: ClientHello unanswered", way::proxy, sight::request, 0, &tunnel},
        {"place", "no connection is free", way::place, sight::request, tls_1_3, &silent<login>},
        {"token", "the token is being fetched", way::token, sight::request, tls_1_3, &silent<login>},
    };
    return all;
}

stall const* find_stall(std::string_view name)
{
    for (auto const& one : stalls())
        if (one.name == name)
            return &one;
    return nullptr;
}

} // namespace bench
