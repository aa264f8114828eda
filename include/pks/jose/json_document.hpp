// Strict JSON for headers, claims and key sets, without an allocation once its storage has grown.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/error.hpp>
#include <pks/jose/json_value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pks::inline v0::jose {

class json_document_limits
{
public:
    json_document_limits() = default;

    std::size_t depth = 32;    ///< arrays and objects within each other, at most 64; `[]` has depth 1
    std::size_t values = 8192; ///< values and member names together
};

/// One parsed JSON text, with a copy of all it needs: a value, copied and moved as one. Parsing again reuses storage.
///
/// Accepts exactly RFC 8259, less: texts that are not UTF-8 or begin with a byte order mark, half surrogate pairs
/// (jose_errc::invalid_utf8), objects with two members whose names are equal after escapes are resolved
/// (duplicate_member), numbers that no finite double holds (number_out_of_range), and whatever exceeds the limits
/// (json_too_deep, too_many_values). All else is malformed_json.
class json_document
{
public:
    json_document() = default;

    /// Replaces the content. `text` may not be part of this document. After an error the document is empty.
    PKS_DECL error_code parse(std::string_view text, json_document_limits const& limits = {});

    /// The value that the text is; of type json_type::none before a text was parsed.
    json_value root() const noexcept
    {
        return {*this, 0};
    }

    /// The text that was parsed.
    std::string_view text() const noexcept
    {
        return std::string_view(octets_).substr(0, text_size_);
    }

    /// Forgets the content and cleanses the storage it was in.
    PKS_DECL void wipe() noexcept;

private:
    friend class claims;
    friend class json_value;
    class parser;

    // One value, or the name of a member, ahead of its value; those inside of an array or object follow at once.
    struct node
    {
        std::uint32_t offset; // of a string's or number's text in `octets_`
        std::uint32_t size;   // of that text; of an array or object, how many elements or members
        std::uint32_t next;   // the index after this value and all inside of it
        json_type type;
    };

    std::string octets_; // the text, then the strings that held escapes, resolved
    std::size_t text_size_ = 0;
    bool escapes_ = false; // the text may have some
    std::vector<node> nodes_;
    std::vector<std::uint32_t> order_; // scratch for objects with many members
};

// ---- of json_value, which every look at a token goes through ----

inline json_type json_value::type() const noexcept
{
    return index_ < document_->nodes_.size() ? document_->nodes_[index_].type : json_type::none;
}

inline std::string_view json_value::text() const noexcept
{
    auto const& node = document_->nodes_[index_];
    return {document_->octets_.data() + node.offset, node.size};
}

inline std::uint32_t json_value::next() const noexcept
{
    return document_->nodes_[index_].next;
}

inline std::optional<std::string_view> json_value::if_string() const noexcept
{
    if (type() != json_type::string)
        return std::nullopt;
    return text();
}

inline json_value::range<json_value::element_iterator> json_value::elements() const noexcept
{
    if (type() != json_type::array)
        return {element_iterator(*this), element_iterator(*this)};
    return {element_iterator({*document_, index_ + 1}), element_iterator({*document_, next()})};
}

inline json_value::range<json_value::member_iterator> json_value::members() const noexcept
{
    if (type() != json_type::object)
        return {member_iterator(*this), member_iterator(*this)};
    return {member_iterator({*document_, index_ + 1}), member_iterator({*document_, next()})};
}

} // namespace pks::inline v0::jose

#ifdef PKS_HEADER_ONLY
#include <pks/impl/json_document.ipp>
#include <pks/impl/json_value.ipp>
#endif
