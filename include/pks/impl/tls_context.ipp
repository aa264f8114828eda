// Bodies of net/tls_context.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/net/certificate_check.hpp>
#include <pks/net/tls_context.hpp>

#include <boost/asio/buffer.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace pks::inline v0::net::tls_context_detail {

struct bio_free
{
    void operator()(BIO* b) const noexcept
    {
        ::BIO_free(b);
    }
};
struct x509_free
{
    void operator()(X509* x) const noexcept
    {
        ::X509_free(x);
    }
};

struct file_close
{
    void operator()(std::FILE* f) const noexcept
    {
        std::fclose(f);
    }
};
struct directory_close
{
    void operator()(::DIR* d) const noexcept
    {
        ::closedir(d);
    }
};

struct object_free
{
    void operator()(X509_OBJECT* o) const noexcept
    {
        ::X509_OBJECT_free(o);
    }
};

// Puts a certificate where X509_STORE_add_cert would, which sorts all of them again for each: 10,000 take it 15 s.
// `known`: digests of those that are there.
inline bool add_to(STACK_OF(X509_OBJECT) * objects, X509* certificate, std::set<std::string>& known)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (::X509_digest(certificate, ::EVP_sha256(), digest, &size) != 1)
        return false;
    if (!known.emplace(reinterpret_cast<char const*>(digest), size).second)
        return true;
    std::unique_ptr<X509_OBJECT, object_free> object(::X509_OBJECT_new());
    if (!object || ::X509_OBJECT_set1_X509(object.get(), certificate) != 1 ||
        sk_X509_OBJECT_push(objects, object.get()) == 0)
        return false;
    static_cast<void>(object.release());
    return true;
}

// Private keys that somebody left among the certificates: OpenSSL would leave their octets in memory that it gave back.
// One without an end stays for it to refuse.
inline void blot_out_keys(pks::detail::wiped_string& text)
{
    static constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "-----END ", dashes = "-----";
    std::string_view const all = text;
    for (auto begin = all.find(begin_mark); begin != all.npos; begin = all.find(begin_mark, begin + 1)) {
        auto const name_begin = begin + begin_mark.size();
        auto const name = all.substr(name_begin, all.find_first_of("-\r\n", name_begin) - name_begin);
        if (!name.ends_with("PRIVATE KEY"))
            continue;
        auto const last = all.find(std::string(end_mark).append(name).append(dashes), name_begin);
        if (last == all.npos)
            continue;
        std::fill(text.data() + begin, text.data() + last + end_mark.size() + name.size() + dashes.size(), ' ');
    }
}

inline error_code add_pem(::SSL_CTX* context, pks::detail::wiped_string text)
{
    if (std::string_view(text).find_first_not_of(" \t\r\n") == std::string_view::npos)
        return errc::ca_empty;
    blot_out_keys(text);
    std::unique_ptr<BIO, bio_free> const bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio)
        return errc::ca_malformed;
    // Nobody else has the context yet: the store needs no lock.
    auto* const objects = ::X509_STORE_get0_objects(::SSL_CTX_get_cert_store(context));
    std::set<std::string> known;
    // Never ask a terminal for the password of a key that somebody left in the file.
    auto no_password = [](char*, int, int, void*) { return -1; };
    while (true) {
        std::unique_ptr<X509, x509_free> const one(::PEM_read_bio_X509_AUX(bio.get(), nullptr, +no_password, nullptr));
        if (!one)
            break;
        if (!add_to(objects, one.get(), known))
            return errc::ca_malformed;
    }
    sk_X509_OBJECT_sort(objects);
    auto const last = ::ERR_peek_last_error();
    bool const at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    return !known.empty() && at_end ? error_code() : errc::ca_malformed;
}

// What stands at a path, before it is opened: a pipe or a device would block or never end.
enum class kind {
    missing,
    unreadable,
    file,
    directory,
};

inline kind look_at(std::string const& path) noexcept
{
    struct ::stat status = {};
    if (::stat(path.c_str(), &status) != 0)
        return errno == ENOENT || errno == ENOTDIR ? kind::missing : kind::unreadable;
    if (S_ISDIR(status.st_mode))
        return kind::directory;
    return S_ISREG(status.st_mode) ? kind::file : kind::unreadable;
}

inline error_code add_file(::SSL_CTX* context, std::string const& path)
{
    static constexpr std::size_t largest = std::size_t{16} << 20;
    switch (look_at(path)) {
    case kind::missing:
        return errc::ca_not_found;
    case kind::unreadable:
        return errc::ca_unreadable;
    case kind::directory:
        return errc::ca_is_directory;
    case kind::file:
        break;
    }
    std::unique_ptr<std::FILE, file_close> const file(std::fopen(path.c_str(), "rb"));
    if (!file)
        return errc::ca_unreadable;
    // Neither here nor in stdio's buffer anything stays of a key that somebody left in the file.
    std::setvbuf(file.get(), nullptr, _IONBF, 0);
    pks::detail::wiped_string text;
    std::array<char, 16384> piece;
    bool too_large = false;
    while (auto const n = too_large ? 0 : std::fread(piece.data(), 1, piece.size(), file.get())) {
        text.append({piece.data(), n});
        too_large = text.size() > largest;
    }
    ::OPENSSL_cleanse(piece.data(), piece.size());
    if (too_large)
        return errc::ca_malformed;
    if (std::ferror(file.get()) != 0)
        return errc::ca_unreadable;
    return add_pem(context, std::move(text));
}

// `9d66eef0.0`: what `openssl rehash` makes and what OpenSSL looks for.
inline bool is_hash_link(std::string_view name)
{
    return name.size() >= 10 && name[8] == '.' && pks::detail::all_are(pks::detail::is_hex_digit, name.substr(0, 8)) &&
        pks::detail::all_are(pks::detail::is_digit, name.substr(9));
}

inline error_code add_directory(::SSL_CTX* context, std::string const& path)
{
    switch (look_at(path)) {
    case kind::missing:
        return errc::ca_not_found;
    case kind::unreadable:
        return errc::ca_unreadable;
    case kind::file:
        return errc::ca_not_directory;
    case kind::directory:
        break;
    }
    std::unique_ptr<::DIR, directory_close> const directory(::opendir(path.c_str()));
    if (!directory)
        return errc::ca_unreadable;
    bool any = false;
    while (auto const* const entry = ::readdir(directory.get()))
        any = any || is_hash_link(entry->d_name);
    if (!any)
        return errc::ca_empty;
    return ::SSL_CTX_load_verify_dir(context, path.c_str()) == 1 ? error_code() : errc::ca_unreadable;
}

inline error_code add_client_certificate(boost::asio::ssl::context& context, trust const& policy)
{
    error_code ec;
    auto no_password = [](std::size_t, boost::asio::ssl::context::password_purpose) { return std::string(); };
    context.set_password_callback(no_password, ec);
    auto const key = policy.private_key().reveal();
    if (!ec)
        context.use_certificate_chain(boost::asio::buffer(policy.certificate()), ec);
    if (!ec)
        context.use_private_key(boost::asio::buffer(key.data(), key.size()), boost::asio::ssl::context::pem, ec);
    if (!ec && ::SSL_CTX_check_private_key(context.native_handle()) == 1)
        return {};
    return errc::client_certificate_invalid;
}

inline char const* name_of(trust_source source) noexcept
{
    switch (source) {
    case trust_source::file:
        return "CA file ";
    case trust_source::pem:
        return "CA as PEM text";
    case trust_source::directory:
        return "CA directory ";
    case trust_source::system:
        return "the system's CA store";
    case trust_source::none:
        break;
    }
    return "";
}

inline void say_that_verification_is_off()
{
    static bool const said = [] {
        std::fputs("pks: the certificates of servers are NOT verified (skip_verification)\n", stderr);
        return true;
    }();
    static_cast<void>(said);
}

} // namespace pks::inline v0::net::tls_context_detail

namespace pks::inline v0::net {

PKS_DECL result<std::shared_ptr<boost::asio::ssl::context>> make_tls_context(trust const& policy, std::string* detail)
{
    using namespace tls_context_detail;
    namespace ssl = boost::asio::ssl;
    // What another library left in the queue would be taken for the reason of a failure here.
    ::ERR_clear_error();
    auto context = pks::detail::new_shared<ssl::context>(ssl::context::tls_client);
    auto* const native = context->native_handle();
    ::SSL_CTX_set_min_proto_version(native, policy.minimum() == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    ::SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // Whatever the system's configuration says: 112 bits, no SHA-1, no RSA below 2048 bits.
    ::SSL_CTX_set_security_level(native, std::max(2, ::SSL_CTX_get_security_level(native)));
    // RFC 5280 to the letter; without it OpenSSL takes chains that no two clients read alike.
    if (!policy.missing_extensions_allowed())
        ::X509_VERIFY_PARAM_set_flags(::SSL_CTX_get0_param(native), X509_V_FLAG_X509_STRICT);
    ::SSL_CTX_set_cert_verify_callback(native, &verify_server_chain, nullptr);
    context->set_verify_mode(policy.source() == trust_source::none ? ssl::verify_none : ssl::verify_peer);

    error_code ec;
    std::string name = name_of(policy.source());
    switch (policy.source()) {
    case trust_source::file:
        name += policy.text();
        ec = add_file(native, policy.text());
        break;
    case trust_source::pem:
        ec = add_pem(native, std::string_view(policy.text()));
        break;
    case trust_source::directory:
        name += policy.text();
        ec = add_directory(native, policy.text());
        break;
    case trust_source::system:
        if (::SSL_CTX_set_default_verify_paths(native) != 1)
            ec = errc::ca_unreadable;
        break;
    case trust_source::none:
        say_that_verification_is_off();
        break;
    }
    if (!ec && (!policy.certificate().empty() || !policy.private_key().empty())) {
        name = "client certificate";
        ec = add_client_certificate(*context, policy);
    }
    ::ERR_clear_error();
    if (ec) {
        if (detail)
            *detail = name;
        return ec;
    }
    return context;
}

} // namespace pks::inline v0::net
