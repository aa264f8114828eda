// A string whose octets are cleansed wherever it leaves them behind: for the buffers that secrets pass through.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <string.h>

namespace pks::inline v0::detail {

/// Rests on std::string, which every program has compiled already; an allocator of its own would not see short texts.
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
    // A short text is not handed over but copied: what the copy leaves behind goes with `other`.
    wiped_string(wiped_string&& other) noexcept : text_(std::move(other.text_)) {}
    wiped_string& operator=(wiped_string other) noexcept
    {
        clear();
        swap(other);
        return *this;
    }
    ~wiped_string()
    {
        cleanse();
    }

    wiped_string& append(std::string_view text)
    {
        if (text.size() <= text_.capacity() - text_.size()) {
            text_.append(text);
        } else {
            wiped_string roomier;
            roomier.text_.reserve(std::max(text_.size() + text.size(), 2 * text_.capacity()));
            roomier.text_.append(text_).append(text);
            clear();
            swap(roomier);
        }
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
        text_.resize(size);
    }
    void reserve(std::size_t size)
    {
        if (size <= text_.capacity())
            return;
        wiped_string roomier;
        roomier.text_.reserve(size);
        roomier.text_.append(text_);
        clear();
        swap(roomier);
    }
    void clear() noexcept
    {
        cleanse();
        text_.clear();
    }

    operator std::string_view() const noexcept
    {
        return text_;
    }
    char const* data() const noexcept
    {
        return text_.data();
    }
    char* data() noexcept
    {
        return text_.data();
    }
    std::size_t size() const noexcept
    {
        return text_.size();
    }
    std::size_t capacity() const noexcept
    {
        return text_.capacity();
    }
    bool empty() const noexcept
    {
        return text_.empty();
    }

    /// Hidden from whoever compares other texts.
    template <class Text>
        requires std::is_convertible_v<Text const&, std::string_view>
    friend bool operator==(wiped_string const& a, Text const& b) noexcept
    {
        return std::string_view(a) == std::string_view(b);
    }

private:
    void swap(wiped_string& other) noexcept
    {
        // As above; two short ones would pass through the stack, so one of them is always empty.
        text_.swap(other.text_);
    }

    void cleanse() noexcept
    {
        // Of the C library's, since OPENSSL_cleanse takes four times as long for a token.
        ::explicit_bzero(text_.data(), text_.capacity());
    }

    std::string text_;
};

} // namespace pks::inline v0::detail
