// What the connection cases are made from: chains, files, clients, and what they say.
#include "runner/connection_workshop.hpp"
#include "runner/error_name.hpp"
#include "suites/read_suite.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

namespace conform {

namespace {

pks::client_options options_of(pks::trust trust, std::uint16_t port, std::string const& host)
{
    auto const address = host.find(':') == host.npos ? host : '[' + host + ']';
    pks::client_options out(address + ':' + std::to_string(port), std::move(trust));
    out.uaa = out.api;
    out.resolver = loopback_resolver();
    return out;
}

} // namespace

void expect(bool good, std::string const& what)
{
    if (!good)
        throw otherwise(what);
}

void expect_error(pks::error_code seen, pks::error_code expected)
{
    expect(seen == expected, seen ? name_of(seen) + " instead of " + name_of(expected) : "no " + name_of(expected));
}

bool is_ssl_error(pks::error_code ec)
{
    return ec && ec.category() == boost::asio::error::get_ssl_category();
}

bool is_ssl_error(pks::error_code ec, int reason)
{
    return is_ssl_error(ec) && ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == reason;
}

std::string text_of(attempt const& a)
{
    if (!a.ec)
        return "success";
    return name_of(a.ec) + " (" + a.ec.message() + ") at " + std::string(to_string(a.diag.step)) +
        (a.diag.detail.empty() ? "" : ": " + a.diag.detail) + ", after " +
        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(a.took).count()) + " ms";
}

client_at_work::client_at_work(pks::trust trust, std::uint16_t port, std::string const& host)
    : api_(context_.get_executor(), options_of(std::move(trust), port, host))
{}

void client_at_work::start(attempt& out, bool& ended, std::chrono::milliseconds d)
{
    auto const began = std::chrono::steady_clock::now();
    auto note = [&out, &ended, began](pks::error_code ec, pks::target_info const&) {
        out.ec = ec;
        out.took = std::chrono::steady_clock::now() - began;
        ended = true;
    };
    api_.within(d).async_target(out.diag, std::move(note));
}

attempt client_at_work::target(std::chrono::milliseconds d)
{
    attempt out;
    bool ended = false;
    start(out, ended, d);
    context_.restart();
    while (!ended && context_.run_one() != 0) {}
    expect(ended, "the operation never completed");
    // What is left of it closes its connection now.
    context_.restart();
    context_.poll();
    return out;
}

void client_at_work::target_both(client_at_work& one, attempt& of_one, client_at_work& two, attempt& of_two)
{
    bool one_ended = false, two_ended = false;
    one.start(of_one, one_ended, std::chrono::seconds(10));
    two.start(of_two, two_ended, std::chrono::seconds(10));
    one.context_.restart();
    two.context_.restart();
    while (!one_ended || !two_ended) {
        one.context_.run_one_for(std::chrono::milliseconds(1));
        two.context_.run_one_for(std::chrono::milliseconds(1));
    }
}

std::string target_reply(bool keep_alive)
{
    return std::string("HTTP/1.1 200 \r\nContent-Type: application/json\r\n") +
        (keep_alive ? "" : "Connection: close\r\n") + "Content-Length: 14\r\n\r\n{\"prompts\":{}}";
}

connection_workshop::connection_workshop(boost::json::object const& suite, certificate_factory& factory)
    : suite_(suite), factory_(factory)
{
    auto name = (std::filesystem::temp_directory_path() / "pks-conform-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("cannot make a folder in " + std::filesystem::temp_directory_path().string());
    folder_ = name;
    // One case reads as somebody else.
    std::filesystem::permissions(folder_, std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
}

connection_workshop::~connection_workshop()
{
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

certificate_chain connection_workshop::chain(std::string_view id)
{
    for (auto const& one : suite_.at("cases").as_array())
        if (one.at("id").as_string() == id)
            return factory_.make(one.as_object());
    throw suites::suite_error("tls: there is no case " + std::string(id));
}

std::string connection_workshop::pem(std::string const& certificate)
{
    return pem_of(factory_.certificate(certificate).get());
}

std::string connection_workshop::private_key(std::string const& certificate)
{
    std::unique_ptr<::BIO, decltype(&::BIO_free)> const out(::BIO_new(::BIO_s_mem()), &::BIO_free);
    if (!out ||
        ::PEM_write_bio_PrivateKey(out.get(), factory_.key(certificate).get(), nullptr, nullptr, 0, nullptr, nullptr) !=
            1)
        throw std::runtime_error("OpenSSL cannot write a key");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string connection_workshop::der(std::string const& certificate)
{
    unsigned char* data = nullptr;
    int const size = ::i2d_X509(factory_.certificate(certificate).get(), &data);
    if (size <= 0)
        throw std::runtime_error("OpenSSL cannot write a certificate");
    std::string out(reinterpret_cast<char const*>(data), static_cast<std::size_t>(size));
    OPENSSL_free(data);
    return out;
}

pks::trust connection_workshop::root_a()
{
    return pks::trust::pem(pem("root-a"));
}

pks::trust connection_workshop::root_b()
{
    return pks::trust::pem(pem("root-b"));
}

std::string connection_workshop::file(std::string_view name, std::string_view content) const
{
    auto const out = path(name);
    std::ofstream(out, std::ios::binary) << content;
    return out.string();
}

} // namespace conform
