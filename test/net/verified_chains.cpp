// net/verified_chains.hpp, as verify_server_chain uses it: which chains are not verified again.
#include <net/made_certificates.hpp>
#include <net/outcome.hpp>

#include <pks/net/certificate_check.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/net/tls_sessions.hpp>
#include <pks/net/verified_chains.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using made::authority;
using made::certificate;
using made::certificate_ptr;
using made::new_key;
using made::of_ca;
using made::of_server;
using made::with;
using pks::net::verified_chains;

std::string const both_names = "DNS:api.pks.test,DNS:uaa.pks.test,IP:192.0.2.1";
pks::endpoint const api = pks::endpoint::uaa("api.pks.test");

int index_of_calls()
{
    static int const own = ::X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return own;
}

// What the verify callback was told.
struct told
{
    int good = 0; ///< calls for certificates that OpenSSL has verified
    int bad = 0;
    bool overrule = false;
};

int count(int good, ::X509_STORE_CTX* store)
{
    auto& t = *static_cast<told*>(::X509_STORE_CTX_get_ex_data(store, index_of_calls()));
    ++(good == 1 ? t.good : t.bad);
    return good == 1 || t.overrule ? 1 : 0;
}

// One verification, as OpenSSL has it made in a handshake.
class verification
{
public:
    verification(boost::asio::ssl::context& context, std::vector<certificate_ptr> shown, pks::endpoint const& server)
        : shown_(std::move(shown)),
          others_(sk_X509_new_null()),
          ssl_(::SSL_new(context.native_handle())),
          store_(::X509_STORE_CTX_new())
    {
        for (auto const& each : shown_)
            BOOST_TEST_REQUIRE(sk_X509_push(others_.get(), each.get()) > 0);
        BOOST_TEST_REQUIRE(pks::net::require_host(ssl_.get(), server));
        auto* const anchors = ::SSL_CTX_get_cert_store(context.native_handle());
        BOOST_TEST_REQUIRE(::X509_STORE_CTX_init(store(), anchors, shown_.front().get(), others_.get()) == 1);
        ::X509_VERIFY_PARAM_set_auth_level(demands(), ::SSL_get_security_level(ssl_.get()));
        ::X509_STORE_CTX_set_ex_data(store(), ::SSL_get_ex_data_X509_STORE_CTX_idx(), ssl_.get());
        ::X509_STORE_CTX_set_default(store(), "ssl_server");
        ::X509_VERIFY_PARAM_set1(demands(), ::SSL_get0_param(ssl_.get()));
        ::X509_STORE_CTX_set_ex_data(store(), index_of_calls(), &seen);
        ::X509_STORE_CTX_set_verify_cb(store(), &count);
    }

    ::SSL* ssl() const
    {
        return ssl_.get();
    }
    ::X509_STORE_CTX* store() const
    {
        return store_.get();
    }
    ::X509_VERIFY_PARAM* demands() const
    {
        return ::X509_STORE_CTX_get0_param(store());
    }
    int run()
    {
        auto const verdict = pks::net::verify_server_chain(store(), nullptr);
        ::ERR_clear_error();
        return verdict;
    }
    int error() const
    {
        return ::X509_STORE_CTX_get_error(store());
    }
    int length() const
    {
        return sk_X509_num(::X509_STORE_CTX_get0_chain(store()));
    }

    told seen;

private:
    struct release
    {
        void operator()(STACK_OF(X509) * s) const noexcept
        {
            sk_X509_free(s);
        }
        void operator()(::SSL* s) const noexcept
        {
            ::SSL_free(s);
        }
        void operator()(::X509_STORE_CTX* s) const noexcept
        {
            ::X509_STORE_CTX_free(s);
        }
    };

    std::vector<certificate_ptr> shown_;
    std::unique_ptr<STACK_OF(X509), release> others_;
    std::unique_ptr<::SSL, release> ssl_;
    std::unique_ptr<::X509_STORE_CTX, release> store_;
};

// The same certificate as another handshake reads it.
certificate_ptr read_again(certificate_ptr const& one)
{
    return {::X509_dup(one.get()), &::X509_free};
}

struct fixture
{
    std::shared_ptr<boost::asio::ssl::context> context_of(pks::trust const& policy) const
    {
        auto const made = pks::net::make_tls_context(policy);
        BOOST_TEST_REQUIRE(made.has_value());
        return *made;
    }

    void check_verified(std::vector<certificate_ptr> const& shown, pks::endpoint const& server = api)
    {
        verification v(*context, shown, server);
        chains.attach(v.ssl());
        BOOST_TEST(v.run() == 1);
        BOOST_TEST(v.error() == X509_V_OK);
        BOOST_TEST(v.seen.good == 2);
        BOOST_TEST(v.seen.bad == 0);
        BOOST_TEST(v.length() == 2);
    }

    void check_known(std::vector<certificate_ptr> const& shown, pks::endpoint const& server = api)
    {
        verification v(*context, shown, server);
        chains.attach(v.ssl());
        BOOST_TEST(v.run() == 1);
        BOOST_TEST(v.error() == X509_V_OK);
        BOOST_TEST(v.seen.good == 0);
        BOOST_TEST(v.seen.bad == 0);
        BOOST_TEST(v.length() == 2);
        auto* const own = sk_X509_value(::X509_STORE_CTX_get0_chain(v.store()), 0);
        BOOST_TEST(::X509_cmp(own, shown.front().get()) == 0);
    }

    void check_refused(std::vector<certificate_ptr> const& shown, int error, pks::endpoint const& server = api)
    {
        auto const before = chains.size();
        verification v(*context, shown, server);
        chains.attach(v.ssl());
        BOOST_TEST(v.run() == 0);
        BOOST_TEST(v.error() == error);
        BOOST_TEST(v.seen.bad == 1);
        BOOST_TEST(chains.size() == before);
    }

    // With demands that the library never makes.
    void check_never_known(std::function<void(verification&)> const& demand)
    {
        check_known({leaf});
        for (int i = 0; i != 2; ++i) {
            verification v(*context, {leaf}, api);
            chains.attach(v.ssl());
            demand(v);
            v.run();
            BOOST_TEST(v.seen.good + v.seen.bad != 0);
            BOOST_TEST(chains.size() == 1U);
        }
    }

    authority const ca;
    certificate_ptr const leaf = ca.issue(of_server(both_names));
    std::shared_ptr<boost::asio::ssl::context> context = context_of(pks::trust::pem(made::pem(ca.root)));
    verified_chains chains;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(known_chains, fixture)

BOOST_AUTO_TEST_CASE(a_good_chain_is_verified_once)
{
    check_verified({leaf});
    for (int i = 0; i != 3; ++i)
        check_known({read_again(leaf)});
    BOOST_TEST(chains.size() == 1U);
}

BOOST_AUTO_TEST_CASE(without_a_memory_it_is_verified_each_time)
{
    for (int i = 0; i != 2; ++i) {
        verification v(*context, {leaf}, api);
        BOOST_TEST((verified_chains::of(v.store()) == nullptr));
        BOOST_TEST(v.run() == 1);
        BOOST_TEST(v.seen.good == 2);
    }
}

BOOST_AUTO_TEST_CASE(sessions_bring_one)
{
    pks::net::tls_sessions sessions;
    sessions.watch(*context);
    for (int i = 0; i != 3; ++i) {
        verification v(*context, {leaf}, api);
        sessions.prepare(v.ssl(), api);
        BOOST_TEST(v.run() == 1);
        BOOST_TEST(v.seen.good == (i == 0 ? 2 : 0));
    }
}

BOOST_AUTO_TEST_CASE(each_host_is_judged_for_itself)
{
    check_verified({leaf});
    check_verified({leaf}, pks::endpoint::uaa("uaa.pks.test"));
    check_verified({leaf}, pks::endpoint::uaa("192.0.2.1"));
    check_refused({leaf}, X509_V_ERR_HOSTNAME_MISMATCH, pks::endpoint::uaa("other.pks.test"));
    check_refused({leaf}, X509_V_ERR_HOSTNAME_MISMATCH, pks::endpoint::uaa("api.pks.tes"));
    check_refused({leaf}, X509_V_ERR_IP_ADDRESS_MISMATCH, pks::endpoint::uaa("192.0.2.2"));
    check_known({leaf});
    check_known({leaf}, pks::endpoint::uaa("uaa.pks.test"));
    check_known({leaf}, pks::endpoint::uaa("192.0.2.1"));
}

BOOST_AUTO_TEST_CASE(each_certificate_counts_and_their_order)
{
    authority const other;
    auto const second = ca.issue(of_server(both_names));
    check_verified({leaf});
    check_verified({second});
    check_verified({leaf, ca.root});
    check_verified({leaf, ca.root, other.root});
    check_verified({leaf, other.root, ca.root});
    check_verified({leaf, ca.root, ca.root});
    BOOST_TEST(chains.size() == 6U);
    check_known({leaf, other.root, ca.root});
    check_known({second});
    check_known({leaf});
}

BOOST_AUTO_TEST_CASE(another_signature_is_another_certificate)
{
    check_verified({leaf});
    auto const forged = read_again(leaf);
    ::ASN1_BIT_STRING const* signature = nullptr;
    ::X509_get0_signature(&signature, nullptr, forged.get());
    signature->data[signature->length - 1] ^= 1;
    check_refused({forged}, X509_V_ERR_CERT_SIGNATURE_FAILURE);
    check_known({leaf});
}

BOOST_AUTO_TEST_CASE(a_refusal_is_never_remembered)
{
    authority const other;
    auto const unknown = other.issue(of_server(both_names));
    auto const constrained = ca.issue(with(of_server(), NID_name_constraints, "permitted;DNS:pks.test"));
    auto const nameless = ca.issue(of_server("DNS:api.pks.test,DNS:a..b"));
    for (int i = 0; i != 3; ++i) {
        check_refused({unknown}, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
        check_refused({constrained}, X509_V_ERR_INVALID_EXTENSION);
        check_refused({nameless}, X509_V_ERR_UNSUPPORTED_NAME_SYNTAX);
    }
    BOOST_TEST(chains.size() == 0U);
}

BOOST_AUTO_TEST_CASE(neither_is_what_a_callback_overruled)
{
    authority const other;
    auto const constrained = ca.issue(with(of_server(), NID_name_constraints, "permitted;DNS:pks.test"));
    for (auto const& one : {other.issue(of_server()), constrained})
        for (int i = 0; i != 2; ++i) {
            verification v(*context, {one}, api);
            chains.attach(v.ssl());
            v.seen.overrule = true;
            BOOST_TEST(v.run() == 1);
            BOOST_TEST(v.seen.bad >= 1);
            BOOST_TEST(chains.size() == 0U);
        }
}

BOOST_AUTO_TEST_CASE(the_time_is_judged_each_time)
{
    auto const now = std::time(nullptr);
    auto const find = [&](std::time_t at) {
        verification v(*context, {leaf}, api);
        chains.attach(v.ssl());
        return chains.find(v.store(), at);
    };
    // The maker's certificates begin an hour ago and end in a day.
    check_verified({leaf});
    BOOST_TEST(find(now));
    BOOST_TEST(find(now + 86400 - 60));
    BOOST_TEST(!find(now + 86400 + 60));
    // It is forgotten.
    BOOST_TEST(chains.size() == 0U);
    BOOST_TEST(!find(now));
    check_verified({leaf});
    BOOST_TEST(find(now - 3600 + 60));
    BOOST_TEST(!find(now - 3600 - 60));
    BOOST_TEST(chains.size() == 0U);
}

BOOST_AUTO_TEST_CASE(the_time_of_every_certificate_counts)
{
    auto const now = std::time(nullptr);
    auto const key = new_key();
    auto const root = certificate("root", key, of_ca(), nullptr, key);
    ::X509_gmtime_adj(::X509_getm_notAfter(root.get()), 3600);
    BOOST_TEST_REQUIRE(::X509_sign(root.get(), key.get(), ::EVP_sha256()) != 0);
    auto const own = certificate("api.pks.test", new_key(), of_server(), root, key);
    context = context_of(pks::trust::pem(made::pem(root)));
    check_verified({own});
    verification v(*context, {own}, api);
    BOOST_TEST(chains.find(v.store(), now + 3600 - 60));
    BOOST_TEST(!chains.find(v.store(), now + 3600 + 60));
    BOOST_TEST(chains.size() == 0U);
}

BOOST_AUTO_TEST_CASE(demands_of_other_kinds_are_judged_each_time)
{
    check_verified({leaf});
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set_flags(v.demands(), X509_V_FLAG_CRL_CHECK); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set_flags(v.demands(), X509_V_FLAG_POLICY_CHECK); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set_flags(v.demands(), X509_V_FLAG_PARTIAL_CHAIN); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set_flags(v.demands(), X509_V_FLAG_NO_CHECK_TIME); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set_time(v.demands(), std::time(nullptr)); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set_time(v.demands(), 0); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_add1_host(v.demands(), "uaa.pks.test", 0); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set1_email(v.demands(), "a@pks.test", 0); });
    check_never_known([](verification& v) { ::X509_VERIFY_PARAM_set1_host(v.demands(), nullptr, 0); });
}

BOOST_AUTO_TEST_CASE(settings_that_differ_are_judged_for_themselves)
{
    auto const check = [&](std::function<void(verification&)> const& demand) {
        for (bool const known : {false, true}) {
            verification v(*context, {leaf}, api);
            chains.attach(v.ssl());
            demand(v);
            BOOST_TEST(v.run() == 1);
            BOOST_TEST(v.seen.good == (known ? 0 : 2));
        }
    };
    check([](verification&) {});
    check([](verification& v) { ::X509_VERIFY_PARAM_set_depth(v.demands(), 5); });
    check([](verification& v) { ::X509_VERIFY_PARAM_set_auth_level(v.demands(), 1); });
    check([](verification& v) { ::X509_VERIFY_PARAM_clear_flags(v.demands(), X509_V_FLAG_X509_STRICT); });
    check([](verification& v) { ::X509_VERIFY_PARAM_set_hostflags(v.demands(), X509_CHECK_FLAG_NO_WILDCARDS); });
    BOOST_TEST(chains.size() == 5U);
}

BOOST_AUTO_TEST_CASE(what_was_used_least_lately_goes)
{
    std::vector<certificate_ptr> shown;
    for (std::size_t i = 0; i != verified_chains::most; ++i) {
        shown.push_back(ca.issue(of_server()));
        check_verified({shown.back()});
    }
    BOOST_TEST(chains.size() == verified_chains::most);
    check_known({shown[0]});
    auto const newest = ca.issue(of_server());
    check_verified({newest});
    BOOST_TEST(chains.size() == verified_chains::most);
    check_known({newest});
    for (std::size_t i = 2; i != shown.size(); ++i)
        check_known({shown[i]});
    check_known({shown[0]});
    check_verified({shown[1]});
    BOOST_TEST(chains.size() == verified_chains::most);
}

BOOST_AUTO_TEST_SUITE_END()
