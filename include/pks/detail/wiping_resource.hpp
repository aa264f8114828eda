// Storage for JSON that holds secrets: cleansed before it is given back.
#pragma once

#include <boost/container/pmr/memory_resource.hpp>
#include <boost/json/storage_ptr.hpp>

#include <cstddef>
#include <new>

#include <openssl/crypto.h>

namespace pks::inline v0::detail {

class wiping_resource final : public boost::container::pmr::memory_resource
{
private:
    // Boost.JSON names another alignment when it gives a key back than when it took it; none is more than the usual.
    void* do_allocate(std::size_t size, std::size_t) override
    {
        return ::operator new(size);
    }
    void do_deallocate(void* p, std::size_t size, std::size_t) override
    {
        ::OPENSSL_cleanse(p, size);
        ::operator delete(p);
    }
    bool do_is_equal(boost::container::pmr::memory_resource const& other) const noexcept override
    {
        return this == &other;
    }
};

inline boost::json::storage_ptr wiping_storage()
{
    return boost::json::make_shared_resource<wiping_resource>();
}

} // namespace pks::inline v0::detail
