// Bodies of secret.hpp.
#pragma once

#include <pks/secret.hpp>

#include <cstring>
#include <utility>

#include <openssl/crypto.h>

namespace pks::inline v0 {

PKS_DECL secret::secret(std::string_view text) : size_(text.size())
{
    if (size_ != 0) {
        data_ = std::make_unique<char[]>(size_);
        std::memcpy(data_.get(), text.data(), size_);
    }
}

PKS_DECL secret::secret(secret const& other) : secret(other.reveal()) {}

PKS_DECL secret::secret(secret&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0))
{}

PKS_DECL secret& secret::operator=(secret const& other)
{
    if (this != &other)
        *this = secret(other);
    return *this;
}

PKS_DECL secret& secret::operator=(secret&& other) noexcept
{
    if (this != &other) {
        wipe();
        data_ = std::move(other.data_);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

PKS_DECL secret::~secret()
{
    wipe();
}

PKS_DECL void secret::wipe() noexcept
{
    if (data_)
        ::OPENSSL_cleanse(data_.get(), size_);
}

PKS_DECL bool operator==(secret const& a, secret const& b) noexcept
{
    return a.size_ == b.size_ && (a.size_ == 0 || ::CRYPTO_memcmp(a.data_.get(), b.data_.get(), a.size_) == 0);
}

} // namespace pks::inline v0
