// Bodies of trust.hpp.
#pragma once

#include <pks/trust.hpp>

#include <utility>

namespace pks::inline v0 {

PKS_DECL trust trust::ca_file(std::string path)
{
    return trust(trust_source::file, std::move(path));
}

PKS_DECL trust trust::pem(std::string text)
{
    return trust(trust_source::pem, std::move(text));
}

PKS_DECL trust trust::directory(std::string path)
{
    return trust(trust_source::directory, std::move(path));
}

PKS_DECL trust trust::system_store()
{
    return trust(trust_source::system, {});
}

PKS_DECL trust::trust(skip_verification_t) : source_(trust_source::none) {}

PKS_DECL trust& trust::client_certificate(std::string certificate_pem, secret private_key_pem)
{
    certificate_ = std::move(certificate_pem);
    private_key_ = std::move(private_key_pem);
    return *this;
}

PKS_DECL trust& trust::minimum_tls(tls_version version)
{
    minimum_ = version;
    return *this;
}

PKS_DECL trust& trust::allow_missing_extensions(bool allow)
{
    missing_extensions_allowed_ = allow;
    return *this;
}

} // namespace pks::inline v0
