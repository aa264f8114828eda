// A claim that is one string or an array of strings: scope, aud, amr.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/jose/json_value.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::jose {

/// A view of the strings of a claim; refers to the claims it comes from, and allocates nothing.
class string_list
{
public:
    class iterator;

    string_list() = default;

    PKS_DECL iterator begin() const noexcept;
    PKS_DECL iterator end() const noexcept;

    PKS_DECL bool empty() const noexcept;
    PKS_DECL std::size_t size() const noexcept;

    /// Exact, in its case.
    PKS_DECL bool contains(std::string_view wanted) const noexcept;

    PKS_DECL std::vector<std::string> to_vector() const;

private:
    friend class claims;

    // `split`: a single string is a list of words between spaces.
    string_list(json_value value, bool split) noexcept : value_(value), split_(split) {}

    std::optional<json_value> value_;
    bool split_ = false;
};

class string_list::iterator
{
public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    std::string_view operator*() const noexcept
    {
        return word_;
    }
    PKS_DECL iterator& operator++() noexcept;
    iterator operator++(int) noexcept
    {
        auto const before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(iterator const& a, iterator const& b) noexcept
    {
        return a.word_.data() == b.word_.data() && a.at_ == b.at_;
    }

private:
    friend class string_list;
    iterator() = default;
    PKS_DECL void next_word() noexcept;

    std::string_view word_;
    std::string_view rest_;                          // of a string that is split
    std::optional<json_value::element_iterator> at_; // in an array
    std::optional<json_value::element_iterator> end_;
};

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/string_list.ipp>
#endif
