// Texts of the caller that must not reach a request: refused before anything is written to the stream.
#include <net/outcome.hpp>
#include <net/scripted_stream.hpp>
#include <net/stream_operations.hpp>

#include <boost/asio/io_context.hpp>

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <openssl/err.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using net_test::ending;
using net_test::note_end;
using net_test::scripted_stream;
using pks::client_authentication;
using pks::credentials;
using pks::errc;
using pks::secret;

// Starts an operation with one bad text in it.
using starter = std::function<void(scripted_stream&, std::shared_ptr<ending>)>;

void check_refused(starter const& start, errc expected, std::string const& names, std::string const& text)
{
    asio::io_context ctx;
    scripted_stream stream(ctx.get_executor());
    auto const end = std::make_shared<ending>();
    start(stream, end);
    BOOST_TEST(end->completions == 0); // never within the initiating function
    ctx.poll();
    BOOST_TEST(end->completions == 1);
    BOOST_TEST(end->ec == expected);
    BOOST_TEST((end->ec == pks::condition::invalid_input));
    BOOST_TEST(end->diag.step == pks::step::none);
    BOOST_TEST(end->diag.detail == names);
    BOOST_TEST(end->diag.attempts == 0);
    BOOST_TEST(!end->diag.reusable);
    BOOST_TEST(end->value.empty());
    BOOST_TEST(stream.steps(net_test::direction::write) == 0U);
    BOOST_TEST(stream.steps(net_test::direction::read) == 0U);
    BOOST_TEST(::ERR_peek_error() == 0UL);
    // What is refused may be a secret with a line end at its end, as a file gives it.
    if (!text.empty())
        BOOST_TEST(net_test::all_texts(*end).find(text) == std::string::npos);
}

starter get_token(credentials const& with)
{
    return [with](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::uaa::async_get_token(stream, net_test::server(), with, end->diag, note_end<pks::access_token>(end));
    };
}

starter login(credentials const& with)
{
    return [with](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_login(stream, net_test::server(), with, end->diag, note_end<pks::access_token>(end));
    };
}

starter check_token(client_authentication const& as, secret const& subject)
{
    return [as, subject](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::uaa::async_check_token(
            stream, net_test::server(), as, subject, end->diag, note_end<pks::token_claims>(end));
    };
}

starter token_keys(std::string const& etag)
{
    return [etag](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::uaa::async_token_keys(stream, net_test::server(), etag, end->diag, note_end<pks::token_keys>(end));
    };
}

starter list_clusters(std::string const& token)
{
    return [token](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_list_clusters(
            stream, net_test::server(), net_test::bearer(token), end->diag, note_end<pks::cluster_list>(end));
    };
}

starter get_cluster(std::string const& name, std::string const& token = "a-token")
{
    return [=](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_get_cluster(
            stream, net_test::server(), net_test::bearer(token), name, end->diag, note_end<pks::cluster>(end));
    };
}

starter create_cluster(pks::cluster_request const& what, std::string const& token = "a-token")
{
    return [=](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_create_cluster(
            stream, net_test::server(), net_test::bearer(token), what, end->diag, note_end<pks::cluster>(end));
    };
}

starter update_cluster(std::string const& name, pks::cluster_update const& what, std::string const& token = "a-token")
{
    return [=](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_update_cluster(
            stream, net_test::server(), net_test::bearer(token), name, what, end->diag, note_end<pks::accepted>(end));
    };
}

starter delete_cluster(std::string const& name, std::string const& token = "a-token")
{
    return [=](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_delete_cluster(
            stream, net_test::server(), net_test::bearer(token), name, end->diag, note_end<pks::accepted>(end));
    };
}

starter binding(pks::binding_request const& what, std::string const& token = "a-token")
{
    return [=](scripted_stream& stream, std::shared_ptr<ending> const& end) {
        pks::async_bind(
            stream, net_test::server(), net_test::bearer(token), what, end->diag, note_end<pks::kubeconfig>(end));
    };
}

std::string const good = "a-good-text";

client_authentication client()
{
    return client_authentication::automatic("id", secret(good));
}

std::vector<std::string> evil_texts()
{
    std::vector<std::string> out;
    for (char const c : {'\r', '\n', '\0', '\x7f', '\x1b', '\t'}) {
        for (std::size_t at : {std::size_t(0), std::size_t(6), std::size_t(12)}) {
            std::string one = "left0right00";
            one.insert(at, 1, c);
            out.push_back(one);
        }
    }
    out.push_back("a\r\nX-Injected: 1");
    return out;
}

// Every text of a credential, by grant and way to authenticate.
std::vector<std::pair<credentials, std::string>> credentials_with(std::string const& evil)
{
    auto const client_of = [](client_authentication const& c) {
        return pks::client_credentials("id", secret(good)).client(c);
    };
    auto const base = [] { return pks::client_credentials("id", secret(good)); };
    return {
        {pks::client_credentials(evil, secret(good)), "client_id"},
        {pks::client_credentials("id", secret(evil)), "client_secret"},
        {client_of(client_authentication::basic(evil, secret(good))), "client_id"},
        {client_of(client_authentication::basic("id", secret(evil))), "client_secret"},
        {client_of(client_authentication::basic_unencoded(evil, secret(good))), "client_id"},
        {client_of(client_authentication::basic_unencoded("id", secret(evil))), "client_secret"},
        {client_of(client_authentication::body(evil, secret(good))), "client_id"},
        {client_of(client_authentication::body("id", secret(evil))), "client_secret"},
        {client_of(client_authentication::none(evil)), "client_id"},
        {client_of(client_authentication::assertion(secret(evil))), "client_secret"},
        {client_of(client_authentication::assertion(secret(good), evil)), "client_id"},
        {pks::password_credentials(evil, secret(good)), "username"},
        {pks::password_credentials("alana", secret(evil)), "password"},
        {pks::passcode_credentials(secret(evil)), "passcode"},
        {base().scope({"pks.clusters.manage", evil}), "scope"},
        {base().response_type(evil), "response_type"},
        {base().parameter("name", secret(evil)), "name"},
        {base().parameter(evil, secret(good)), "parameter name"},
        {pks::password_credentials("alana", secret(good)).origin(evil), "login_hint"},
        {pks::refresh_token_credentials(secret(evil)), "refresh_token"},
        {pks::authorization_code_credentials(client(), secret(evil), "https://x.example.org", secret(good)), "code"},
        {pks::authorization_code_credentials(client(), secret(good), evil, secret(good)), "redirect_uri"},
        {pks::authorization_code_credentials(client(), secret(good), "https://x.example.org", secret(evil)),
            "code_verifier"},
        {pks::jwt_bearer_credentials(client(), secret(evil)), "assertion"},
    };
}

bool is_login(credentials const& with)
{
    return with.grant() == pks::grant_type::password || with.grant() == pks::grant_type::passcode ||
        with.grant() == pks::grant_type::client_credentials;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(refuses_controls_in_credentials)
{
    for (auto const& evil : evil_texts()) {
        for (auto const& [with, names] : credentials_with(evil)) {
            BOOST_TEST_CONTEXT(names << " of grant " << static_cast<int>(with.grant()))
            {
                check_refused(get_token(with), errc::forbidden_character, names, evil);
                if (is_login(with))
                    check_refused(login(with), errc::forbidden_character, names, evil);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(refuses_controls_in_the_client_and_the_token_of_check_token)
{
    auto const subject = secret(good);
    for (auto const& evil : evil_texts()) {
        using as = client_authentication;
        for (auto const& c :
            {as::automatic(evil, secret(good)), as::basic(evil, secret(good)), as::basic_unencoded(evil, secret(good))})
            check_refused(check_token(c, subject), errc::forbidden_character, "client_id", evil);
        for (auto const& c :
            {as::automatic("id", secret(evil)), as::basic("id", secret(evil)), as::basic_unencoded("id", secret(evil))})
            check_refused(check_token(c, subject), errc::forbidden_character, "client_secret", evil);
        check_refused(check_token(client(), secret(evil)), errc::forbidden_character, "token", evil);
    }
}

BOOST_AUTO_TEST_CASE(refuses_controls_in_an_etag)
{
    for (auto const& evil : evil_texts())
        check_refused(token_keys(evil), errc::forbidden_character, "request field If-None-Match", evil);
}

BOOST_AUTO_TEST_CASE(refuses_controls_and_blanks_in_an_access_token)
{
    auto evil = evil_texts();
    evil.insert(evil.end(), {"two words", " leading", "trailing ", "t\xc3\xb6ken"});
    for (auto const& each : evil)
        for (auto const& start : {list_clusters(each), get_cluster("a", each), create_cluster(net_test::alpha(), each),
                 update_cluster("a", net_test::five_workers(), each), delete_cluster("a", each), binding("a", each),
                 binding(pks::binding_request("a").user("alana"), each)})
            check_refused(start, errc::forbidden_character, "access token", each);
}

BOOST_AUTO_TEST_CASE(refuses_names_that_must_not_reach_a_path)
{
    auto evil = evil_texts();
    evil.insert(evil.end(), {"a/b", "..", "../plans", "a\\b", "n\xc3me", "n\xc2\x85me"});
    for (auto const& each : evil) {
        auto named = net_test::alpha();
        named.member("name", boost::json::string(each));
        for (auto const& start : {get_cluster(each), create_cluster(named),
                 update_cluster(each, net_test::five_workers()), delete_cluster(each), binding(each)})
            check_refused(start, errc::forbidden_character, "name", each == ".." ? "" : each);
        check_refused(
            binding(pks::binding_request("a").user(each)), errc::forbidden_character, "user", each == ".." ? "" : each);
    }
    auto nameless = net_test::alpha();
    nameless.member("name", "");
    for (auto const& start : {get_cluster(""), create_cluster(nameless), update_cluster("", net_test::five_workers()),
             delete_cluster(""), binding("")})
        check_refused(start, errc::missing_parameter, "name", "");
}

BOOST_AUTO_TEST_CASE(refuses_controls_in_what_is_asked_of_a_cluster)
{
    for (auto const& evil : evil_texts()) {
        auto const request = [&] { return net_test::alpha(); };
        check_refused(
            create_cluster(pks::cluster_request("a", evil, "h")), errc::forbidden_character, "plan_name", evil);
        check_refused(create_cluster(pks::cluster_request("a", "small", evil)), errc::forbidden_character,
            "parameters.kubernetes_master_host", evil);
        check_refused(create_cluster(request().cluster_tag("env", evil)), errc::forbidden_character,
            "parameters.cluster_tags.value", evil);
        pks::cluster_config_parameters config;
        config.domain_user_password(secret(evil));
        check_refused(create_cluster(request().cluster_config_parameters(config)), errc::forbidden_character,
            "parameters.cluster_config_parameters.domain_user_password", evil);
        check_refused(update_cluster("a", pks::cluster_update().network_profile_name(evil)), errc::forbidden_character,
            "network_profile_name", evil);
        check_refused(
            update_cluster("a", pks::cluster_update().member(evil, 1)), errc::forbidden_character, "member name", evil);
    }
    check_refused(update_cluster("a", pks::cluster_update()), errc::missing_parameter, "cluster_update", "");
    check_refused(create_cluster(pks::cluster_request("a", "", "h")), errc::missing_parameter, "plan_name", "");
    check_refused(create_cluster(pks::cluster_request("a", "small", "")), errc::missing_parameter,
        "parameters.kubernetes_master_host", "");
    for (auto const& start : {get_cluster("a", ""), create_cluster(net_test::alpha(), ""), delete_cluster("a", ""),
             update_cluster("a", net_test::five_workers(), ""), binding("a", "")})
        check_refused(start, errc::missing_parameter, "access token", "");
}

BOOST_AUTO_TEST_CASE(refuses_what_would_be_read_as_something_else)
{
    auto const base = [] { return pks::client_credentials("id", secret(good)); };
    // A blank parts two scopes; the first colon of Basic credentials ends the id.
    check_refused(get_token(base().scope({"one two"})), errc::forbidden_character, "scope", "one two");
    check_refused(get_token(base().scope({""})), errc::forbidden_character, "scope", "");
    check_refused(get_token(base().parameter("", secret(good))), errc::forbidden_character, "parameter name", good);
    check_refused(get_token(base().client(client_authentication::basic_unencoded("i:d", secret(good)))),
        errc::forbidden_character, "client_id", "i:d");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_missing)
{
    for (auto const& each : {&get_token, &login}) {
        check_refused(each(pks::client_credentials("", secret(good))), errc::missing_parameter, "client_id", good);
        check_refused(each(pks::password_credentials("", secret(good))), errc::missing_parameter, "username", good);
        check_refused(each(pks::passcode_credentials(secret())), errc::missing_parameter, "passcode", "");
        auto const asserted =
            pks::client_credentials("id", secret()).client(client_authentication::assertion(secret()));
        check_refused(each(asserted), errc::missing_parameter, "client_assertion", "");
    }
    check_refused(get_token(pks::refresh_token_credentials(secret())), errc::missing_parameter, "refresh_token", "");
    check_refused(
        get_token(pks::authorization_code_credentials(client(), secret(), "")), errc::missing_parameter, "code", "");
    check_refused(get_token(pks::jwt_bearer_credentials(client(), secret())), errc::missing_parameter, "assertion", "");
    check_refused(check_token(client_authentication::basic("", secret(good)), secret(good)), errc::missing_parameter,
        "client_id", good);
    check_refused(check_token(client(), secret()), errc::missing_parameter, "token", "");
    check_refused(list_clusters(""), errc::missing_parameter, "access token", "");
}

BOOST_AUTO_TEST_CASE(refuses_a_login_with_what_is_no_login)
{
    check_refused(login(pks::refresh_token_credentials(secret(good))), errc::unsuitable_grant, "grant", good);
    check_refused(
        login(pks::authorization_code_credentials(client(), secret(good), "")), errc::unsuitable_grant, "grant", good);
    check_refused(login(pks::jwt_bearer_credentials(client(), secret(good))), errc::unsuitable_grant, "grant", good);
}

BOOST_AUTO_TEST_SUITE_END()
