// A text that must not leak: wiped, never streamed, compared in constant time.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace pks::inline v0 {

/// A password, client secret, token or one-time passcode.
///
/// The octets live in storage that is cleansed on destruction, assignment and move. There is no way to stream, format
/// or implicitly convert a secret; `reveal()` is the one way to its text. A moved-from secret is empty.
///
/// Thread safety: distinct objects are independent; one object as any standard value.
class secret
{
public:
    /// An empty secret. UAA's public clients (`pks_cli`) have one, and it is sent as such.
    secret() noexcept = default;

    /// Copies the text. The caller's own copy is the caller's to wipe.
    PKS_DECL explicit secret(std::string_view text);

    PKS_DECL secret(secret const& other);
    PKS_DECL secret(secret&& other) noexcept;
    PKS_DECL secret& operator=(secret const& other);
    PKS_DECL secret& operator=(secret&& other) noexcept;
    PKS_DECL ~secret();

    /// The text; valid until the secret is changed or destroyed.
    std::string_view reveal() const noexcept
    {
        return {data_.get(), size_};
    }

    bool empty() const noexcept
    {
        return size_ == 0;
    }

    /// Compares in a time that depends on the sizes only.
    PKS_DECL friend bool operator==(secret const& a, secret const& b) noexcept;

    template <class Stream>
    friend Stream& operator<<(Stream&, secret const&) = delete;

private:
    PKS_DECL void wipe() noexcept;

    std::unique_ptr<char[]> data_;
    std::size_t size_ = 0;
};

PKS_DECL bool operator==(secret const& a, secret const& b) noexcept;

} // namespace pks::inline v0

#ifdef PKS_HEADER_ONLY
#include <pks/impl/secret.ipp>
#endif
