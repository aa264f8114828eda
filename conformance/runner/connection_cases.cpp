// What a client makes of CA files, and of servers that shake hands badly, end early, or stall.
#include "runner/connection_cases.hpp"
#include "runner/certificate_factory.hpp"
#include "runner/connection_workshop.hpp"
#include "runner/error_name.hpp"
#include "runner/partial_handshake.hpp"
#include "runner/scripted_server.hpp"
#include "runner/server_context.hpp"
#include "runner/tls_get.hpp"
#include "suites/read_suite.hpp"

#include <pks/client.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/testing/certificate_authority.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace conform {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using pks::errc;
using pks::tls_errc;
using clock = std::chrono::steady_clock;

// Of this build: what is measured is the library, not the address sanitizer.
#if defined(__SANITIZE_ADDRESS__)
constexpr int slowness = 5;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr int slowness = 5;
#else
constexpr int slowness = 1;
#endif
#else
constexpr int slowness = 1;
#endif

constexpr int both_versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

std::string name_of_version(int version)
{
    return version == TLS1_2_VERSION ? "TLS 1.2: " : "TLS 1.3: ";
}

/// A server that answers each request, and what it saw.
class answering_server
{
public:
    /// `reply` says what to send after a head; nothing more is read where `once`.
    using replier = std::function<std::string(std::string const& head)>;

    explicit answering_server(
        std::shared_ptr<::SSL_CTX> context, replier reply = [](std::string const&) { return target_reply(); },
        bool once = true)
        : context_(std::move(context)),
          reply_(std::move(reply)),
          once_(once),
          server_([this](server_socket& socket) { serve(socket); })
    {}

    std::uint16_t port() const noexcept
    {
        return server_.port();
    }
    std::size_t connections() const noexcept
    {
        return server_.connections();
    }
    void finish()
    {
        server_.finish();
    }

    /// After finish().
    std::size_t requests = 0;
    std::size_t with_client_certificate = 0;
    std::vector<std::string> names; ///< SNI of each complete handshake; empty: none
    std::vector<bool> resumed;      ///< of each complete handshake

    std::size_t resumptions() const
    {
        return static_cast<std::size_t>(std::count(resumed.begin(), resumed.end(), true));
    }

private:
    void serve(server_socket& socket)
    {
        server_tls tls(socket, context_.get());
        if (!tls.accept())
            return;
        auto const* const name = ::SSL_get_servername(tls.native(), TLSEXT_NAMETYPE_host_name);
        {
            std::lock_guard const lock(mutex_);
            names.emplace_back(name ? name : "");
            resumed.push_back(::SSL_session_reused(tls.native()) == 1);
            with_client_certificate += ::SSL_get0_peer_certificate(tls.native()) != nullptr;
        }
        do {
            auto const head = tls.read_head();
            if (head.empty())
                return;
            {
                std::lock_guard const lock(mutex_);
                ++requests;
            }
            tls.write(reply_(head));
        } while (!once_);
        tls.close();
    }

    std::shared_ptr<::SSL_CTX> context_;
    replier reply_;
    bool once_;
    std::mutex mutex_;
    scripted_server server_; // last: its threads use the others
};

get_answer get_from(std::uint16_t port, pks::trust trust, std::string const& host = "api.pks.test",
    std::chrono::milliseconds deadline = 10s)
{
    auto const address = (host.find(':') == host.npos ? host : '[' + host + ']') + ':' + std::to_string(port);
    return tls_get({pks::endpoint::parse(address, 443).value(), std::move(trust), "/", loopback_resolver(), deadline});
}

std::string text_of(get_answer const& a)
{
    return text_of(attempt{a.ec, a.diag, {}});
}

// ---- CA files ----

void expect_untouched(connection_workshop& shop, std::string const& ca_file, errc expected)
{
    answering_server server(server_context(shop.chain("valid-dns-name")));
    client_at_work client(pks::trust::ca_file(ca_file), server.port());
    auto const got = client.target();
    expect_error(got.ec, expected);
    expect(got.diag.detail.find(ca_file) != std::string::npos, "the file is not named: " + text_of(got));
    server.finish();
    expect(server.connections() == 0, "connected");
}

void expect_accepted(connection_workshop& shop, pks::trust trust)
{
    answering_server server(server_context(shop.chain("valid-dns-name")));
    client_at_work client(std::move(trust), server.port());
    auto const got = client.target();
    expect(!got.ec, text_of(got));
}

void ca_file_missing(connection_workshop& shop)
{
    expect_untouched(shop, shop.path("none.pem").string(), errc::ca_not_found);
}

void ca_file_unreadable(connection_workshop& shop)
{
    auto const file = shop.file("unreadable.pem", shop.pem("root-a"));
    std::filesystem::permissions(file, std::filesystem::perms::none);
    // Whoever is root reads it all the same.
    bool const is_root = ::geteuid() == 0;
    if (is_root && ::seteuid(65534) != 0)
        throw not_runnable("root cannot become somebody else");
    struct back
    {
        bool is_root;
        ~back()
        {
            if (is_root && ::seteuid(0) != 0)
                std::abort();
        }
    } const then{is_root};
    expect_untouched(shop, file, errc::ca_unreadable);
}

void ca_file_directory(connection_workshop& shop)
{
    expect_untouched(shop, shop.path(".").string(), errc::ca_is_directory);
}

void ca_file_empty(connection_workshop& shop)
{
    expect_untouched(shop, shop.file("empty.pem", ""), errc::ca_empty);
}

// The same octets in every run, of every value.
std::string junk(std::size_t size)
{
    std::string out;
    for (std::uint32_t x = 2463534242U; out.size() != size; x ^= x << 13, x ^= x >> 17, x ^= x << 5)
        out += static_cast<char>(x >> 24);
    return out;
}

void ca_file_junk(connection_workshop& shop)
{
    expect_untouched(shop, shop.file("junk.pem", junk(1024)), errc::ca_malformed);
}

void ca_file_der(connection_workshop& shop)
{
    expect_untouched(shop, shop.file("root.der", shop.der("root-a")), errc::ca_malformed);
}

void ca_file_junk_and_good(connection_workshop& shop)
{
    auto broken = shop.pem("root-b");
    broken.erase(broken.size() / 2, 3);
    expect_untouched(shop, shop.file("broken.pem", "some text\n" + broken + shop.pem("root-a")), errc::ca_malformed);
}

void ca_file_private_key_inside(connection_workshop& shop)
{
    auto const key = shop.private_key("root-a");
    expect_accepted(shop, pks::trust::ca_file(shop.file("before.pem", key + shop.pem("root-a"))));
    expect_accepted(shop, pks::trust::ca_file(shop.file("after.pem", shop.pem("root-a") + key)));

    answering_server server(server_context(shop.chain("trust-untrusted-root")));
    client_at_work client(pks::trust::ca_file(shop.path("after.pem").string()), server.port());
    auto const got = client.target();
    expect(got.ec == pks::condition::untrusted, text_of(got));
    expect(got.diag.message().find(key.substr(40, 40)) == std::string::npos, "the key is in a message");
}

// PEM of that many roots that sign themselves with one key.
std::string many_roots(int count)
{
    std::unique_ptr<::EVP_PKEY, decltype(&::EVP_PKEY_free)> const key(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    std::string out;
    for (int n = 0; n != count; ++n) {
        std::unique_ptr<::X509, decltype(&::X509_free)> const one(::X509_new(), &::X509_free);
        if (!key || !one)
            throw std::runtime_error("OpenSSL cannot make a certificate");
        auto* const name = ::X509_get_subject_name(one.get());
        auto const common = "Root " + std::to_string(n);
        ::X509_set_version(one.get(), X509_VERSION_3);
        ::ASN1_INTEGER_set(::X509_get_serialNumber(one.get()), n + 1);
        ::X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(common.c_str()), -1, -1, 0);
        ::X509_set_issuer_name(one.get(), name);
        ::X509_gmtime_adj(::X509_getm_notBefore(one.get()), -3600);
        ::X509_gmtime_adj(::X509_getm_notAfter(one.get()), 86400);
        ::X509_set_pubkey(one.get(), key.get());
        if (::X509_sign(one.get(), key.get(), ::EVP_sha256()) == 0)
            throw std::runtime_error("OpenSSL cannot make a certificate");
        out += pem_of(one.get());
    }
    return out;
}

void ca_file_10000(connection_workshop& shop)
{
    auto const file = shop.file("many.pem", many_roots(9999) + shop.pem("root-a"));
    // By the processor's time: whoever else is at work on this machine does not count.
    auto const began = std::clock();
    auto const context = pks::net::make_tls_context(pks::trust::ca_file(file));
    auto const took = 1000 * (std::clock() - began) / CLOCKS_PER_SEC;
    expect(context.has_value(), "not loaded");
    expect(took < 2000 * slowness, "loading took " + std::to_string(took) + " ms");

    answering_server server(server_context(shop.chain("valid-dns-name")));
    client_at_work client(pks::trust::ca_file(file), server.port());
    auto const first = client.target();
    expect(!first.ec, text_of(first));
    std::filesystem::remove(file);
    auto const second = client.target();
    expect(!second.ec, "loaded again: " + text_of(second));
}

void ca_file_replaced(connection_workshop& shop)
{
    answering_server of_a(server_context(shop.chain("valid-dns-name")));
    answering_server of_b(server_context(shop.chain("trust-untrusted-root")));
    auto const file = shop.file("replaced.pem", shop.pem("root-a"));
    client_at_work old(pks::trust::ca_file(file), of_a.port());
    auto const before = old.target();
    expect(!before.ec, text_of(before));
    shop.file("replaced.pem", shop.pem("root-b"));
    auto const after = old.target();
    expect(!after.ec, "the old client: " + text_of(after));
    client_at_work new_of_a(pks::trust::ca_file(file), of_a.port());
    client_at_work new_of_b(pks::trust::ca_file(file), of_b.port());
    auto const refused = new_of_a.target();
    auto const accepted = new_of_b.target();
    expect(refused.ec == pks::condition::untrusted, "a new client, old root: " + text_of(refused));
    expect(!accepted.ec, "a new client, new root: " + text_of(accepted));
}

void ca_user_only(connection_workshop& shop)
{
    struct environment
    {
        explicit environment(std::string const& file)
        {
            if (auto const* const old = std::getenv("SSL_CERT_FILE"))
                before = old;
            ::setenv("SSL_CERT_FILE", file.c_str(), 1);
        }
        ~environment()
        {
            if (before)
                ::setenv("SSL_CERT_FILE", before->c_str(), 1);
            else
                ::unsetenv("SSL_CERT_FILE");
        }
        std::optional<std::string> before;
    } const system_store(shop.file("system.pem", shop.pem("root-b")));
    answering_server server(server_context(shop.chain("trust-untrusted-root")));
    client_at_work by_system(pks::trust::system_store(), server.port());
    auto const control = by_system.target();
    expect(!control.ec, "the system's store alone: " + text_of(control));
    client_at_work by_file(pks::trust::ca_file(shop.file("own.pem", shop.pem("root-a"))), server.port());
    auto const got = by_file.target();
    expect(got.ec == tls_errc::unknown_issuer || got.ec == tls_errc::self_signed_in_chain, text_of(got));
}

// ---- one client's policy is no other's ----

void skip_verify_is_per_client(connection_workshop& shop)
{
    for (int const version : both_versions) {
        answering_server server(server_context(shop.chain("trust-untrusted-root"), version));
        client_at_work careless(pks::skip_verification, server.port());
        client_at_work careful(shop.root_a(), server.port());
        auto const where = name_of_version(version);
        auto const first = careless.target();
        expect(!first.ec, where + text_of(first));
        auto const after = careful.target();
        expect(after.ec == pks::condition::untrusted, where + "after the careless one: " + text_of(after));
        attempt one, two;
        client_at_work::target_both(careless, one, careful, two);
        expect(!one.ec, where + text_of(one));
        expect(two.ec == pks::condition::untrusted, where + "with the careless one: " + text_of(two));
        server.finish();
        expect(server.requests == 2, where + "a request went to a server that was refused");
    }
}

// A server whose clients may resume, to whomever they give a certificate.
std::shared_ptr<::SSL_CTX> resumable(certificate_chain const& chain, int version)
{
    auto out = server_context(chain, version);
    static unsigned char const id[] = "pks-conform";
    ::SSL_CTX_set_session_id_context(out.get(), id, sizeof id - 1);
    return out;
}

// Without it the cases about sessions prove nothing.
void require_resumption(connection_workshop& shop, int version)
{
    answering_server server(resumable(shop.chain("valid-dns-name"), version));
    client_at_work client(shop.root_a(), server.port());
    for (int n = 0; n != 3; ++n) {
        auto const got = client.target();
        expect(!got.ec, name_of_version(version) + text_of(got));
    }
    server.finish();
    expect(server.resumptions() != 0, name_of_version(version) + "no client resumes a session");
}

void resume_other_host(connection_workshop& shop)
{
    for (int const version : both_versions) {
        require_resumption(shop, version);
        auto const reply = [](std::string const& head) {
            std::string const json = R"({"access_token":"opaque-token","token_type":"bearer","expires_in":599})";
            if (head.find("/oauth/token") == head.npos)
                return target_reply();
            return "HTTP/1.1 200 \r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                std::to_string(json.size()) + "\r\n\r\n" + json;
        };
        answering_server server(resumable(shop.chain("valid-dns-name"), version), reply);
        auto const port = ':' + std::to_string(server.port());
        boost::asio::io_context context;
        pks::client_options options("other.pks.test" + port, shop.root_a());
        options.uaa = pks::endpoint::uaa("api.pks.test" + port);
        options.resolver = loopback_resolver();
        options.login = pks::client_credentials("a-client", pks::secret("a-secret"));
        pks::client client(context.get_executor(), options);
        attempt token, clusters;
        client.async_get_token(token.diag, [&](pks::error_code ec, pks::access_token const&) {
            token.ec = ec;
            client.async_list_clusters(
                clusters.diag, [&](pks::error_code e, pks::cluster_list const&) { clusters.ec = e; });
        });
        context.run();
        server.finish();
        expect(!token.ec, name_of_version(version) + text_of(token));
        expect(clusters.ec == tls_errc::host_mismatch, name_of_version(version) + text_of(clusters));
        expect(server.resumptions() == 0 || server.names.back() != "other.pks.test",
            name_of_version(version) + "a session went to another host");
    }
}

void resume_other_ca(connection_workshop& shop)
{
    for (int const version : both_versions) {
        require_resumption(shop, version);
        answering_server server(resumable(shop.chain("trust-untrusted-root"), version));
        client_at_work of_b(shop.root_b(), server.port());
        auto const first = of_b.target();
        expect(!first.ec, name_of_version(version) + text_of(first));
        client_at_work of_a(shop.root_a(), server.port());
        auto const got = of_a.target();
        expect(got.ec == pks::condition::untrusted, name_of_version(version) + text_of(got));
        server.finish();
        expect(server.resumptions() == 0 && server.requests == 1, name_of_version(version) + "resumed");
    }
}

void resume_after_skip_verify(connection_workshop& shop)
{
    for (int const version : both_versions) {
        require_resumption(shop, version);
        answering_server server(resumable(shop.chain("trust-untrusted-root"), version));
        client_at_work careless(pks::skip_verification, server.port());
        auto const first = careless.target();
        expect(!first.ec, name_of_version(version) + text_of(first));
        client_at_work careful(shop.root_a(), server.port());
        auto const got = careful.target();
        expect(got.ec == pks::condition::untrusted, name_of_version(version) + text_of(got));
        server.finish();
        expect(server.resumptions() == 0 && server.requests == 1, name_of_version(version) + "resumed");
    }
}

pks::testing::server_identity client_identity(std::string const& name)
{
    static pks::testing::certificate_authority const authority("clients' CA");
    pks::testing::certificate_request what;
    what.common_name = name;
    what.server = false;
    return authority.issue(what);
}

// Asks for a certificate, and takes any, or none.
void ask_for_certificate(::SSL_CTX* context, bool demanded = false)
{
    ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (demanded ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
        [](int, ::X509_STORE_CTX*) { return 1; });
}

void resume_other_client_cert(connection_workshop& shop)
{
    for (int const version : both_versions) {
        require_resumption(shop, version);
        auto const context = resumable(shop.chain("valid-dns-name"), version);
        ask_for_certificate(context.get());
        answering_server server(context);
        for (auto const* const name : {"one", "another", ""}) {
            auto trust = shop.root_a();
            if (*name != '\0') {
                auto const own = client_identity(name);
                trust.client_certificate(own.certificate, pks::secret(own.private_key));
            }
            client_at_work client(trust, server.port());
            auto const got = client.target();
            expect(!got.ec, name_of_version(version) + text_of(got));
        }
        server.finish();
        expect(server.resumptions() == 0, name_of_version(version) + "resumed");
        expect(server.with_client_certificate == 2, name_of_version(version) + "not as many certificates as shown");
    }
}

void pool_other_policy(connection_workshop& shop)
{
    auto const keeping = [](std::string const&) { return target_reply(true); };
    {
        answering_server server(server_context(shop.chain("valid-dns-name")), keeping, false);
        client_at_work client(shop.root_a(), server.port());
        for (int n = 0; n != 2; ++n) {
            auto const got = client.target();
            expect(!got.ec, text_of(got));
        }
        expect(server.connections() == 1, "no client keeps connections");
    }
    answering_server server(server_context(shop.chain("valid-dns-name")), keeping, false);
    auto const own = client_identity("one");
    auto newer = shop.root_a();
    newer.minimum_tls(pks::tls_version::v1_3);
    auto identified = shop.root_a();
    identified.client_certificate(own.certificate, pks::secret(own.private_key));
    pks::trust const policies[] = {shop.root_a(), pks::trust::ca_file(shop.file("pool.pem", shop.pem("root-a"))),
        pks::skip_verification, newer, identified};
    std::list<client_at_work> clients;
    for (auto const& policy : policies) {
        auto const got = clients.emplace_back(policy, server.port()).target();
        expect(!got.ec, text_of(got));
        expect(server.connections() == clients.size(), "a connection of another policy was used");
    }
}

// ---- what a server may offer ----

void only_version(connection_workshop& shop, int version)
{
    auto const context = server_context(shop.chain("valid-dns-name"), version);
    ::SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
    answering_server server(context);
    auto const got = get_from(server.port(), shop.root_a());
    server.finish();
    expect(is_ssl_error(got.ec, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) || is_ssl_error(got.ec, SSL_R_UNSUPPORTED_PROTOCOL),
        text_of(got));
    expect(got.diag.step == pks::step::handshake && server.requests == 0, text_of(got));
}

void old_tls_1_0(connection_workshop& shop)
{
    only_version(shop, TLS1_VERSION);
}

void old_tls_1_1(connection_workshop& shop)
{
    only_version(shop, TLS1_1_VERSION);
}

// The cipher suites of a ClientHello.
std::set<int> offered(std::string_view hello)
{
    auto const octet = [hello](std::size_t at) {
        expect(at < hello.size(), "no ClientHello");
        return static_cast<unsigned char>(hello[at]);
    };
    // Record and handshake header, version, random; then the session's id.
    std::size_t at = 5 + 4 + 2 + 32;
    at += std::size_t{1} + octet(at);
    std::size_t const size = static_cast<std::size_t>(octet(at) << 8 | octet(at + 1));
    std::set<int> out;
    for (std::size_t i = at + 2; i != at + 2 + size; i += 2)
        out.insert(octet(i) << 8 | octet(i + 1));
    return out;
}

std::string server_hello(int cipher)
{
    std::string body = "\x03\x03";
    body += junk(32);
    body += '\0';
    body += static_cast<char>(cipher >> 8);
    body += static_cast<char>(cipher);
    body += '\0';
    std::string message = std::string("\x02\0\0", 3) + static_cast<char>(body.size()) + body;
    return std::string("\x16\x03\x03\0", 4) + static_cast<char>(message.size()) + message;
}

// None of these is offered, and a server that chooses one all the same is refused, as is one that says it has no other.
void never_with(connection_workshop& shop, std::initializer_list<int> ciphers)
{
    for (int const cipher : ciphers) {
        std::atomic<bool> was_offered = false;
        std::atomic<bool> ended = false;
        auto choose = [&](server_socket& socket) {
            auto const hello = socket.read_some();
            was_offered = offered(hello).contains(cipher);
            socket.write(server_hello(cipher));
            ended = socket.wait_for_end();
        };
        scripted_server server(choose);
        auto const got = get_from(server.port(), shop.root_a());
        server.finish();
        auto const which = "suite " + std::to_string(cipher) + ": ";
        expect(!was_offered, which + "offered");
        expect(is_ssl_error(got.ec) && got.diag.step == pks::step::handshake, which + text_of(got));
        expect(ended, which + "the connection stays open");
    }
    auto refuse = [](server_socket& socket) {
        socket.read_some();
        socket.write(std::string_view("\x15\x03\x03\0\x02\x02\x28", 7)); // handshake_failure
        socket.wait_for_end();
    };
    scripted_server server(refuse);
    auto const got = get_from(server.port(), shop.root_a());
    expect(is_ssl_error(got.ec, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE), text_of(got));
}

// What OpenSSL still can do, as a server that does nothing else.
void never_agrees_to(connection_workshop& shop, char const* ciphers)
{
    auto const context = server_context(shop.chain("valid-dns-name"), TLS1_2_VERSION);
    if (::SSL_CTX_set_cipher_list(context.get(), ciphers) != 1) {
        ::ERR_clear_error();
        return;
    }
    answering_server server(context);
    auto const got = get_from(server.port(), shop.root_a());
    server.finish();
    expect(is_ssl_error(got.ec) && server.requests == 0, text_of(got));
}

void cipher_null(connection_workshop& shop)
{
    never_with(shop, {0x0001, 0x0002, 0x003b, 0xc010});
    never_agrees_to(shop, "eNULL:@SECLEVEL=0");
}

void cipher_rc4(connection_workshop& shop)
{
    never_with(shop, {0x0004, 0x0005, 0xc007, 0xc011});
}

void cipher_3des(connection_workshop& shop)
{
    never_with(shop, {0x000a, 0x0016, 0xc012});
}

void cipher_export(connection_workshop& shop)
{
    never_with(shop, {0x0003, 0x0006, 0x0008, 0x0014});
}

void cipher_anonymous_dh(connection_workshop& shop)
{
    never_with(shop, {0x0018, 0x0034, 0x006c, 0x00a6, 0xc018});
    never_agrees_to(shop, "aNULL:@SECLEVEL=0");
}

struct openssl_free
{
    void operator()(::BIGNUM* p) const noexcept
    {
        ::BN_free(p);
    }
    void operator()(::EVP_PKEY_CTX* p) const noexcept
    {
        ::EVP_PKEY_CTX_free(p);
    }
    void operator()(::OSSL_PARAM_BLD* p) const noexcept
    {
        ::OSSL_PARAM_BLD_free(p);
    }
    void operator()(::OSSL_PARAM* p) const noexcept
    {
        ::OSSL_PARAM_free(p);
    }
};
template <class T>
using owned = std::unique_ptr<T, openssl_free>;

void weak_group(connection_workshop& shop, ::BIGNUM* prime)
{
    owned<::BIGNUM> const p(prime);
    owned<::BIGNUM> const g(::BN_new());
    owned<::OSSL_PARAM_BLD> const build(::OSSL_PARAM_BLD_new());
    owned<::EVP_PKEY_CTX> const make(::EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr));
    ::EVP_PKEY* group = nullptr;
    bool good = p && g && build && make && ::BN_set_word(g.get(), 2) == 1 &&
        ::OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_FFC_P, p.get()) == 1 &&
        ::OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_FFC_G, g.get()) == 1;
    owned<::OSSL_PARAM> const parameters(good ? ::OSSL_PARAM_BLD_to_param(build.get()) : nullptr);
    good = parameters && ::EVP_PKEY_fromdata_init(make.get()) == 1 &&
        ::EVP_PKEY_fromdata(make.get(), &group, EVP_PKEY_KEY_PARAMETERS, parameters.get()) == 1;
    auto const context = server_context(shop.chain("valid-dns-name"), TLS1_2_VERSION);
    // Even at level 0 OpenSSL has no group below 1024 bits, unless it is not asked.
    ::SSL_CTX_set_security_callback(
        context.get(), [](::SSL const*, ::SSL_CTX const*, int, int, int, void*, void*) { return 1; });
    if (!good || ::SSL_CTX_set_cipher_list(context.get(), "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0") != 1 ||
        ::SSL_CTX_set0_tmp_dh_pkey(context.get(), group) != 1)
        throw not_runnable("OpenSSL makes no server with such a group");
    answering_server server(context);
    auto const got = get_from(server.port(), shop.root_a());
    server.finish();
    expect(is_ssl_error(got.ec, SSL_R_DH_KEY_TOO_SMALL), text_of(got));
    expect(got.diag.step == pks::step::handshake && server.requests == 0, text_of(got));
}

void dh_1024(connection_workshop& shop)
{
    weak_group(shop, ::BN_get_rfc2409_prime_1024(nullptr));
}

void dh_512(connection_workshop& shop)
{
    auto* const prime = ::BN_new();
    if (::BN_generate_prime_ex(prime, 512, 1, nullptr, nullptr, nullptr) != 1)
        throw std::runtime_error("OpenSSL finds no prime");
    weak_group(shop, prime);
}

// ---- ends ----

void cut_off(connection_workshop& shop, std::string_view reply)
{
    for (int const version : both_versions) {
        auto const context = server_context(shop.chain("valid-dns-name"), version);
        auto serve = [&](server_socket& socket) {
            server_tls tls(socket, context.get());
            if (tls.accept() && !tls.read_head().empty())
                tls.write(reply);
        };
        scripted_server server(serve);
        auto const got = get_from(server.port(), shop.root_a());
        expect(got.ec == errc::truncated, name_of_version(version) + text_of(got));
        expect(!got.diag.reusable, name_of_version(version) + "reusable");
    }
}

void eof_in_headers(connection_workshop& shop)
{
    cut_off(shop, "HTTP/1.1 200 OK\r\nContent-Le");
    cut_off(shop, "HTTP/1.1 200 OK\r\n");
}

void eof_in_content_length(connection_workshop& shop)
{
    cut_off(shop, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123456789");
}

void eof_in_chunked(connection_workshop& shop)
{
    cut_off(shop, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
    cut_off(shop, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n");
}

void eof_after_eof_delimited(connection_workshop& shop)
{
    cut_off(shop, "HTTP/1.1 200 OK\r\n\r\nabc");
}

void eof_close_notify(connection_workshop& shop)
{
    for (int const version : both_versions) {
        auto const reply = [](std::string const&) { return std::string("HTTP/1.1 200 OK\r\n\r\nabc"); };
        answering_server server(server_context(shop.chain("valid-dns-name"), version), reply);
        auto const got = get_from(server.port(), shop.root_a());
        expect(!got.ec && got.body == "abc" && !got.diag.reusable, name_of_version(version) + text_of(got));
    }
}

// ---- stalls ----

// The deadline is met, give or take what another load on the machine costs; and nothing stays open.
void expect_timeout(connection_workshop& shop, scripted_server::script const& play, std::atomic<std::size_t>& ended,
    std::chrono::milliseconds deadline, std::string const& where)
{
    attempt got;
    for (int tries = 0; tries != 3; ++tries) {
        ended = 0;
        scripted_server server(play);
        {
            client_at_work client(shop.root_a(), server.port());
            got = client.target(deadline);
        }
        server.finish();
        expect_error(got.ec, errc::timeout);
        expect(got.diag.step == pks::step::handshake, where + text_of(got));
        expect(got.took >= deadline, where + "too early: " + text_of(got));
        expect(ended == server.connections() && ended != 0, where + "a connection stays open");
        if (got.took <= deadline + 100ms)
            return;
    }
    throw otherwise(where + "too late: " + text_of(got));
}

void stall_after(connection_workshop& shop, std::function<std::string(std::vector<std::string_view> const&, int)> part,
    bool first_flight_whole_in_1_2 = false)
{
    for (int const version : both_versions) {
        auto const context = server_context(shop.chain("valid-dns-name"), version);
        std::atomic<std::size_t> ended = 0;
        auto play = [&](server_socket& socket) {
            shake_hands_partially(socket, context.get(), [&](std::size_t flight, std::string_view octets) {
                if (first_flight_whole_in_1_2 && version == TLS1_2_VERSION)
                    return flight == 0 && socket.write(octets);
                socket.write(part(records_in(octets), version));
                return false;
            });
            ended += socket.wait_for_end();
        };
        expect_timeout(shop, play, ended, 300ms, name_of_version(version));
    }
}

std::string first_records(std::vector<std::string_view> const& records, std::size_t count)
{
    std::string out;
    for (std::size_t i = 0; i != std::min(count, records.size()); ++i)
        out += records[i];
    return out;
}

void stall_1(connection_workshop& shop)
{
    stall_after(shop, [](std::vector<std::string_view> const&, int) { return std::string(); });
}

void stall_2(connection_workshop& shop)
{
    stall_after(shop, [](std::vector<std::string_view> const& all, int) { return first_records(all, 1); });
}

void stall_3(connection_workshop& shop)
{
    stall_after(shop, [](std::vector<std::string_view> const& all, int version) {
        // ServerHello, and in TLS 1.3 ChangeCipherSpec and EncryptedExtensions.
        std::size_t const before = version == TLS1_2_VERSION ? 1 : 3;
        expect(all.size() > before, "the certificate has no record of its own");
        auto const& certificate = all[before];
        return first_records(all, before) + std::string(certificate.substr(0, certificate.size() / 2));
    });
}

void stall_4(connection_workshop& shop)
{
    stall_after(
        shop, [](std::vector<std::string_view> const& all, int) { return first_records(all, all.size() - 1); }, true);
}

void drip_handshake(connection_workshop& shop)
{
    for (int const version : both_versions) {
        auto const context = server_context(shop.chain("valid-dns-name"), version);
        std::atomic<std::size_t> ended = 0;
        auto play = [&](server_socket& socket) {
            shake_hands_partially(socket, context.get(), [&](std::size_t, std::string_view octets) {
                for (auto const octet : octets) {
                    if (!socket.write(std::string_view(&octet, 1)) || socket.ends_within(1s)) {
                        ++ended;
                        break;
                    }
                }
                return false;
            });
        };
        expect_timeout(shop, play, ended, 1500ms, name_of_version(version));
    }
}

void refused_at_once(connection_workshop& shop, std::string const& octets, int reason)
{
    auto play = [&](server_socket& socket) {
        socket.read_some();
        socket.write(octets);
        socket.wait_for_end();
    };
    scripted_server server(play);
    auto const began = clock::now();
    auto const got = get_from(server.port(), shop.root_a());
    expect(clock::now() - began < 2s, "not at once");
    expect(is_ssl_error(got.ec, reason) && got.diag.step == pks::step::handshake, text_of(got));
}

void junk_instead_of_tls(connection_workshop& shop)
{
    refused_at_once(shop, junk(16384), SSL_R_WRONG_VERSION_NUMBER);
}

void plain_http_on_tls_port(connection_workshop& shop)
{
    // OpenSSL's name for what is no TLS record.
    refused_at_once(shop, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", SSL_R_WRONG_VERSION_NUMBER);
}

// ---- what a server may ask for ----

void server_asks_client_cert(connection_workshop& shop)
{
    for (int const version : both_versions) {
        for (bool const demanded : {false, true}) {
            auto const context = server_context(shop.chain("valid-dns-name"), version);
            ask_for_certificate(context.get(), demanded);
            answering_server server(context);
            auto const got = get_from(server.port(), shop.root_a());
            server.finish();
            auto const where = name_of_version(version) + (demanded ? "demanded: " : "asked: ");
            expect(demanded == static_cast<bool>(got.ec), where + text_of(got));
            expect(server.requests == (demanded ? 0U : 1U) && server.with_client_certificate == 0, where + "not empty");
        }
    }
}

void renegotiation(connection_workshop& shop)
{
    auto const context = server_context(shop.chain("valid-dns-name"), TLS1_2_VERSION);
    std::atomic<std::size_t> requests = 0;
    std::atomic<bool> asked = false;
    auto serve = [&](server_socket& socket) {
        server_tls tls(socket, context.get());
        if (!tls.accept() || tls.read_head().empty())
            return;
        ++requests;
        tls.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
        asked = ::SSL_renegotiate(tls.native()) == 1 && ::SSL_do_handshake(tls.native()) == 1;
        tls.write("def");
        if (!tls.read_head().empty())
            ++requests;
    };
    scripted_server server(serve);
    auto const got = get_from(server.port(), shop.root_a());
    server.finish();
    expect(asked, "the server could not ask");
    expect(!got.ec && got.body == "abcdef", text_of(got));
    expect(requests == 1, "the request was sent twice");
}

void key_update_flood(connection_workshop& shop)
{
    for (int const kind : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
        auto const context = server_context(shop.chain("valid-dns-name"), TLS1_3_VERSION);
        std::atomic<int> updates = 0;
        auto serve = [&](server_socket& socket) {
            server_tls tls(socket, context.get());
            if (!tls.accept() || tls.read_head().empty())
                return;
            tls.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
            while (
                updates < 10'000 && ::SSL_key_update(tls.native(), kind) == 1 && ::SSL_do_handshake(tls.native()) == 1)
                ++updates;
            tls.write("def");
            socket.wait_for_end();
        };
        scripted_server server(serve);
        auto const began = clock::now();
        auto const got = get_from(server.port(), shop.root_a());
        auto const took = clock::now() - began;
        server.finish();
        expect(updates == 10'000 || got.ec, "only " + std::to_string(updates) + " updates");
        expect(got.ec != errc::timeout && took < 9s, text_of(got));
        expect(got.ec || got.body == "abcdef", "another body");
    }
}

// ---- names ----

void sni_for_ip_literal(connection_workshop& shop)
{
    for (auto const* const id : {"valid-ipv4", "valid-ipv6"}) {
        bool const ipv6 = std::string_view(id) == "valid-ipv6";
        auto const context = server_context(shop.chain(id));
        std::string name = "none seen";
        auto serve = [&](server_socket& socket) {
            server_tls tls(socket, context.get());
            if (!tls.accept() || tls.read_head().empty())
                return;
            auto const* const seen = ::SSL_get_servername(tls.native(), TLSEXT_NAMETYPE_host_name);
            name = seen ? seen : "";
            tls.write("HTTP/1.1 204 \r\n\r\n");
        };
        scripted_server server(serve, ipv6);
        auto const got = get_from(server.port(), shop.root_a(), ipv6 ? "::1" : "127.0.0.1");
        server.finish();
        expect(!got.ec, text_of(got));
        expect(name.empty(), "server_name is " + name);
    }
}

void sni_for_name(connection_workshop& shop)
{
    answering_server server(server_context(shop.chain("valid-dns-name")));
    auto const got = get_from(server.port(), shop.root_a(), "API.pks.test.");
    server.finish();
    expect(!got.ec, text_of(got));
    expect(server.names == std::vector<std::string>{"api.pks.test"}, "server_name is " + server.names.at(0));
}

void alpn_unrequested_h2(connection_workshop& shop)
{
    for (int const version : both_versions) {
        auto const context = server_context(shop.chain("valid-dns-name"), version);
        ::SSL_CTX_set_alpn_select_cb(
            context.get(),
            [](::SSL*, unsigned char const** out, unsigned char* size, unsigned char const*, unsigned int, void*) {
                static unsigned char const h2[] = {'h', '2'};
                *out = h2;
                *size = sizeof h2;
                return SSL_TLSEXT_ERR_OK;
            },
            nullptr);
        answering_server server(context);
        auto const got = get_from(server.port(), shop.root_a());
        server.finish();
        expect(got.ec && got.diag.step == pks::step::handshake && server.requests == 0,
            name_of_version(version) + text_of(got));
    }
}

void idn_u_label_host(connection_workshop&)
{
    for (auto const* const host : {"h\xc3\xb6st.pks.test", "\xd0\xbf\xd0\xba\xd1\x81.test:8443"}) {
        auto const endpoint = pks::endpoint::parse(host, 443);
        expect_error(endpoint.has_error() ? endpoint.error() : pks::error_code(), errc::invalid_endpoint);
    }
}

using case_function = void (*)(connection_workshop&);

std::map<std::string_view, case_function> const& all_cases()
{
    static std::map<std::string_view, case_function> const out = {
        {"ca-file-missing", &ca_file_missing},
        {"ca-file-unreadable", &ca_file_unreadable},
        {"ca-file-directory", &ca_file_directory},
        {"ca-file-empty", &ca_file_empty},
        {"ca-file-junk", &ca_file_junk},
        {"ca-file-der", &ca_file_der},
        {"ca-file-junk-and-good", &ca_file_junk_and_good},
        {"ca-file-private-key-inside", &ca_file_private_key_inside},
        {"ca-file-10000", &ca_file_10000},
        {"ca-file-replaced", &ca_file_replaced},
        {"ca-user-only", &ca_user_only},
        {"skip-verify-is-per-client", &skip_verify_is_per_client},
        {"resume-other-host", &resume_other_host},
        {"resume-other-ca", &resume_other_ca},
        {"resume-after-skip-verify", &resume_after_skip_verify},
        {"resume-other-client-cert", &resume_other_client_cert},
        {"pool-other-policy", &pool_other_policy},
        {"old-tls-1-0", &old_tls_1_0},
        {"old-tls-1-1", &old_tls_1_1},
        {"cipher-null", &cipher_null},
        {"cipher-rc4", &cipher_rc4},
        {"cipher-3des", &cipher_3des},
        {"cipher-export", &cipher_export},
        {"cipher-anonymous-dh", &cipher_anonymous_dh},
        {"dh-1024", &dh_1024},
        {"dh-512", &dh_512},
        {"eof-in-headers", &eof_in_headers},
        {"eof-in-content-length", &eof_in_content_length},
        {"eof-in-chunked", &eof_in_chunked},
        {"eof-after-eof-delimited", &eof_after_eof_delimited},
        {"eof-close-notify", &eof_close_notify},
        {"stall-1", &stall_1},
        {"stall-2", &stall_2},
        {"stall-3", &stall_3},
        {"stall-4", &stall_4},
        {"drip-handshake", &drip_handshake},
        {"junk-instead-of-tls", &junk_instead_of_tls},
        {"plain-http-on-tls-port", &plain_http_on_tls_port},
        {"server-asks-client-cert", &server_asks_client_cert},
        {"renegotiation", &renegotiation},
        {"key-update-flood", &key_update_flood},
        {"sni-for-ip-literal", &sni_for_ip_literal},
        {"sni-for-name", &sni_for_name},
        {"alpn-unrequested-h2", &alpn_unrequested_h2},
        {"idn-u-label-host", &idn_u_label_host},
    };
    return out;
}

} // namespace

std::string run_connection_cases(json::object const& suite, certificate_factory& factory, suite_tally& tally)
{
    std::size_t played = 0;
    connection_workshop shop(suite, factory);
    for (auto const& each : suite.at("connection_cases").as_array()) {
        std::string const name(each.at("id").as_string());
        auto const id = "connection/" + name;
        if (!tally.wants(id))
            continue;
        auto const found = all_cases().find(name);
        if (found == all_cases().end())
            throw suites::suite_error("tls: the connection case " + name + " is unknown here");
        ++played;
        try {
            found->second(shop);
            tally.hold();
        } catch (not_runnable const& why) {
            tally.cannot_run(id, why.what());
        } catch (std::exception const& seen) {
            tally.fail(id,
                {std::string(each.at("setup").as_string()), "outcome", std::string(each.at("expect").as_string()),
                    seen.what()});
        }
    }
    return std::to_string(played) + " of connections";
}

} // namespace conform
