// A string whose octets are cleansed wherever it leaves them behind: for the buffers that secrets pass through.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include <string.h>

namespace pks::inline v0::detail {

/// Always in a block of its own, so that a short one is handed over as a long one is, and leaves nothing behind. Octets
/// past its end are clean.
class wiped_string
{
public:
    wiped_string() = default;
    wiped_string(std::string_view text)
    {
        append(text);
    }
    wiped_string(char const* text) : wiped_string(std::string_view(text)) {}

    wiped_string(wiped_string const& other) : wiped_string(std::string_view(other)) {}
    wiped_string(wiped_string&& other) noexcept
        : room_(std::move(other.room_)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0))
    {}
    wiped_string& operator=(wiped_string other) noexcept
    {
        swap(other);
        return *this;
    }
    ~wiped_string()
    {
        clear();
    }

    wiped_string& append(std::string_view text)
    {
        return append({text});
    }
    /// One after the other. They may be parts of this one.
    wiped_string& append(std::initializer_list<std::string_view> texts)
    {
        auto size = size_;
        for (auto const text : texts)
            size += text.size();
        if (size <= capacity_) {
            put(texts);
            return *this;
        }
        wiped_string roomier;
        roomier.make_room(std::max({size, 2 * capacity_, least}));
        roomier.put({*this});
        roomier.put(texts);
        swap(roomier);
        return *this;
    }
    wiped_string& operator+=(std::string_view text)
    {
        return append(text);
    }
    wiped_string& operator+=(char c)
    {
        return append(std::string_view(&c, 1));
    }
    void push_back(char c)
    {
        *this += c;
    }
    void resize(std::size_t size)
    {
        reserve(size);
        if (size > size_)
            std::fill_n(room_.get() + size_, size - size_, '\0');
        else
            cleanse_from(size);
        size_ = size;
    }
    void reserve(std::size_t size)
    {
        if (size <= capacity_)
            return;
        wiped_string roomier;
        roomier.make_room(size);
        roomier.put({*this});
        swap(roomier);
    }
    void clear() noexcept
    {
        cleanse_from(0);
        size_ = 0;
    }

    operator std::string_view() const noexcept
    {
        return {room_.get(), size_};
    }
    char const* data() const noexcept
    {
        return room_.get();
    }
    char* data() noexcept
    {
        return room_.get();
    }
    std::size_t size() const noexcept
    {
        return size_;
    }
    std::size_t capacity() const noexcept
    {
        return capacity_;
    }
    bool empty() const noexcept
    {
        return size_ == 0;
    }

    /// Hidden from whoever compares other texts.
    template <class Text>
        requires std::is_convertible_v<Text const&, std::string_view>
    friend bool operator==(wiped_string const& a, Text const& b) noexcept
    {
        return std::string_view(a) == std::string_view(b);
    }

private:
    // What grows octet by octet begins with this.
    static constexpr std::size_t least = 32;

    void make_room(std::size_t size)
    {
        room_.reset(new char[size]);
        capacity_ = size;
    }
    void put(std::initializer_list<std::string_view> texts) noexcept
    {
        for (auto const text : texts) {
            std::copy_n(text.data(), text.size(), room_.get() + size_);
            size_ += text.size();
        }
    }
    void swap(wiped_string& other) noexcept
    {
        room_.swap(other.room_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    void cleanse_from(std::size_t begin) noexcept
    {
        // Of the C library's, since OPENSSL_cleanse takes four times as long for a token.
        if (begin < size_)
            ::explicit_bzero(room_.get() + begin, size_ - begin);
    }

    std::unique_ptr<char[]> room_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace pks::inline v0::detail
