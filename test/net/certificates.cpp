// Which certificates a client takes, and what each refusal is called: against servers that really show them.
#include <net/installation.hpp>
#include <net/loopback_server.hpp>
#include <net/outcome.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <openssl/err.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::authority;
using net_test::finish;
using net_test::loopback_server;
using pks::error_code;
using pks::tls_errc;
using pks::testing::certificate_request;
using pks::testing::server_identity;
using namespace std::chrono_literals;

certificate_request good_request()
{
    certificate_request out;
    out.dns_names = {"localhost"};
    out.ip_addresses = {"127.0.0.1", "::1"};
    return out;
}

struct attempt
{
    error_code ec;
    pks::diagnostics diag;
    std::size_t requests = 0;
};

// One target through a plane with that identity.
attempt target(std::optional<server_identity> identity, pks::trust trust, std::string const& host = "localhost")
{
    asio::io_context ctx;
    auto options = net_test::plane_options();
    options.identity = std::move(identity);
    pks::testing::control_plane plane(ctx.get_executor(), options);
    pks::client api(ctx.get_executor(), net_test::client_options(plane, std::move(trust), host));
    attempt out;
    out.ec = finish<pks::target_info>(ctx, [&](auto const& then) { api.async_target(out.diag, then); }).ec;
    out.requests = plane.uaa_requests("/login");
    // For whoever shares the thread: what this library leaves there is taken for somebody else's failure.
    BOOST_TEST(::ERR_peek_error() == 0UL);
    return out;
}

attempt target(certificate_request const& what, std::string const& host = "localhost")
{
    return target(authority().issue(what), pks::trust::pem(authority().root_pem()), host);
}

void check_refused(attempt const& a, tls_errc expected)
{
    BOOST_TEST(a.ec == expected);
    BOOST_TEST((a.ec == pks::condition::untrusted));
    BOOST_TEST(a.diag.step == pks::step::handshake);
    BOOST_TEST(a.diag.attempts == 0);
    BOOST_TEST(a.diag.http_status == 0);
    BOOST_TEST(!a.diag.reusable);
    BOOST_TEST(!a.diag.detail.empty());
    BOOST_TEST(a.requests == 0U);
}

void check_accepted(attempt const& a)
{
    BOOST_TEST(!a.ec);
    BOOST_TEST(a.diag.step == pks::step::done);
    BOOST_TEST(a.diag.attempts == 1);
    BOOST_TEST(a.requests == 1U);
}

bool has_ipv6()
{
    asio::io_context ctx;
    asio::ip::tcp::acceptor acceptor(ctx);
    error_code ec;
    acceptor.open(asio::ip::tcp::v6(), ec);
    if (!ec)
        acceptor.bind(asio::ip::tcp::endpoint(asio::ip::address_v6::loopback(), 0), ec);
    return !ec;
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificates)

BOOST_AUTO_TEST_CASE(takes_a_name)
{
    check_accepted(target(good_request()));
}

BOOST_AUTO_TEST_CASE(takes_a_name_in_capitals)
{
    check_accepted(target(good_request(), "LocalHost"));
}

BOOST_AUTO_TEST_CASE(takes_an_ipv4_address)
{
    check_accepted(target(good_request(), "127.0.0.1"));
}

BOOST_AUTO_TEST_CASE(takes_an_ipv6_address)
{
    if (!has_ipv6()) {
        BOOST_TEST_MESSAGE("skipped: no IPv6 on this machine");
        return;
    }
    check_accepted(target(good_request(), "[::1]"));
}

BOOST_AUTO_TEST_CASE(takes_the_self_signed_certificate_that_it_was_given)
{
    auto what = good_request();
    what.self_signed = true;
    auto const identity = authority().issue(what);
    check_accepted(target(identity, pks::trust::pem(identity.certificate)));
}

BOOST_AUTO_TEST_CASE(refuses_another_ca)
{
    pks::testing::certificate_authority const other("another CA");
    check_refused(
        target(authority().issue(good_request()), pks::trust::pem(other.root_pem())), tls_errc::unknown_issuer);
}

BOOST_AUTO_TEST_CASE(refuses_another_ca_of_the_same_name)
{
    pks::testing::certificate_authority const other("the tests' CA");
    auto const a = target(authority().issue(good_request()), pks::trust::pem(other.root_pem()));
    BOOST_TEST((a.ec == tls_errc::bad_signature || a.ec == tls_errc::unknown_issuer));
    check_refused(a, static_cast<tls_errc>(a.ec.value()));
}

BOOST_AUTO_TEST_CASE(refuses_the_embedded_ca_where_the_systems_store_is_trusted)
{
    check_refused(target(authority().issue(good_request()), pks::trust::system_store()), tls_errc::unknown_issuer);
}

BOOST_AUTO_TEST_CASE(refuses_a_self_signed_certificate)
{
    auto what = good_request();
    what.self_signed = true;
    check_refused(target(what), tls_errc::self_signed);
}

BOOST_AUTO_TEST_CASE(refuses_a_self_signed_root_in_the_chain)
{
    pks::testing::certificate_authority const other("another CA");
    auto identity = other.issue(good_request());
    identity.certificate += other.root_pem();
    check_refused(target(identity, pks::trust::pem(authority().root_pem())), tls_errc::self_signed_in_chain);
}

BOOST_AUTO_TEST_CASE(refuses_an_expired_certificate)
{
    auto what = good_request();
    what.not_before = std::chrono::system_clock::now() - 48h;
    what.not_after = std::chrono::system_clock::now() - 1min;
    check_refused(target(what), tls_errc::expired);
}

BOOST_AUTO_TEST_CASE(refuses_a_certificate_that_is_not_valid_yet)
{
    auto what = good_request();
    what.not_before = std::chrono::system_clock::now() + 10min;
    check_refused(target(what), tls_errc::not_yet_valid);
}

BOOST_AUTO_TEST_CASE(refuses_another_host)
{
    auto what = good_request();
    what.dns_names = {"uaa.example.org", "localhost.example.org", "*.localhost"};
    check_refused(target(what), tls_errc::host_mismatch);
    what.dns_names.clear();
    check_refused(target(what), tls_errc::host_mismatch);
}

BOOST_AUTO_TEST_CASE(refuses_another_address)
{
    auto what = good_request();
    what.ip_addresses = {"127.0.0.2"};
    check_refused(target(what, "127.0.0.1"), tls_errc::host_mismatch);
    what.ip_addresses.clear();
    check_refused(target(what, "127.0.0.1"), tls_errc::host_mismatch);
}

BOOST_AUTO_TEST_CASE(refuses_a_name_in_the_subject_only)
{
    certificate_request what;
    what.common_name = "localhost";
    check_refused(target(what), tls_errc::common_name_only);
    // The entries decide as soon as there are any.
    what.dns_names = {"uaa.example.org"};
    check_refused(target(what), tls_errc::common_name_only);
}

BOOST_AUTO_TEST_CASE(refuses_an_address_as_dns_name)
{
    certificate_request what;
    what.dns_names = {"127.0.0.1"};
    check_refused(target(what, "127.0.0.1"), tls_errc::ip_as_dns_name);
}

BOOST_AUTO_TEST_CASE(refuses_a_clients_certificate)
{
    auto what = good_request();
    what.server = false;
    check_refused(target(what), tls_errc::invalid_purpose);
}

// As many home-made CAs make them.
BOOST_AUTO_TEST_CASE(takes_what_lacks_an_extension_where_that_is_allowed)
{
    auto what = good_request();
    what.key_identifiers = false;
    auto trust = pks::trust::pem(authority().root_pem());
    check_refused(target(authority().issue(what), trust), tls_errc::malformed);
    trust.allow_missing_extensions();
    check_accepted(target(authority().issue(what), trust));
    // And nothing else for that.
    BOOST_TEST((trust != pks::trust::pem(authority().root_pem())));
    what.not_after = std::chrono::system_clock::now() - 1s;
    check_refused(target(authority().issue(what), trust), tls_errc::expired);
    what = good_request();
    what.server = false;
    check_refused(target(authority().issue(what), trust), tls_errc::invalid_purpose);
    trust.allow_missing_extensions(false);
    what = good_request();
    what.key_identifiers = false;
    check_refused(target(authority().issue(what), trust), tls_errc::malformed);
}

BOOST_AUTO_TEST_CASE(skips_verification_where_that_is_spelled_out)
{
    certificate_request what;
    what.self_signed = true;
    what.not_after = std::chrono::system_clock::now() - 1min;
    check_accepted(target(authority().issue(what), pks::skip_verification));
}

BOOST_AUTO_TEST_CASE(speaks_no_lower_version_than_the_minimum)
{
    asio::io_context ctx;
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    o.tls = authority().issue(good_request());
    o.tls_1_2_only = true;
    o.reply = "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n";
    loopback_server server(ctx.get_executor(), o);
    for (auto const version : {pks::tls_version::v1_2, pks::tls_version::v1_3}) {
        auto trust = pks::trust::pem(authority().root_pem());
        trust.minimum_tls(version);
        pks::client_options options("localhost:9021", trust);
        options.uaa = options.api.with_port(server.port());
        pks::client api(ctx.get_executor(), options);
        pks::diagnostics diag;
        auto const out = finish<pks::target_info>(ctx, [&](auto const& then) { api.async_target(diag, then); });
        BOOST_TEST(::ERR_peek_error() == 0UL);
        if (version == pks::tls_version::v1_2) {
            BOOST_TEST(out.ec == pks::oauth_errc::not_found);
        } else {
            BOOST_TEST(!!out.ec);
            BOOST_TEST(out.ec != pks::oauth_errc::not_found);
            BOOST_TEST(diag.step == pks::step::handshake);
            BOOST_TEST(diag.attempts == 0);
        }
    }
    BOOST_TEST(server.requests() == 1U);
}

// ---- what this side shows ----

BOOST_AUTO_TEST_CASE(shows_a_client_certificate)
{
    certificate_request what;
    what.common_name = "a client";
    what.server = false;
    auto const mine = authority().issue(what);

    asio::io_context ctx;
    loopback_server::options o;
    o.does = loopback_server::manner::replying;
    o.tls = authority().issue(good_request());
    o.client_ca = authority().root_pem();
    o.reply = "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n";
    loopback_server server(ctx.get_executor(), o);
    for (bool const shown : {true, false}) {
        auto trust = pks::trust::pem(authority().root_pem());
        if (shown)
            trust.client_certificate(mine.certificate, pks::secret(mine.private_key));
        pks::client_options options("localhost:9021", trust);
        options.uaa = options.api.with_port(server.port());
        pks::client api(ctx.get_executor(), options);
        auto const out = finish<pks::target_info>(ctx, [&](auto const& then) { api.async_target(then); });
        if (shown)
            BOOST_TEST(out.ec == pks::oauth_errc::not_found);
        else
            BOOST_TEST((out.ec && out.ec != pks::oauth_errc::not_found));
        BOOST_TEST(::ERR_peek_error() == 0UL);
    }
    BOOST_TEST(server.requests() == 1U);
}

BOOST_AUTO_TEST_CASE(refuses_a_client_certificate_that_is_none)
{
    auto const mine = authority().issue({"localhost"}, {});
    auto const other = authority().issue({"localhost"}, {});
    struct row
    {
        std::string certificate;
        std::string key;
    };
    std::vector<row> const rows = {
        {"junk", mine.private_key},
        {mine.certificate, "junk"},
        {mine.certificate, ""},
        {"", mine.private_key},
        {mine.certificate, other.private_key},
        {mine.private_key, mine.certificate},
        {mine.certificate.substr(0, mine.certificate.size() / 2), mine.private_key},
    };
    for (auto const& r : rows) {
        auto trust = pks::trust::pem(authority().root_pem());
        trust.client_certificate(r.certificate, pks::secret(r.key));
        auto const a = target(std::nullopt, trust);
        BOOST_TEST(a.ec == pks::errc::client_certificate_invalid);
        BOOST_TEST((a.ec == pks::condition::invalid_input));
        BOOST_TEST(a.diag.step == pks::step::load);
        BOOST_TEST(a.diag.detail == "client certificate");
        BOOST_TEST(a.diag.message().find("PRIVATE") == std::string::npos);
        BOOST_TEST(a.requests == 0U);
    }
}

BOOST_AUTO_TEST_SUITE_END()
