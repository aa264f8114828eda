// The last chains that a server showed and that were found good, so as not to verify them for each connection.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace pks::inline v0::net {

/// What verify_server_chain finds is a function of the certificates that are shown, of the names and flags that are
/// demanded, of the trust, and of the time. These belong to one context, and therefore to one trust; for the same
/// certificates, in the same order, under the same demands, a verdict is remembered, and the time judged again.
///
/// Verdicts against a chain are never remembered, nor any where a caller's settings ask for more than the library does:
/// CRLs, policies, another time, several names. The verify callback is not called for a chain that is known.
///
/// Thread safety: none; handshakes of its context included. Must outlive the handshakes of every SSL that was attached.
class verified_chains
{
public:
    verified_chains() = default;
    verified_chains(verified_chains const&) = delete;
    verified_chains& operator=(verified_chains const&) = delete;

    static constexpr std::size_t most = 8;

    /// Before a handshake, of a context that is always the same.
    PKS_DECL void attach(::SSL* ssl) noexcept;

    /// Those that the SSL behind a verification was attached to; null where it was to none.
    PKS_DECL static verified_chains* of(::X509_STORE_CTX* store) noexcept;

    /// Whether the chain is known to be good at this time. Then `store` is left as a verification leaves it.
    PKS_DECL bool find(::X509_STORE_CTX* store, std::time_t now) noexcept;

    /// Remembers what was just found good, instead of what was used least lately. Without memory it does not.
    PKS_DECL void keep(::X509_STORE_CTX* store) noexcept;

    std::size_t size() const noexcept
    {
        return known_.size();
    }

private:
    struct release
    {
        void operator()(STACK_OF(X509) * chain) const noexcept
        {
            sk_X509_pop_free(chain, ::X509_free);
        }
    };

    struct entry
    {
        std::string question; // as question_of() says
        std::unique_ptr<STACK_OF(X509), release> chain;
    };

    PKS_DECL static int index();
    PKS_DECL static std::string question_of(::X509_STORE_CTX* store);

    std::vector<entry> known_; // what was used last comes first
};

} // namespace pks::inline v0::net

#ifdef PKS_HEADER_ONLY
#include <pks/impl/verified_chains.ipp>
#endif
