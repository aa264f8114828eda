// Verifies a server's chain without a connection, by what a handshake would use.
#include "runner/verify_chain.hpp"

#include <pks/endpoint.hpp>
#include <pks/net/certificate_check.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/trust.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <stdexcept>

namespace conform {

namespace {

struct openssl_free
{
    void operator()(::SSL* p) const noexcept
    {
        ::SSL_free(p);
    }
    void operator()(::X509* p) const noexcept
    {
        ::X509_free(p);
    }
    void operator()(::BIO* p) const noexcept
    {
        ::BIO_free(p);
    }
    void operator()(::X509_STORE_CTX* p) const noexcept
    {
        ::X509_STORE_CTX_free(p);
    }
    void operator()(STACK_OF(X509) * p) const noexcept
    {
        sk_X509_pop_free(p, ::X509_free);
    }
};
template <class T>
using owned = std::unique_ptr<T, openssl_free>;

owned<::X509> read(std::string const& pem)
{
    owned<::BIO> const bio(::BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return owned<::X509>(::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// What verify_server_chain tells, as connection keeps it: the first reason.
struct refusal
{
    pks::endpoint const* server;
    pks::error_code ec;
    std::string detail;
};

int own_index()
{
    static int const out = ::X509_STORE_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return out;
}

int note_refusal(int good, ::X509_STORE_CTX* store)
{
    auto& seen = *static_cast<refusal*>(::X509_STORE_CTX_get_ex_data(store, own_index()));
    if (good != 1 && !seen.ec) {
        seen.ec = pks::net::reason_of_refusal(store, *seen.server);
        seen.detail = ::X509_verify_cert_error_string(::X509_STORE_CTX_get_error(store));
    }
    return good;
}

void require(bool good)
{
    if (!good)
        throw std::runtime_error("OpenSSL cannot prepare a verification");
}

chain_verdict verify(chain_question const& question, pks::endpoint const& server, ::SSL_CTX* context)
{
    owned<STACK_OF(X509)> const sent(sk_X509_new_null());
    auto const leaf = read(question.leaf);
    if (!leaf)
        return {pks::tls_errc::malformed, "the server's certificate cannot be read"};
    require(sent != nullptr);
    for (auto const& pem : question.intermediates) {
        auto one = read(pem);
        if (!one)
            return {pks::tls_errc::malformed, "a certificate that the server sends cannot be read"};
        require(sk_X509_push(sent.get(), one.get()) > 0);
        static_cast<void>(one.release());
    }

    // From here in the order of OpenSSL's ssl_verify_cert_chain.
    owned<::SSL> const ssl(::SSL_new(context));
    require(ssl && pks::net::require_host(ssl.get(), server));
    owned<::X509_STORE_CTX> const store(::X509_STORE_CTX_new());
    require(
        store && ::X509_STORE_CTX_init(store.get(), ::SSL_CTX_get_cert_store(context), leaf.get(), sent.get()) == 1);
    auto* const parameters = ::X509_STORE_CTX_get0_param(store.get());
    ::X509_VERIFY_PARAM_set_auth_level(parameters, ::SSL_get_security_level(ssl.get()));
    require(::X509_STORE_CTX_set_default(store.get(), "ssl_server") == 1 &&
        ::X509_VERIFY_PARAM_set1(parameters, ::SSL_get0_param(ssl.get())) == 1);
    if (question.at)
        ::X509_VERIFY_PARAM_set_time(parameters, static_cast<::time_t>(question.at->time_since_epoch().count()));
    if (question.most_intermediates)
        ::X509_VERIFY_PARAM_set_depth(parameters, *question.most_intermediates);

    refusal seen{&server, {}, {}};
    require(::X509_STORE_CTX_set_ex_data(store.get(), own_index(), &seen) == 1);
    ::X509_STORE_CTX_set_verify_cb(store.get(), &note_refusal);
    if (pks::net::verify_server_chain(store.get(), nullptr) == 1)
        return {};
    return {seen.ec ? seen.ec : pks::error_code(pks::tls_errc::rejected), seen.detail};
}

} // namespace

chain_verdict verify_chain(chain_question const& question)
{
    bool const ipv6 = question.host.find(':') != std::string::npos;
    auto const server = pks::endpoint::parse(ipv6 ? '[' + question.host + ']' : question.host, 443);
    if (server.has_error())
        return {server.error(), question.host};
    std::string trusted;
    for (auto const& pem : question.trusted)
        trusted += pem + '\n';
    std::string detail;
    auto const context = pks::net::make_tls_context(pks::trust::pem(trusted), &detail);
    if (context.has_error())
        return {context.error(), detail};
    auto out = verify(question, *server, (*context)->native_handle());
    ::ERR_clear_error();
    return out;
}

} // namespace conform
