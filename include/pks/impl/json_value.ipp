// Bodies of jose/json_value.hpp.
#pragma once

#include <pks/jose/json_value.hpp>
#include <pks/jose/json_document.hpp>

#include <charconv>
#include <system_error>

namespace pks::inline v0::jose {

PKS_DECL std::optional<bool> json_value::if_boolean() const noexcept
{
    if (type() != json_type::boolean)
        return std::nullopt;
    return document_->nodes_[index_].size != 0;
}

PKS_DECL std::optional<std::string_view> json_value::if_number() const noexcept
{
    if (type() != json_type::number)
        return std::nullopt;
    return text();
}

PKS_DECL std::optional<std::int64_t> json_value::if_int64() const noexcept
{
    auto const number = if_number();
    if (!number)
        return std::nullopt;
    std::int64_t out = 0;
    auto const end = number->data() + number->size();
    auto const [stopped, error] = std::from_chars(number->data(), end, out);
    if (error != std::errc() || stopped != end)
        return std::nullopt;
    return out;
}

PKS_DECL std::size_t json_value::size() const noexcept
{
    auto const t = type();
    return t == json_type::array || t == json_type::object ? document_->nodes_[index_].size : 0;
}

PKS_DECL json_value json_value::operator[](std::string_view name) const noexcept
{
    for (auto const& [found, value] : members())
        if (found == name)
            return value;
    return {*document_, static_cast<std::uint32_t>(document_->nodes_.size())};
}

} // namespace pks::inline v0::jose
