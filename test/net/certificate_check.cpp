// net/certificate_check.hpp: what a chain is refused for beyond what OpenSSL refuses, and what that is called.
#include <net/outcome.hpp>

#include <pks/net/certificate_check.hpp>
#include <pks/net/tls_context.hpp>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using pks::error_code;
using pks::tls_errc;

using key_ptr = std::shared_ptr<::EVP_PKEY>;
using certificate_ptr = std::shared_ptr<::X509>;

key_ptr new_key()
{
    key_ptr out(::EVP_EC_gen("P-256"), &::EVP_PKEY_free);
    BOOST_TEST_REQUIRE((out != nullptr));
    return out;
}

using extensions = std::vector<std::pair<int, std::string>>;

// What every good CA and every good server certificate has, for tests to leave something out or add it.
extensions of_ca()
{
    return {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,cRLSign"},
        {NID_subject_key_identifier, "hash"}};
}

extensions of_server(std::string const& names = "DNS:api.pks.test")
{
    return {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, "critical,digitalSignature"},
        {NID_ext_key_usage, "serverAuth"}, {NID_subject_key_identifier, "hash"},
        {NID_authority_key_identifier, "keyid"}, {NID_subject_alt_name, names}};
}

extensions without(extensions all, int nid)
{
    std::erase_if(all, [nid](auto const& each) { return each.first == nid; });
    return all;
}

extensions with(extensions all, int nid, std::string const& value)
{
    all.emplace_back(nid, value);
    return all;
}

certificate_ptr certificate(char const* name, key_ptr const& key, extensions const& has, certificate_ptr const& issuer,
    key_ptr const& issuers_key, ::EVP_MD const* digest = ::EVP_sha256())
{
    certificate_ptr out(::X509_new(), &::X509_free);
    auto* const made = out.get();
    auto* const from = issuer ? issuer.get() : made;
    ::X509_set_version(made, X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(made), 7);
    ::X509_NAME_add_entry_by_txt(
        ::X509_get_subject_name(made), "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>(name), -1, -1, 0);
    ::X509_set_issuer_name(made, ::X509_get_subject_name(from));
    ::X509_gmtime_adj(::X509_getm_notBefore(made), -3600);
    ::X509_gmtime_adj(::X509_getm_notAfter(made), 86400);
    ::X509_set_pubkey(made, key.get());
    for (auto const& [nid, value] : has) {
        if (nid == NID_name_constraints && value.empty()) {
            std::unique_ptr<::NAME_CONSTRAINTS, decltype(&::NAME_CONSTRAINTS_free)> const none(
                ::NAME_CONSTRAINTS_new(), &::NAME_CONSTRAINTS_free);
            BOOST_TEST_REQUIRE(::X509_add1_ext_i2d(made, nid, none.get(), 1, X509V3_ADD_APPEND) == 1);
            continue;
        }
        ::X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        ::X509V3_set_ctx(&context, from, made, nullptr, nullptr, 0);
        std::unique_ptr<::X509_EXTENSION, decltype(&::X509_EXTENSION_free)> const extension(
            ::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &::X509_EXTENSION_free);
        BOOST_TEST_REQUIRE((extension && ::X509_add_ext(made, extension.get(), -1) == 1), value);
    }
    BOOST_TEST_REQUIRE(::X509_sign(made, issuers_key.get(), digest) != 0);
    return out;
}

std::string pem(certificate_ptr const& one)
{
    std::unique_ptr<::BIO, decltype(&::BIO_free)> const out(::BIO_new(::BIO_s_mem()), &::BIO_free);
    BOOST_TEST_REQUIRE(::PEM_write_bio_X509(out.get(), one.get()) == 1);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

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

// One root for most tests.
struct authority
{
    key_ptr key = new_key();
    certificate_ptr root = certificate("root", key, of_ca(), nullptr, key);

    certificate_ptr issue(extensions const& has, ::EVP_MD const* digest = ::EVP_sha256()) const
    {
        return certificate("api.pks.test", new_key(), has, root, key, digest);
    }
};

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
