// Certificates that a client must take or refuse, each shown by a server in a real handshake.
#include "runner/tls_cases.hpp"
#include "runner/certificate_factory.hpp"
#include "runner/error_name.hpp"
#include "runner/scripted_server.hpp"
#include "runner/server_context.hpp"
#include "runner/tls_get.hpp"
#include "runner/verify_chain.hpp"
#include "suites/read_suite.hpp"

#include <pks/error.hpp>

#include <boost/asio/ssl/error.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace conform {

namespace {

namespace json = boost::json;
using pks::tls_errc;

// What the library calls each kind of the suite.
std::vector<pks::error_code> const& errors_of(std::string_view kind)
{
    static std::map<std::string_view, std::vector<pks::error_code>> const all = {
        {"hostname_mismatch", {tls_errc::host_mismatch, tls_errc::common_name_only, tls_errc::ip_as_dns_name}},
        // The suite takes a mismatch for as good where there is no name at all.
        {"malformed", {tls_errc::malformed, tls_errc::host_mismatch, tls_errc::common_name_only}},
        {"expired", {tls_errc::expired}},
        {"not_yet_valid", {tls_errc::not_yet_valid}},
        {"self_signed", {tls_errc::self_signed}},
        {"untrusted_issuer", {tls_errc::unknown_issuer, tls_errc::self_signed_in_chain}},
        {"invalid_ca", {tls_errc::invalid_purpose}},
        {"path_length", {tls_errc::invalid_purpose}},
        {"bad_purpose", {tls_errc::invalid_purpose}},
        {"unknown_critical_extension", {tls_errc::rejected}},
        {"name_constraint", {tls_errc::name_not_permitted}},
        {"weak_signature", {tls_errc::weak}},
        {"weak_key", {tls_errc::weak}},
        {"bad_signature", {tls_errc::bad_signature}},
        {"limit",
            {pks::error_code(static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, SSL_R_EXCESSIVE_MESSAGE_SIZE)),
                boost::asio::error::get_ssl_category())}},
    };
    auto const found = all.find(kind);
    if (found == all.end())
        throw suites::suite_error("tls: there is no kind of error " + std::string(kind));
    return found->second;
}

bool is_of_kind(pks::error_code ec, std::string_view kind)
{
    auto const& all = errors_of(kind);
    return std::find(all.begin(), all.end(), ec) != all.end();
}

std::string text_of(get_answer const& got, std::size_t requests)
{
    auto out = got.ec ? "refused, " + name_of(got.ec) + " (" + got.ec.message() + ") at " +
            std::string(to_string(got.diag.step)) + (got.diag.detail.empty() ? "" : ": " + got.diag.detail)
                      : "accepted, status " + std::to_string(got.status);
    if (got.ec && requests != 0)
        out += ", after the request was sent";
    return out;
}

struct certificate_case
{
    std::string id;
    std::string host = "api.pks.test";
    bool accept = false;
    std::string kind; ///< of the error
    std::string note;
};

certificate_case read_case(json::object const& o)
{
    certificate_case out;
    out.id = std::string(o.at("id").as_string());
    if (auto const* const host = o.if_contains("host"))
        out.host = host->as_string();
    auto const& expect = o.at("expect").as_string();
    if (expect != "accept" && expect != "reject")
        throw suites::suite_error("tls: " + out.id + " is neither to accept nor to reject");
    out.accept = expect == "accept";
    if (!out.accept) {
        out.kind = std::string(o.at("error").as_string());
        static_cast<void>(errors_of(out.kind));
    }
    if (auto const* const note = o.if_contains("note"))
        out.note = note->as_string();
    return out;
}

// Nothing, or how it came out instead.
std::string play(certificate_case const& c, certificate_chain const& chain, int version)
{
    auto const context = server_context(chain, version);
    std::atomic<std::size_t> requests = 0;
    auto serve = [&](server_socket& socket) {
        server_tls tls(socket, context.get());
        if (!tls.accept() || tls.read_head().empty())
            return;
        ++requests;
        tls.write("HTTP/1.1 204 \r\nConnection: close\r\n\r\n");
        tls.close();
    };
    bool const ipv6 = c.host.find(':') != c.host.npos;
    scripted_server server(serve, ipv6);
    auto const address = (ipv6 ? '[' + c.host + ']' : c.host) + ':' + std::to_string(server.port());
    auto const endpoint = pks::endpoint::parse(address, 443);
    if (endpoint.has_error())
        return "no endpoint, " + name_of(endpoint.error());
    auto const trust = pks::trust::pem(pem_of(chain.trusted));
    auto const got = tls_get({*endpoint, trust, "/", loopback_resolver()});
    server.finish();

    bool const accepted = !got.ec && got.status == 204 && requests == 1;
    if (c.accept)
        return accepted ? "" : text_of(got, requests);
    if (!got.ec || requests != 0 || got.diag.step != pks::step::handshake)
        return text_of(got, requests);
    if (is_of_kind(got.ec, c.kind))
        return "";
    // Where the server finds that it cannot use its own certificate with this client, there is none to judge. Then the
    // client must have refused it all the same, had it been shown.
    if (got.ec.category() != boost::asio::error::get_ssl_category() || got.ec.value() == 0)
        return text_of(got, requests);
    chain_question question;
    question.leaf = pem_of(chain.sent.front().get());
    for (std::size_t i = 1; i != chain.sent.size(); ++i)
        question.intermediates.push_back(pem_of(chain.sent[i].get()));
    question.trusted = {pem_of(chain.trusted)};
    question.host = c.host;
    auto const verdict = verify_chain(question);
    if (is_of_kind(verdict.ec, c.kind))
        return "";
    return text_of(got, requests) + "; its chain " +
        (verdict.ec ? "refused, " + name_of(verdict.ec) + ": " + verdict.detail : "accepted");
}

} // namespace

std::string run_certificate_cases(json::object const& suite, certificate_factory& factory, suite_tally& tally)
{
    std::size_t played = 0;
    for (auto const& each : suite.at("cases").as_array()) {
        auto const c = read_case(each.as_object());
        certificate_chain chain;
        for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            auto const id = (version == TLS1_2_VERSION ? "1.2/" : "1.3/") + c.id;
            if (!tally.wants(id))
                continue;
            if (!chain.key)
                chain = factory.make(each.as_object());
            ++played;
            auto const otherwise = play(c, chain, version);
            if (otherwise.empty())
                tally.hold();
            else
                tally.fail(id, {c.note, "verdict", c.accept ? "accepted" : "refused, " + c.kind, otherwise});
        }
    }
    return std::to_string(played) + " of certificates";
}

} // namespace conform
