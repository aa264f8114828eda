// net/certificate_check.hpp: what a chain is refused for beyond what OpenSSL refuses, and what that is called.
#include <net/made_certificates.hpp>
#include <net/outcome.hpp>

#include <pks/net/certificate_check.hpp>
#include <pks/net/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace {

using pks::error_code;
using pks::tls_errc;

using made::authority;
using made::certificate;
using made::certificate_ptr;
using made::extensions;
using made::key_ptr;
using made::new_key;
using made::of_ca;
using made::of_server;
using made::pem;
using made::with;
using made::without;

struct seen
{
    pks::endpoint server = pks::endpoint::uaa("api.pks.test");
    bool overrule = false;
    int verdict = -1;
    int calls = 0; ///< of the callback, with something against the chain
    int depth = -1;
    error_code ec;
    std::string detail;
};

int index_of_seen()
{
    static int const own = ::X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return own;
}

int note(int good, ::X509_STORE_CTX* store)
{
    auto& out = *static_cast<seen*>(::X509_STORE_CTX_get_ex_data(store, index_of_seen()));
    if (good == 1)
        return 1;
    ++out.calls;
    out.ec = pks::net::reason_of_refusal(store, out.server);
    out.detail = ::X509_verify_cert_error_string(::X509_STORE_CTX_get_error(store));
    out.depth = ::X509_STORE_CTX_get_error_depth(store);
    return out.overrule;
}

seen verify(certificate_ptr const& leaf, certificate_ptr const& root, bool overrule = false)
{
    seen out;
    out.overrule = overrule;
    auto const context = pks::net::make_tls_context(pks::trust::pem(pem(root)));
    BOOST_TEST_REQUIRE(context.has_value());
    auto* const native = (*context)->native_handle();
    std::unique_ptr<::SSL, decltype(&::SSL_free)> const ssl(::SSL_new(native), &::SSL_free);
    BOOST_TEST_REQUIRE(pks::net::require_host(ssl.get(), out.server));
    std::unique_ptr<::X509_STORE_CTX, decltype(&::X509_STORE_CTX_free)> const store(
        ::X509_STORE_CTX_new(), &::X509_STORE_CTX_free);
    BOOST_TEST_REQUIRE(::X509_STORE_CTX_init(store.get(), ::SSL_CTX_get_cert_store(native), leaf.get(), nullptr) == 1);
    auto* const parameters = ::X509_STORE_CTX_get0_param(store.get());
    ::X509_VERIFY_PARAM_set_auth_level(parameters, ::SSL_get_security_level(ssl.get()));
    ::X509_STORE_CTX_set_default(store.get(), "ssl_server");
    ::X509_VERIFY_PARAM_set1(parameters, ::SSL_get0_param(ssl.get()));
    ::X509_STORE_CTX_set_ex_data(store.get(), index_of_seen(), &out);
    ::X509_STORE_CTX_set_verify_cb(store.get(), &note);
    out.verdict = pks::net::verify_server_chain(store.get(), nullptr);
    ::ERR_clear_error();
    return out;
}

void check_accepted(seen const& s)
{
    BOOST_TEST(s.verdict == 1, s.detail);
    BOOST_TEST(s.calls == 0);
}

void check_refused(seen const& s, tls_errc expected, std::string_view detail, int depth = 0)
{
    BOOST_TEST(s.verdict == 0);
    BOOST_TEST(s.ec == expected);
    BOOST_TEST(s.detail == detail);
    BOOST_TEST(s.depth == depth);
    BOOST_TEST(s.calls == 1);
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificate_check)

BOOST_AUTO_TEST_CASE(takes_a_good_chain)
{
    authority const ca;
    check_accepted(verify(ca.issue(of_server()), ca.root));
}

BOOST_AUTO_TEST_CASE(takes_names_beside_the_hosts_that_are_unusual)
{
    authority const ca;
    for (auto const* const name : {"*.pks.test", "*", "a_b.pks.test", "q-s0.*.mysql.test", "other.test.", "1.2.3.4"})
        check_accepted(verify(ca.issue(of_server("DNS:api.pks.test,DNS:" + std::string(name))), ca.root));
}

BOOST_AUTO_TEST_CASE(refuses_names_that_are_none_beside_the_hosts)
{
    authority const ca;
    for (auto const* const name : {".pks.test", "a..b", "..", "a b.test", "a\tb.test", "h\xc3\xb6st.test"})
        check_refused(verify(ca.issue(of_server("DNS:api.pks.test,DNS:" + std::string(name))), ca.root),
            tls_errc::malformed, "unsupported or invalid name syntax");
}

BOOST_AUTO_TEST_CASE(refuses_name_constraints_of_a_server)
{
    authority const ca;
    auto const leaf = ca.issue(with(of_server(), NID_name_constraints, "permitted;DNS:pks.test"));
    check_refused(verify(leaf, ca.root), tls_errc::malformed, "invalid or inconsistent certificate extension");
}

BOOST_AUTO_TEST_CASE(refuses_name_constraints_without_a_name)
{
    auto const key = new_key();
    auto const root = certificate("root", key, with(of_ca(), NID_name_constraints, ""), nullptr, key);
    auto const leaf = certificate("api.pks.test", new_key(), of_server(), root, key);
    check_refused(verify(leaf, root), tls_errc::malformed, "unsupported or invalid name constraint syntax", 1);
}

BOOST_AUTO_TEST_CASE(heeds_name_constraints)
{
    auto const key = new_key();
    auto const constrained = [&](char const* text) {
        auto const root = certificate("root", key, with(of_ca(), NID_name_constraints, text), nullptr, key);
        return verify(certificate("api.pks.test", new_key(), of_server(), root, key), root);
    };
    check_accepted(constrained("critical,permitted;DNS:pks.test"));
    check_accepted(constrained("permitted;DNS:pks.test"));
    check_refused(
        constrained("critical,permitted;DNS:other.test"), tls_errc::name_not_permitted, "permitted subtree violation");
    check_refused(
        constrained("critical,excluded;DNS:api.pks.test"), tls_errc::name_not_permitted, "excluded subtree violation");
}

BOOST_AUTO_TEST_CASE(refuses_keys_of_other_kinds)
{
    auto const key = new_key();
    auto const root = certificate("root", key, of_ca(), nullptr, key);
    // It signs nothing, and unlike one for DSA it is made at once.
    key_ptr const agreement(::EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"), &::EVP_PKEY_free);
    auto const leaf = certificate("api.pks.test", agreement, of_server(), root, key);
    check_refused(verify(leaf, root), tls_errc::weak, "Cannot find certificate signature algorithm");
}

BOOST_AUTO_TEST_CASE(refuses_what_breaks_rfc_5280)
{
    authority const ca;
    check_refused(verify(ca.issue(without(of_server(), NID_authority_key_identifier)), ca.root), tls_errc::malformed,
        "Missing Authority Key Identifier");
    auto const refuse_root = [](extensions const& has, std::string_view detail) {
        auto const key = new_key();
        auto const root = certificate("root", key, has, nullptr, key);
        auto const leaf =
            certificate("api.pks.test", new_key(), without(of_server(), NID_authority_key_identifier), root, key);
        auto const got = verify(leaf, root, true);
        BOOST_TEST(got.ec == tls_errc::malformed);
        BOOST_TEST(got.detail == detail);
        BOOST_TEST(got.depth == 1);
    };
    refuse_root(without(of_ca(), NID_key_usage), "CA cert does not include key usage extension");
    refuse_root(without(of_ca(), NID_subject_key_identifier), "Missing Subject Key Identifier");
}

BOOST_AUTO_TEST_CASE(refuses_sha_1)
{
    authority const ca;
    check_refused(
        verify(ca.issue(of_server(), ::EVP_sha1()), ca.root), tls_errc::weak, "CA signature digest algorithm too weak");
}

BOOST_AUTO_TEST_CASE(refuses_an_issuer_that_is_no_ca)
{
    auto const key = new_key();
    auto const root = certificate("root", key,
        {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_subject_key_identifier, "hash"}}, nullptr, key);
    auto const leaf = certificate("api.pks.test", new_key(), of_server(), root, key);
    auto const got = verify(leaf, root);
    BOOST_TEST(got.verdict == 0);
    BOOST_TEST(got.ec == tls_errc::invalid_purpose);
}

// As it has with what OpenSSL itself finds.
BOOST_AUTO_TEST_CASE(the_callback_has_the_last_word)
{
    authority const ca;
    auto const leaf = ca.issue(with(of_server(), NID_name_constraints, "permitted;DNS:pks.test"));
    auto const got = verify(leaf, ca.root, true);
    BOOST_TEST(got.verdict == 1);
    BOOST_TEST(got.calls == 1);
    BOOST_TEST(got.ec == tls_errc::malformed);
}

BOOST_AUTO_TEST_SUITE_END()
