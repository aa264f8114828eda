// Bodies of net/tls_context.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/detail/new_shared.hpp>
#include <pks/net/tls_context.hpp>

#include <boost/asio/buffer.hpp>

#include <cerrno>
#include <cstdio>

#include <dirent.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

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

inline error_code add_pem(::SSL_CTX* context, std::string_view text)
{
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        return errc::ca_empty;
    std::unique_ptr<BIO, bio_free> const bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio)
        return errc::ca_malformed;
    ::X509_STORE* const store = ::SSL_CTX_get_cert_store(context);
    std::size_t added = 0;
    // Never ask a terminal for the password of a key that somebody left in the file.
    auto no_password = [](char*, int, int, void*) { return -1; };
    while (true) {
        std::unique_ptr<X509, x509_free> const one(::PEM_read_bio_X509_AUX(bio.get(), nullptr, +no_password, nullptr));
        if (!one)
            break;
        if (::X509_STORE_add_cert(store, one.get()) != 1)
            return errc::ca_malformed;
        ++added;
    }
    auto const last = ::ERR_peek_last_error();
    bool const at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    return added != 0 && at_end ? error_code() : errc::ca_malformed;
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
    std::string text;
    char piece[4096];
    while (auto const n = std::fread(piece, 1, sizeof piece, file.get())) {
        text.append(piece, n);
        if (text.size() > largest)
            return errc::ca_malformed;
    }
    if (std::ferror(file.get()) != 0)
        return errc::ca_unreadable;
    return add_pem(context, text);
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
    context->set_verify_mode(policy.source() == trust_source::none ? ssl::verify_none : ssl::verify_peer);

    error_code ec;
    std::string name = name_of(policy.source());
    switch (policy.source()) {
    case trust_source::file:
        name += policy.text();
        ec = add_file(native, policy.text());
        break;
    case trust_source::pem:
        ec = add_pem(native, policy.text());
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
