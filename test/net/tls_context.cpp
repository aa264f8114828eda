// net/tls_context.hpp: what a trust policy may name, and what each thing that it may not is called.
#include <net/installation.hpp>
#include <net/outcome.hpp>

#include <pks/net/tls_context.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using net_test::authority;
using pks::errc;
using pks::secret;
using pks::trust;
using context_ptr = std::shared_ptr<boost::asio::ssl::context>;

// A directory that goes with the test.
class scratch
{
public:
    scratch()
    {
        std::string name = (fs::temp_directory_path() / "pks-tls-XXXXXX").string();
        BOOST_TEST_REQUIRE((::mkdtemp(name.data()) != nullptr));
        path_ = name;
    }
    scratch(scratch const&) = delete;
    scratch& operator=(scratch const&) = delete;
    ~scratch()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    std::string path(std::string const& name) const
    {
        return (path_ / name).string();
    }
    std::string file(std::string const& name, std::string const& text) const
    {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

private:
    fs::path path_;
};

std::size_t certificates_in(context_ptr const& made)
{
    auto* const store = ::SSL_CTX_get_cert_store(made->native_handle());
    auto* const objects = ::X509_STORE_get0_objects(store);
    return static_cast<std::size_t>(::sk_X509_OBJECT_num(objects));
}

// Something of somebody else's in the queue, which must neither be taken for ours nor stay.
void leave_an_error_behind()
{
    ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
}

void check_refused(trust const& policy, errc expected, std::string const& detail)
{
    leave_an_error_behind();
    std::string said = "before";
    auto const made = pks::net::make_tls_context(policy, &said);
    BOOST_TEST_REQUIRE(made.has_error());
    BOOST_TEST(made.error() == expected);
    BOOST_TEST((made.error() == pks::condition::invalid_input));
    BOOST_TEST(said == detail);
    BOOST_TEST(said.find("PRIVATE KEY") == std::string::npos);
    BOOST_TEST(::ERR_peek_error() == 0UL);
    BOOST_TEST((pks::net::make_tls_context(policy).error() == made.error()));
}

context_ptr check_made(trust const& policy)
{
    leave_an_error_behind();
    std::string said;
    auto made = pks::net::make_tls_context(policy, &said);
    BOOST_TEST_REQUIRE(made.has_value());
    BOOST_TEST(said.empty());
    BOOST_TEST(::ERR_peek_error() == 0UL);
    return *made;
}

std::string other_root()
{
    static pks::testing::certificate_authority const other("another CA");
    return other.root_pem();
}

// What no file of certificates looks like.
std::vector<std::pair<std::string, std::string>> junk()
{
    auto const good = authority().root_pem();
    auto const key = authority().issue({"localhost"}, {}).private_key;
    auto damaged = good;
    damaged[good.size() / 2] = '!';
    auto other_octets = good;
    auto& octet = other_octets[good.find('\n') + 3];
    octet = octet == 'A' ? 'B' : 'A';
    return {
        {"a word", "junk"},
        {"HTML", "<html><body>404</body></html>"},
        {"NUL", std::string(4096, '\0')},
        {"DER", std::string("\x30\x82\x01\x0a\x02\x82\x01\x01\x00", 9)},
        {"no end", good.substr(0, good.size() / 2)},
        {"no beginning", good.substr(28)},
        {"a letter that is none of base64", damaged},
        {"other octets", other_octets},
        {"a key alone", key},
        {"a request", "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"},
        {"nothing between the lines", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"},
        {"a good one, then half of one", good + good.substr(0, good.size() / 2)},
        {"a good one, then a damaged one", good + damaged},
    };
}

std::vector<std::string> blank()
{
    return {"", " ", "\n", "\r\n\t \n"};
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_context)

// ---- a file ----

BOOST_AUTO_TEST_CASE(takes_a_file)
{
    scratch const dir;
    auto const one = check_made(trust::ca_file(dir.file("ca.pem", authority().root_pem())));
    BOOST_TEST(certificates_in(one) == 1U);
    BOOST_TEST(::SSL_CTX_get_verify_mode(one->native_handle()) == SSL_VERIFY_PEER);
    BOOST_TEST(::SSL_CTX_get_min_proto_version(one->native_handle()) == TLS1_2_VERSION);

    auto const crlf = [](std::string text) {
        for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 2))
            text.insert(at, 1, '\r');
        return text;
    };
    auto const& first = authority().root_pem();
    auto const second = other_root();
    for (auto const& [text, count] : std::vector<std::pair<std::string, std::size_t>>{
             {crlf(first), 1U},
             {first + second, 2U},
             {first + first, 1U},
             {"# the CA of the installation\n" + first + "\n\nsubject=CN = another\n" + second + "\n", 2U},
         })
        BOOST_TEST(certificates_in(check_made(trust::ca_file(dir.file("bundle.pem", text)))) == count);
}

BOOST_AUTO_TEST_CASE(takes_each_certificate_once)
{
    auto const root = authority().root_pem();
    BOOST_TEST(certificates_in(check_made(trust::pem(root + other_root() + root))) == 2U);
}

BOOST_AUTO_TEST_CASE(passes_over_private_keys)
{
    auto const root = authority().root_pem();
    auto const key = authority().issue({"localhost"}, {}).private_key;
    std::string const encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                  "DEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n"
                                  "-----END RSA PRIVATE KEY-----\n";
    for (auto const& text : {key + root, root + key, key + key + root + "text\n" + key, encrypted + root}) {
        scratch const folder;
        BOOST_TEST(certificates_in(check_made(trust::pem(text))) == 1U);
        BOOST_TEST(certificates_in(check_made(trust::ca_file(folder.file("ca.pem", text)))) == 1U);
    }
    // Where one has no end, nobody knows what belongs to it.
    auto const endless = key.substr(0, key.find("-----END"));
    check_refused(trust::pem(root + endless), errc::ca_malformed, "CA as PEM text");
    check_refused(trust::pem(endless + root), errc::ca_malformed, "CA as PEM text");
}

BOOST_AUTO_TEST_CASE(follows_a_link_to_a_file)
{
    scratch const dir;
    auto const link = dir.path("link.pem");
    fs::create_symlink(dir.file("ca.pem", authority().root_pem()), link);
    BOOST_TEST(certificates_in(check_made(trust::ca_file(link))) == 1U);
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_is_not_there)
{
    scratch const dir;
    auto const missing = dir.path("missing.pem");
    check_refused(trust::ca_file(missing), errc::ca_not_found, "CA file " + missing);
    auto const below = dir.file("ca.pem", authority().root_pem()) + "/ca.pem";
    check_refused(trust::ca_file(below), errc::ca_not_found, "CA file " + below);
    check_refused(trust::ca_file(""), errc::ca_not_found, "CA file ");
    auto const dangling = dir.path("dangling.pem");
    fs::create_symlink(missing, dangling);
    check_refused(trust::ca_file(dangling), errc::ca_not_found, "CA file " + dangling);
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_cannot_be_read)
{
    scratch const dir;
    // Names that lead nowhere fail for root, too.
    auto const circle = dir.path("circle.pem");
    fs::create_symlink(circle, circle);
    check_refused(trust::ca_file(circle), errc::ca_unreadable, "CA file " + circle);
    auto const long_name = dir.path(std::string(300, 'x'));
    check_refused(trust::ca_file(long_name), errc::ca_unreadable, "CA file " + long_name);

    if (::geteuid() == 0) {
        BOOST_TEST_MESSAGE("skipped: permissions, which do not bind root");
        return;
    }
    auto const closed = dir.file("closed.pem", authority().root_pem());
    fs::permissions(closed, fs::perms::none);
    check_refused(trust::ca_file(closed), errc::ca_unreadable, "CA file " + closed);
    auto const directory = dir.path("closed");
    fs::create_directory(directory);
    fs::permissions(directory, fs::perms::none);
    check_refused(trust::ca_file(directory + "/ca.pem"), errc::ca_unreadable, "CA file " + directory + "/ca.pem");
    fs::permissions(directory, fs::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(opens_no_pipe_socket_or_device)
{
    // A pipe would wait for its writer, /dev/zero never end.
    scratch const dir;
    auto const pipe = dir.path("pipe");
    BOOST_TEST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    check_refused(trust::ca_file(pipe), errc::ca_unreadable, "CA file " + pipe);
    check_refused(trust::ca_file("/dev/zero"), errc::ca_unreadable, "CA file /dev/zero");
    check_refused(trust::directory(pipe), errc::ca_unreadable, "CA directory " + pipe);
}

BOOST_AUTO_TEST_CASE(refuses_an_empty_file)
{
    scratch const dir;
    for (auto const& text : blank()) {
        auto const path = dir.file("empty.pem", text);
        check_refused(trust::ca_file(path), errc::ca_empty, "CA file " + path);
    }
}

BOOST_AUTO_TEST_CASE(refuses_a_file_of_anything_else)
{
    scratch const dir;
    for (auto const& [name, text] : junk()) {
        BOOST_TEST_CONTEXT(name)
        {
            auto const path = dir.file("junk.pem", text);
            check_refused(trust::ca_file(path), errc::ca_malformed, "CA file " + path);
        }
    }
    // More than any bundle holds.
    auto const large = dir.path("large.pem");
    dir.file("large.pem", authority().root_pem());
    fs::resize_file(large, (std::size_t{16} << 20) + 1);
    check_refused(trust::ca_file(large), errc::ca_malformed, "CA file " + large);
}

BOOST_AUTO_TEST_CASE(refuses_a_directory_as_a_file)
{
    scratch const dir;
    check_refused(trust::ca_file(dir.path("")), errc::ca_is_directory, "CA file " + dir.path(""));
}

// ---- a text ----

BOOST_AUTO_TEST_CASE(takes_a_text)
{
    BOOST_TEST(certificates_in(check_made(trust::pem(authority().root_pem()))) == 1U);
    BOOST_TEST(certificates_in(check_made(trust::pem(authority().root_pem() + other_root()))) == 2U);
}

BOOST_AUTO_TEST_CASE(refuses_a_text_that_is_no_certificate)
{
    for (auto const& text : blank())
        check_refused(trust::pem(text), errc::ca_empty, "CA as PEM text");
    for (auto const& [name, text] : junk())
        BOOST_TEST_CONTEXT(name)
    check_refused(trust::pem(text), errc::ca_malformed, "CA as PEM text");
    // A path is no certificate: nobody looks there.
    scratch const dir;
    check_refused(trust::pem(dir.file("ca.pem", authority().root_pem())), errc::ca_malformed, "CA as PEM text");
}

// ---- a directory ----

BOOST_AUTO_TEST_CASE(takes_a_directory_with_hashed_names)
{
    scratch const dir;
    dir.file("0a1b2c3d.0", authority().root_pem());
    dir.file("README", "certificates");
    auto const made = check_made(trust::directory(dir.path("")));
    // They are looked up as they are needed.
    BOOST_TEST(certificates_in(made) == 0U);
}

BOOST_AUTO_TEST_CASE(refuses_a_directory_that_is_none_or_holds_nothing)
{
    scratch const dir;
    auto const missing = dir.path("missing");
    check_refused(trust::directory(missing), errc::ca_not_found, "CA directory " + missing);
    auto const file = dir.file("ca.pem", authority().root_pem());
    check_refused(trust::directory(file), errc::ca_not_directory, "CA directory " + file);
    // Without a hashed name OpenSSL would find nothing, and say nothing.
    check_refused(trust::directory(dir.path("")), errc::ca_empty, "CA directory " + dir.path(""));
    for (auto const* const name : {"0a1b2c3d.pem", "0A1B2C3D.0", "0a1b2c3.0", "0a1b2c3d.", "0a1b2c3d.r0"})
        dir.file(name, authority().root_pem());
    check_refused(trust::directory(dir.path("")), errc::ca_empty, "CA directory " + dir.path(""));
    auto const circle = dir.path("circle");
    fs::create_directory_symlink(circle, circle);
    check_refused(trust::directory(circle), errc::ca_unreadable, "CA directory " + circle);

    if (::geteuid() == 0) {
        BOOST_TEST_MESSAGE("skipped: permissions, which do not bind root");
        return;
    }
    auto const closed = dir.path("closed");
    fs::create_directory(closed);
    fs::permissions(closed, fs::perms::none);
    check_refused(trust::directory(closed), errc::ca_unreadable, "CA directory " + closed);
    fs::permissions(closed, fs::perms::owner_all);
}

// ---- the system's store, and none ----

BOOST_AUTO_TEST_CASE(takes_the_systems_store)
{
    auto const made = check_made(trust::system_store());
    BOOST_TEST(::SSL_CTX_get_verify_mode(made->native_handle()) == SSL_VERIFY_PEER);
}

BOOST_AUTO_TEST_CASE(verifies_nothing_only_where_that_is_spelled_out)
{
    auto const made = check_made(pks::skip_verification);
    BOOST_TEST(::SSL_CTX_get_verify_mode(made->native_handle()) == SSL_VERIFY_NONE);
}

BOOST_AUTO_TEST_CASE(a_given_ca_is_the_only_one)
{
    // The system's file would hold more than a hundred.
    auto const made = check_made(trust::pem(authority().root_pem()));
    BOOST_TEST(certificates_in(made) == 1U);
}

// ---- what this side shows ----

BOOST_AUTO_TEST_CASE(takes_a_client_certificate_and_its_key)
{
    auto const mine = authority().issue({"localhost"}, {});
    auto policy = trust::pem(authority().root_pem());
    policy.client_certificate(mine.certificate + authority().root_pem(), secret(mine.private_key));
    auto const made = check_made(policy);
    BOOST_TEST((::SSL_CTX_get0_certificate(made->native_handle()) != nullptr));
    BOOST_TEST(::SSL_CTX_check_private_key(made->native_handle()) == 1);
}

BOOST_AUTO_TEST_CASE(refuses_a_client_certificate_without_its_key)
{
    auto const mine = authority().issue({"localhost"}, {});
    auto const other = authority().issue({"localhost"}, {});
    std::string const encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (auto const& [certificate, key] : std::vector<std::pair<std::string, std::string>>{
             {"junk", mine.private_key},
             {mine.certificate, "junk"},
             {mine.certificate, ""},
             {"", mine.private_key},
             {mine.certificate, other.private_key},
             {mine.private_key, mine.certificate},
             {mine.certificate, encrypted},
             {mine.certificate.substr(0, mine.certificate.size() / 2), mine.private_key},
         }) {
        auto policy = trust::pem(authority().root_pem());
        policy.client_certificate(certificate, secret(key));
        check_refused(policy, errc::client_certificate_invalid, "client certificate");
    }
    // The CA comes first: its fault is the one that is told.
    auto policy = trust::pem("junk");
    policy.client_certificate("junk", secret("junk"));
    check_refused(policy, errc::ca_malformed, "CA as PEM text");
}

BOOST_AUTO_TEST_CASE(verifies_strictly_whatever_the_system_says)
{
    for (auto const& policy : {trust::pem(authority().root_pem()), trust::system_store()}) {
        auto* const native = check_made(policy)->native_handle();
        BOOST_TEST(::SSL_CTX_get_security_level(native) >= 2);
        auto const flags = ::X509_VERIFY_PARAM_get_flags(::SSL_CTX_get0_param(native));
        BOOST_TEST((flags & X509_V_FLAG_X509_STRICT) != 0U);
        BOOST_TEST((flags & X509_V_FLAG_PARTIAL_CHAIN) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(speaks_what_the_policy_says)
{
    auto policy = trust::pem(authority().root_pem());
    policy.minimum_tls(pks::tls_version::v1_3);
    auto const made = check_made(policy);
    BOOST_TEST(::SSL_CTX_get_min_proto_version(made->native_handle()) == TLS1_3_VERSION);
    BOOST_TEST((::SSL_CTX_get_options(made->native_handle()) & SSL_OP_NO_COMPRESSION) != 0U);
    BOOST_TEST((::SSL_CTX_get_options(made->native_handle()) & SSL_OP_NO_RENEGOTIATION) != 0U);
}

BOOST_AUTO_TEST_SUITE_END()
