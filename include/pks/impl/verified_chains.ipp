// Bodies of net/verified_chains.hpp.
#pragma once

#include <pks/net/verified_chains.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/x509_vfy.h>

namespace pks::inline v0::net::verified_chains_detail {

struct openssl_free
{
    void operator()(char* text) const noexcept
    {
        ::OPENSSL_free(text);
    }
};

inline bool append(std::string& out, ::X509* certificate)
{
    auto const size = ::i2d_X509(certificate, nullptr);
    if (size <= 0)
        return false;
    auto const before = out.size();
    out.resize(before + static_cast<std::size_t>(size));
    auto* at = reinterpret_cast<unsigned char*>(out.data() + before);
    return ::i2d_X509(certificate, &at) == size;
}

inline bool append(std::string& out, STACK_OF(X509) * certificates)
{
    for (int i = 0; i < sk_X509_num(certificates); ++i)
        if (!append(out, sk_X509_value(certificates, i)))
            return false;
    return true;
}

// As OpenSSL judges each certificate of a chain, that of the root included.
inline bool is_valid_at(STACK_OF(X509) * chain, std::time_t now)
{
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        auto const* const certificate = sk_X509_value(chain, i);
        if (::X509_cmp_time(::X509_get0_notBefore(certificate), &now) >= 0 ||
            ::X509_cmp_time(::X509_get0_notAfter(certificate), &now) <= 0)
            return false;
    }
    return true;
}

} // namespace pks::inline v0::net::verified_chains_detail

namespace pks::inline v0::net {

// Of the pointer to the chains in each SSL.
PKS_DECL int verified_chains::index()
{
    static int const own = ::SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return own;
}

PKS_DECL void verified_chains::attach(::SSL* ssl) noexcept
{
    ::SSL_set_ex_data(ssl, index(), this);
}

PKS_DECL verified_chains* verified_chains::of(::X509_STORE_CTX* store) noexcept
{
    auto* const ssl = ::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx());
    return ssl ? static_cast<verified_chains*>(::SSL_get_ex_data(static_cast<::SSL*>(ssl), index())) : nullptr;
}

// All that the verdict depends on beside the trust and the time: one name or address, the settings, the server's own
// certificate, and those beside it. Empty where it depends on more.
PKS_DECL std::string verified_chains::question_of(::X509_STORE_CTX* store)
{
    using namespace verified_chains_detail;
    static constexpr unsigned long usual_flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_TRUSTED_FIRST;
    auto* const demands = ::X509_STORE_CTX_get0_param(store);
    auto const flags = ::X509_VERIFY_PARAM_get_flags(demands);
    auto const* const host = ::X509_VERIFY_PARAM_get0_host(demands, 0);
    std::unique_ptr<char, openssl_free> const address(::X509_VERIFY_PARAM_get1_ip_asc(demands));
    auto* const own = ::X509_STORE_CTX_get0_cert(store);
    if ((flags & ~usual_flags) != 0 || !own || (!host && !address) || ::X509_VERIFY_PARAM_get0_host(demands, 1) ||
        ::X509_VERIFY_PARAM_get0_email(demands))
        return {};
    std::string out;
    for (auto const* const name : {host, static_cast<char const*>(address.get())})
        out.append(name ? name : "").push_back('\0');
    for (auto const setting : {flags, static_cast<unsigned long>(::X509_VERIFY_PARAM_get_hostflags(demands)),
             static_cast<unsigned long>(::X509_VERIFY_PARAM_get_depth(demands)),
             static_cast<unsigned long>(::X509_VERIFY_PARAM_get_auth_level(demands))})
        out.append(std::to_string(setting)).push_back('\0');
    // Each tells its length at its beginning.
    if (!append(out, own) || !append(out, ::X509_STORE_CTX_get0_untrusted(store)))
        return {};
    return out;
}

PKS_DECL bool verified_chains::find(::X509_STORE_CTX* store, std::time_t now) noexcept
try {
    if (known_.empty())
        return false;
    auto const question = question_of(store);
    if (question.empty())
        return false;
    auto const at = std::find_if(
        known_.begin(), known_.end(), [&question](entry const& each) { return each.question == question; });
    if (at == known_.end())
        return false;
    if (!verified_chains_detail::is_valid_at(at->chain.get(), now)) {
        known_.erase(at);
        return false;
    }
    auto* const chain = ::X509_chain_up_ref(at->chain.get());
    if (!chain)
        return false;
    ::X509_STORE_CTX_set0_verified_chain(store, chain);
    ::X509_STORE_CTX_set_error(store, X509_V_OK);
    std::rotate(known_.begin(), at, at + 1);
    return true;
} catch (std::exception const&) {
    return false;
}

PKS_DECL void verified_chains::keep(::X509_STORE_CTX* store) noexcept
try {
    entry found;
    found.question = question_of(store);
    found.chain.reset(::X509_STORE_CTX_get1_chain(store));
    if (found.question.empty() || !found.chain)
        return;
    known_.reserve(most);
    if (known_.size() == most)
        known_.pop_back();
    known_.insert(known_.begin(), std::move(found));
} catch (std::exception const&) {
    return;
}

} // namespace pks::inline v0::net
