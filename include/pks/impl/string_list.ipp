// Bodies of jose/string_list.hpp.
#pragma once

#include <pks/jose/string_list.hpp>

#include <algorithm>

namespace pks::inline v0::jose {

PKS_DECL string_list::iterator string_list::begin() const noexcept
{
    iterator out;
    if (!value_)
        return out;
    if (auto const text = value_->if_string()) {
        if (split_) {
            out.rest_ = *text;
            out.next_word();
        } else
            out.word_ = *text;
        return out;
    }
    if (value_->size() == 0)
        return out;
    auto const elements = value_->elements();
    out.at_ = elements.begin();
    out.end_ = elements.end();
    out.word_ = (**out.at_).if_string().value_or(std::string_view());
    return out;
}

PKS_DECL string_list::iterator string_list::end() const noexcept
{
    return {};
}

PKS_DECL string_list::iterator& string_list::iterator::operator++() noexcept
{
    if (!at_) {
        next_word();
        return *this;
    }
    ++*at_;
    if (*at_ == *end_)
        *this = iterator();
    else
        word_ = (**at_).if_string().value_or(std::string_view());
    return *this;
}

PKS_DECL void string_list::iterator::next_word() noexcept
{
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    auto const size = std::min(rest_.find(' '), rest_.size());
    word_ = size == 0 ? std::string_view() : rest_.substr(0, size);
    rest_.remove_prefix(size);
}

PKS_DECL bool string_list::empty() const noexcept
{
    return begin() == end();
}

PKS_DECL std::size_t string_list::size() const noexcept
{
    std::size_t out = 0;
    for (auto at = begin(); at != end(); ++at)
        ++out;
    return out;
}

PKS_DECL bool string_list::contains(std::string_view wanted) const noexcept
{
    return std::find(begin(), end(), wanted) != end();
}

PKS_DECL std::vector<std::string> string_list::to_vector() const
{
    return {begin(), end()};
}

} // namespace pks::inline v0::jose
