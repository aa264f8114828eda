// A server that sends its part of a handshake record by record, and not all of it.
#include "runner/partial_handshake.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <stdexcept>

namespace conform {

std::vector<std::string_view> records_in(std::string_view octets)
{
    std::vector<std::string_view> out;
    while (octets.size() >= 5) {
        auto const size = std::size_t{5} + std::size_t{static_cast<unsigned char>(octets[3])} * 256 +
            static_cast<unsigned char>(octets[4]);
        if (size > octets.size())
            break;
        out.push_back(octets.substr(0, size));
        octets.remove_prefix(size);
    }
    return out;
}

void shake_hands_partially(server_socket& socket, ::SSL_CTX* context,
    std::function<bool(std::size_t flight, std::string_view octets)> const& send)
{
    std::unique_ptr<::SSL, decltype(&::SSL_free)> const ssl(::SSL_new(context), &::SSL_free);
    auto* const in = ::BIO_new(::BIO_s_mem());
    auto* const out = ::BIO_new(::BIO_s_mem());
    if (!ssl || !in || !out)
        throw std::runtime_error("OpenSSL cannot make a connection");
    ::SSL_set_bio(ssl.get(), in, out);
    for (std::size_t flight = 0;;) {
        int const done = ::SSL_accept(ssl.get());
        bool const failed = done != 1 && ::SSL_get_error(ssl.get(), done) != SSL_ERROR_WANT_READ;
        ::ERR_clear_error();
        char* data = nullptr;
        auto const size = BIO_get_mem_data(out, &data);
        std::string const octets(data, static_cast<std::size_t>(size));
        static_cast<void>(BIO_reset(out));
        if (!octets.empty() && !send(flight++, octets))
            return;
        if (done == 1 || failed)
            return;
        auto const got = socket.read_some();
        if (got.empty())
            return;
        ::BIO_write(in, got.data(), static_cast<int>(got.size()));
    }
}

} // namespace conform
