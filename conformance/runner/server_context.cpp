// What a server of the suites shakes hands with: as weak as it is told.
#include "runner/server_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace conform {

namespace {

void require(bool good, char const* what)
{
    if (good)
        return;
    auto const reason = ::ERR_reason_error_string(::ERR_peek_last_error());
    std::string const why = reason ? reason : "unknown";
    ::ERR_clear_error();
    throw std::runtime_error(std::string("a server's context cannot be made: ") + what + ": " + why);
}

} // namespace

std::shared_ptr<::SSL_CTX> server_context(certificate_chain const& chain, int version)
{
    std::shared_ptr<::SSL_CTX> out(::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free);
    require(out != nullptr, "new");
    ::SSL_CTX_set_security_level(out.get(), 0);
    require(::SSL_CTX_set_min_proto_version(out.get(), version) == 1, "version");
    require(::SSL_CTX_set_max_proto_version(out.get(), version) == 1, "version");
    ::SSL_CTX_set_mode(out.get(), SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_AUTO_RETRY);
    require(::SSL_CTX_use_certificate(out.get(), chain.sent.front().get()) == 1, "certificate");
    for (std::size_t i = 1; i != chain.sent.size(); ++i)
        require(::SSL_CTX_add1_chain_cert(out.get(), chain.sent[i].get()) == 1, "chain");
    require(::SSL_CTX_use_PrivateKey(out.get(), chain.key.get()) == 1, "key");
    return out;
}

} // namespace conform
