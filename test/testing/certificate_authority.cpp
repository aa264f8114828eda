// The certificates of the embedded authority, good and bad, as OpenSSL judges them.
#include <pks/testing/certificate_authority.hpp>

#include <boost/test/unit_test.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

namespace {

using namespace std::chrono_literals;
using pks::testing::certificate_authority;
using pks::testing::certificate_request;

std::shared_ptr<X509> read(std::string const& pem)
{
    std::unique_ptr<BIO, decltype(&BIO_free)> const in(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
}

// The verdict of a client that trusts this authority and connects to this host.
int verdict(
    certificate_authority const& trusted, std::string const& certificate, char const* host, bool address = false)
{
    std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> const store(X509_STORE_new(), &X509_STORE_free);
    auto const root = read(trusted.root_pem());
    auto const leaf = read(certificate);
    BOOST_REQUIRE(root);
    BOOST_REQUIRE(leaf);
    X509_STORE_add_cert(store.get(), root.get());
    std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> const ctx(
        X509_STORE_CTX_new(), &X509_STORE_CTX_free);
    X509_STORE_CTX_init(ctx.get(), store.get(), leaf.get(), nullptr);
    auto* const parameters = X509_STORE_CTX_get0_param(ctx.get());
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (address)
        X509_VERIFY_PARAM_set1_ip_asc(parameters, host);
    else
        X509_VERIFY_PARAM_set1_host(parameters, host, 0);
    X509_verify_cert(ctx.get());
    auto const out = X509_STORE_CTX_get_error(ctx.get());
    ERR_clear_error();
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_certificate_authority)

BOOST_AUTO_TEST_CASE(good_certificates_are_good_for_their_names_alone)
{
    certificate_authority const ca;
    auto const identity = ca.issue({"localhost", "api.pks.localhost"}, {"127.0.0.1", "::1"});
    BOOST_TEST(ERR_peek_error() == 0u);
    BOOST_TEST(verdict(ca, identity.certificate, "localhost") == X509_V_OK);
    BOOST_TEST(verdict(ca, identity.certificate, "api.pks.localhost") == X509_V_OK);
    BOOST_TEST(verdict(ca, identity.certificate, "127.0.0.1", true) == X509_V_OK);
    BOOST_TEST(verdict(ca, identity.certificate, "::1", true) == X509_V_OK);
    BOOST_TEST(verdict(ca, identity.certificate, "other.localhost") == X509_V_ERR_HOSTNAME_MISMATCH);
    BOOST_TEST(verdict(ca, identity.certificate, "127.0.0.2", true) == X509_V_ERR_IP_ADDRESS_MISMATCH);
}

BOOST_AUTO_TEST_CASE(bad_certificates_are_bad_for_the_reason_asked_for)
{
    certificate_authority const ca;
    auto const now = std::chrono::system_clock::now();

    certificate_request expired{.dns_names = {"localhost"}, .not_before = now - 48h, .not_after = now - 24h};
    BOOST_TEST(verdict(ca, ca.issue(expired).certificate, "localhost") == X509_V_ERR_CERT_HAS_EXPIRED);

    certificate_request early{.dns_names = {"localhost"}, .not_before = now + 24h, .not_after = now + 48h};
    BOOST_TEST(verdict(ca, ca.issue(early).certificate, "localhost") == X509_V_ERR_CERT_NOT_YET_VALID);

    certificate_request name_only{.common_name = "localhost"};
    BOOST_TEST(verdict(ca, ca.issue(name_only).certificate, "localhost") == X509_V_ERR_HOSTNAME_MISMATCH);

    certificate_request ip_as_name{.dns_names = {"127.0.0.1"}};
    BOOST_TEST(verdict(ca, ca.issue(ip_as_name).certificate, "127.0.0.1", true) == X509_V_ERR_IP_ADDRESS_MISMATCH);

    certificate_request self_signed{.dns_names = {"localhost"}, .self_signed = true};
    BOOST_TEST(verdict(ca, ca.issue(self_signed).certificate, "localhost") == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);

    certificate_request of_client{.dns_names = {"localhost"}, .server = false};
    BOOST_TEST(verdict(ca, ca.issue(of_client).certificate, "localhost") == X509_V_ERR_INVALID_PURPOSE);

    certificate_authority const other("another authority");
    BOOST_TEST(verdict(ca, other.issue({"localhost"}, {}).certificate, "localhost") ==
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    BOOST_TEST(ERR_peek_error() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
