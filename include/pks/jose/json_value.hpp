// A view of one value of a json_document.
#pragma once

#include <pks/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace pks::inline v0::jose {

class json_document;

enum class json_type : std::uint8_t {
    none, ///< no such value
    null,
    boolean,
    number,
    string,
    array,
    object,
};

/// A value of a json_document: refers to it, and is valid as long as the document is neither changed nor destroyed.
///
/// Asking a value for what it is not gives nothing: an empty optional, no elements, a json_type::none.
class json_value
{
public:
    class element_iterator;
    class member_iterator;
    template <class Iterator>
    class range;

    inline json_type type() const noexcept;

    bool exists() const noexcept
    {
        return type() != json_type::none;
    }

    /// A string's characters, escapes resolved.
    inline std::optional<std::string_view> if_string() const noexcept;
    PKS_DECL std::optional<bool> if_boolean() const noexcept;

    /// A number as it is written.
    PKS_DECL std::optional<std::string_view> if_number() const noexcept;

    /// A number that is written as an integer, without fraction or exponent, and fits.
    PKS_DECL std::optional<std::int64_t> if_int64() const noexcept;

    /// Elements of an array, members of an object, otherwise 0.
    PKS_DECL std::size_t size() const noexcept;

    /// The member of that name; of type none if there is none, or if this is no object.
    PKS_DECL json_value operator[](std::string_view name) const noexcept;

    /// The elements of an array, in order.
    inline range<element_iterator> elements() const noexcept;

    /// The members of an object, in order, as pairs of name and value.
    inline range<member_iterator> members() const noexcept;

private:
    friend class claims;
    friend class json_document;

    json_value(json_document const& document, std::uint32_t index) noexcept : document_(&document), index_(index) {}

    inline std::string_view text() const noexcept;
    inline std::uint32_t next() const noexcept;

    json_document const* document_;
    std::uint32_t index_;
};

class json_value::element_iterator
{
public:
    using value_type = json_value;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    json_value operator*() const noexcept
    {
        return at_;
    }
    element_iterator& operator++() noexcept
    {
        at_.index_ = at_.next();
        return *this;
    }
    element_iterator operator++(int) noexcept
    {
        auto const before = *this;
        ++*this;
        return before;
    }
    bool operator==(element_iterator const& other) const noexcept
    {
        return at_.index_ == other.at_.index_;
    }

private:
    friend class json_value;
    explicit element_iterator(json_value at) noexcept : at_(at) {}

    json_value at_;
};

class json_value::member_iterator
{
public:
    using value_type = std::pair<std::string_view, json_value>;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    value_type operator*() const noexcept
    {
        return {name_.text(), json_value(*name_.document_, name_.index_ + 1)};
    }
    member_iterator& operator++() noexcept
    {
        name_.index_ = json_value(*name_.document_, name_.index_ + 1).next();
        return *this;
    }
    member_iterator operator++(int) noexcept
    {
        auto const before = *this;
        ++*this;
        return before;
    }
    bool operator==(member_iterator const& other) const noexcept
    {
        return name_.index_ == other.name_.index_;
    }

private:
    friend class json_value;
    explicit member_iterator(json_value name) noexcept : name_(name) {}

    json_value name_;
};

template <class Iterator>
class json_value::range
{
public:
    Iterator begin() const noexcept
    {
        return begin_;
    }
    Iterator end() const noexcept
    {
        return end_;
    }

private:
    friend class json_value;
    range(Iterator begin, Iterator end) noexcept : begin_(begin), end_(end) {}

    Iterator begin_;
    Iterator end_;
};

} // namespace pks::inline v0::jose

#include <pks/jose/json_document.hpp> // which defines what is inline above
