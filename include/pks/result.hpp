// A value, or the error that there is instead.
#pragma once

#include <pks/error.hpp>

#include <boost/system/is_error_code_enum.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace pks::inline v0 {

/// What a function gives that can fail: the part of boost::system::result that is needed here. That one rests on a
/// variant, which makes a tenth of all functions of a user's header-only program.
///
/// Thread safety: as T.
template <class T>
class result
{
public:
    result(T value) : value_(std::move(value)), has_value_(true) {}
    result(error_code ec) : error_(ec) {}
    template <class Enum, class = std::enable_if_t<boost::system::is_error_code_enum<Enum>::value>>
    result(Enum e) : error_(e)
    {}

    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : error_(other.error_), has_value_(other.has_value_)
    {
        if (has_value_)
            std::construct_at(&value_, std::move(other.value_));
    }
    result(result const& other) : error_(other.error_), has_value_(other.has_value_)
    {
        if (has_value_)
            std::construct_at(&value_, other.value_);
    }
    result& operator=(result other) noexcept
    {
        static_assert(std::is_nothrow_move_constructible_v<T>);
        std::destroy_at(this);
        return *std::construct_at(this, std::move(other));
    }
    ~result()
    {
        if (has_value_)
            value_.~T();
    }

    bool has_value() const noexcept
    {
        return has_value_;
    }
    bool has_error() const noexcept
    {
        return !has_value_;
    }
    explicit operator bool() const noexcept
    {
        return has_value_;
    }

    /// Of success where there is a value.
    error_code error() const noexcept
    {
        return error_;
    }

    /// Throws boost::system::system_error where there is none.
    T const& value() const&
    {
        check();
        return value_;
    }
    T value() &&
    {
        check();
        return std::move(value_);
    }

    /// There must be a value.
    T const& operator*() const noexcept
    {
        return value_;
    }
    T& operator*() noexcept
    {
        return value_;
    }
    T const* operator->() const noexcept
    {
        return &value_;
    }
    T* operator->() noexcept
    {
        return &value_;
    }

private:
    void check() const
    {
        if (!has_value_)
            throw boost::system::system_error(error_);
    }

    error_code error_;
    union
    {
        T value_;
    };
    bool has_value_ = false;
};

} // namespace pks::inline v0
