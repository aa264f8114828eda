// A string whose storage is cleansed before it is given back.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <openssl/crypto.h>

namespace pks::inline v0::detail {

template <class T>
class wiping_allocator
{
public:
    using value_type = T;

    wiping_allocator() = default;
    template <class U>
    wiping_allocator(wiping_allocator<U> const&) noexcept
    {
    }

    T* allocate(std::size_t n)
    {
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept
    {
        ::OPENSSL_cleanse(p, n * sizeof(T));
        std::allocator<T>().deallocate(p, n);
    }

    template <class U>
    bool operator==(wiping_allocator<U> const&) const noexcept
    {
        return true;
    }
};

// Texts of up to 15 octets live inside the object and are not cleansed: a secret of its own belongs in pks::secret,
// this is for the buffers that messages pass through.
using wiped_string = std::basic_string<char, std::char_traits<char>, wiping_allocator<char>>;

} // namespace pks::inline v0::detail
