// A certificate authority of its own, made when it is needed.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/clock.hpp>

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace pks::inline v0::testing {

/// A server certificate with its private key, both as PEM text.
struct server_identity
{
    std::string certificate;
    std::string private_key;
};

/// What a certificate says. Configuration: fill in what differs from the defaults, also to make a bad one.
struct certificate_request
{
    std::vector<std::string> dns_names{};    ///< DNS entries of the subject alternative name
    std::vector<std::string> ip_addresses{}; ///< IP entries: `127.0.0.1`, `::1`
    std::string common_name{};               ///< of the subject; alone it makes a certificate that no one should take
    clock::time_point not_before = std::chrono::system_clock::now() - std::chrono::hours(1);
    clock::time_point not_after = std::chrono::system_clock::now() + std::chrono::hours(24 * 30);
    bool server = true;          ///< extended key usage serverAuth, otherwise clientAuth
    bool self_signed = false;    ///< signed with its own key, not by the authority
    bool key_identifiers = true; ///< as RFC 5280 demands
};

/// A root with an EC P-256 key, and the certificates it issues.
///
/// Errors: std::runtime_error; OpenSSL's error queue is left empty.
/// Thread safety: as a value.
class certificate_authority
{
public:
    /// Makes a root that is valid from an hour ago for a month.
    PKS_DECL explicit certificate_authority(std::string const& common_name = "pks embedded control plane CA");

    /// The root certificate, for whoever shall trust it.
    std::string const& root_pem() const noexcept
    {
        return root_pem_;
    }

    /// Issues a certificate with a key of its own.
    PKS_DECL server_identity issue(certificate_request const& what) const;

    /// A good certificate for these names and addresses.
    PKS_DECL server_identity issue(std::vector<std::string> dns_names, std::vector<std::string> ip_addresses) const;

private:
    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> root_;
    std::string root_pem_;
};

} // namespace pks::inline v0::testing

#ifdef PKS_HEADER_ONLY
#include <pks/testing/impl/certificate_authority.ipp>
#endif
