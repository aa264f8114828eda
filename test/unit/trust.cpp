// trust: what each policy holds, and which ones are equal. What they do to a handshake is in test/net.
#include <pks/trust.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using pks::secret;
using pks::tls_version;
using pks::trust;
using pks::trust_source;

template <class T>
concept streams = requires(std::ostream& stream, T const& value) { stream << value; };

static_assert(!std::is_aggregate_v<trust> && !std::is_default_constructible_v<trust>);
static_assert(!streams<trust>);
// Skipping verification is spelled out: nothing else turns into it.
static_assert(std::is_constructible_v<trust, pks::skip_verification_t>);
static_assert(!std::is_constructible_v<trust, bool> && !std::is_constructible_v<trust, std::string>);
static_assert(!std::is_convertible_v<bool, pks::skip_verification_t>);
static_assert(!std::is_constructible_v<pks::skip_verification_t, bool>);

void is(trust const& got, trust_source source, std::string_view text)
{
    BOOST_TEST((got.source() == source));
    BOOST_TEST(got.text() == text);
    BOOST_TEST(got.certificate() == "");
    BOOST_TEST(got.private_key().empty());
    BOOST_TEST((got.minimum() == tls_version::v1_2));
}

} // namespace

BOOST_AUTO_TEST_SUITE(values_trust)

BOOST_AUTO_TEST_CASE(sources)
{
    is(trust::ca_file("ca.pem"), trust_source::file, "ca.pem");
    is(trust::pem("-----BEGIN"), trust_source::pem, "-----BEGIN");
    is(trust::directory("/certs"), trust_source::directory, "/certs");
    is(trust::system_store(), trust_source::system, "");
    is(pks::skip_verification, trust_source::none, "");
}

BOOST_AUTO_TEST_CASE(nothing_is_read_or_checked)
{
    is(trust::ca_file(""), trust_source::file, "");
    is(trust::ca_file("/does/not/exist"), trust_source::file, "/does/not/exist");
    is(trust::pem("junk"), trust_source::pem, "junk");
}

BOOST_AUTO_TEST_CASE(settings)
{
    auto policy = trust::ca_file("ca.pem");
    auto& same = policy.client_certificate("a", secret("b")).client_certificate("cert", secret("key"));
    BOOST_TEST(&same.minimum_tls(tls_version::v1_3) == &policy);
    BOOST_TEST(policy.certificate() == "cert");
    BOOST_TEST(policy.private_key().reveal() == "key");
    BOOST_TEST((policy.minimum() == tls_version::v1_3));
    BOOST_TEST((policy.source() == trust_source::file));
}

BOOST_AUTO_TEST_CASE(only_equal_policies_are_equal)
{
    auto const with = [](trust policy, std::string certificate, std::string_view key, tls_version minimum) {
        policy.client_certificate(std::move(certificate), secret(key)).minimum_tls(minimum);
        return policy;
    };
    std::vector<trust> const different = {trust::ca_file("a"), trust::ca_file("b"), trust::pem("a"),
        trust::directory("a"), trust::system_store(), trust(pks::skip_verification),
        with(trust::ca_file("a"), "c", "k", tls_version::v1_2), with(trust::ca_file("a"), "d", "k", tls_version::v1_2),
        with(trust::ca_file("a"), "c", "l", tls_version::v1_2), with(trust::ca_file("a"), "", "", tls_version::v1_3),
        with(pks::skip_verification, "c", "k", tls_version::v1_2)};
    for (std::size_t i = 0; i < different.size(); ++i)
        for (std::size_t j = 0; j < different.size(); ++j)
            BOOST_TEST((different[i] == different[j]) == (i == j), i << ' ' << j);
    BOOST_TEST((with(trust::ca_file("a"), "", "", tls_version::v1_2) == trust::ca_file("a")));
}

BOOST_AUTO_TEST_SUITE_END()
