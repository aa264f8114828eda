// Whom to trust: which CA vouches for the servers, and what this side shows of itself.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/secret.hpp>

#include <string>
#include <string_view>

namespace pks::inline v0 {

enum class tls_version {
    v1_2,
    v1_3,
};

/// Skips the verification of the server's certificate: `-k`. Whoever is on the path can then read and change
/// everything, tokens and passwords included. Only ever for a test system; each process says so once on stderr.
struct skip_verification_t
{
    explicit skip_verification_t() = default;
};
inline constexpr skip_verification_t skip_verification{};

enum class trust_source {
    file,
    pem,
    directory,
    system,
    none, ///< skip_verification
};

/// A trust policy. Made from exactly one source of CA certificates; a given CA replaces the system's store.
///
/// Nothing is read when a policy is made. Files are read when a client first connects (or by `net::make_tls_context`);
/// what cannot be used is then refused before connecting, with an error of its own that names the file: errc::ca_*.
///
/// Host names are checked against the certificate's subject alternative names only (RFC 6125, RFC 9110 §4.3.4). Chains
/// must be as RFC 5280 demands, roots included (a CA has critical basic constraints, key usage and a subject key
/// identifier; but see allow_missing_extensions), with signatures of RSA from 2048 bits, ECDSA or EdDSA, over SHA-224 or better; what breaks a rule is
/// tls_errc::malformed or tls_errc::weak, and `diagnostics` tells which. Revocation is not looked up.
/// Thread safety: as a value.
class trust
{
public:
    /// The CA certificates of a file in PEM form: `uaac target --ca-cert F`, `pks login --ca-cert F`.
    PKS_DECL static trust ca_file(std::string path);

    /// CA certificates as PEM text.
    PKS_DECL static trust pem(std::string text);

    /// A directory of CA certificates as `openssl rehash` leaves it.
    PKS_DECL static trust directory(std::string path);

    /// The system's store.
    PKS_DECL static trust system_store();

    /// No verification at all. See skip_verification_t.
    PKS_DECL trust(skip_verification_t);

    /// Shows a client certificate. Both in PEM form; the certificate may be followed by its chain.
    PKS_DECL trust& client_certificate(std::string certificate_pem, secret private_key_pem);

    /// The lowest TLS version to speak. Default: 1.2.
    PKS_DECL trust& minimum_tls(tls_version version);

    /// Takes chains whose certificates lack an extension that RFC 5280 demands: a CA without key usage, as
    /// `openssl req -x509` makes it, or any certificate without key identifiers. What is there is judged as ever.
    /// Default: refused, with tls_errc::malformed.
    PKS_DECL trust& allow_missing_extensions(bool allow = true);

    trust_source source() const noexcept
    {
        return source_;
    }
    std::string const& text() const noexcept ///< path or PEM text, as source() says
    {
        return text_;
    }
    std::string const& certificate() const noexcept
    {
        return certificate_;
    }
    secret const& private_key() const noexcept
    {
        return private_key_;
    }
    tls_version minimum() const noexcept
    {
        return minimum_;
    }
    bool missing_extensions_allowed() const noexcept
    {
        return missing_extensions_allowed_;
    }

    /// Equal policies may share connections and sessions; different ones never do.
    friend bool operator==(trust const&, trust const&) = default;

private:
    trust(trust_source s, std::string text) : source_(s), text_(std::move(text)) {}

    trust_source source_;
    std::string text_;
    std::string certificate_;
    secret private_key_;
    tls_version minimum_ = tls_version::v1_2;
    bool missing_extensions_allowed_ = false;
};

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/trust.ipp>
#endif
