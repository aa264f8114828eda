// Bodies of jose/json_document.hpp.
#pragma once

#include <pks/jose/json_document.hpp>
#include <pks/jose/jose_errc.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <string_view>

#include <openssl/crypto.h>

namespace pks::inline v0::jose {

namespace json_detail {

inline constexpr std::size_t most_depth = 64;
inline constexpr std::size_t padding = 8; // zeros behind the text: they end every token, and eight octets can be read
inline constexpr std::size_t most_octets = std::size_t{1} << 30;

inline constexpr std::uint64_t each_octet(std::uint64_t octet) noexcept
{
    return octet * 0x0101010101010101u;
}

// The high bit of each octet that a string cannot simply hold: a control, a quote, a backslash, anything but ASCII.
// Octets behind the first such one may be marked without being one.
inline std::uint64_t marks(std::uint64_t octets) noexcept
{
    auto const zero_octets = [](std::uint64_t x) { return (x - each_octet(1)) & ~x; };
    return (((octets - each_octet(0x20)) & ~octets) | zero_octets(octets ^ each_octet('"')) |
               zero_octets(octets ^ each_octet('\\')) | octets) &
        each_octet(0x80);
}

// The first octet that a string cannot simply hold.
inline char const* skip_plain(char const* p) noexcept
{
    if constexpr (std::endian::native == std::endian::little) {
        for (;; p += 8) {
            std::uint64_t octets;
            std::memcpy(&octets, p, sizeof octets);
            if (auto const found = marks(octets))
                return p + std::countr_zero(found) / 8;
        }
    }
    while (static_cast<unsigned char>(*p) >= 0x20 && static_cast<unsigned char>(*p) < 0x80 && *p != '"' && *p != '\\')
        ++p;
    return p;
}

// The length of the UTF-8 sequence of more than one octet that starts here, or 0. Source: RFC 3629 §4.
inline std::size_t utf8_sequence(char const* p) noexcept
{
    auto const octet = [p](int i) { return static_cast<unsigned char>(p[i]); };
    auto const within = [](unsigned c, unsigned low, unsigned high) { return c >= low && c <= high; };
    auto const first = octet(0);
    if (within(first, 0xc2, 0xdf))
        return within(octet(1), 0x80, 0xbf) ? 2 : 0;
    if (within(first, 0xe0, 0xef)) {
        auto const low = first == 0xe0 ? 0xa0u : 0x80u;
        auto const high = first == 0xed ? 0x9fu : 0xbfu;
        return within(octet(1), low, high) && within(octet(2), 0x80, 0xbf) ? 3 : 0;
    }
    if (within(first, 0xf0, 0xf4)) {
        auto const low = first == 0xf0 ? 0x90u : 0x80u;
        auto const high = first == 0xf4 ? 0x8fu : 0xbfu;
        return within(octet(1), low, high) && within(octet(2), 0x80, 0xbf) && within(octet(3), 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

inline bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

inline int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Whether a finite double is nearest to a number that is well-formed JSON. Decimal, since the standard conversions
// depend on the locale or are missing from some standard libraries.
inline bool is_finite(std::string_view number) noexcept
{
    // Halfway between the greatest double and 2^1024, cut off: what is above rounds to infinity.
    constexpr std::string_view threshold = "179769313486231580793728971405303";
    constexpr std::int64_t threshold_exponent = 308;

    std::array<char, threshold.size()> digits;
    std::size_t kept = 0;
    std::int64_t leading = -1; // decimal exponent of the first digit that is not zero
    bool behind_point = false;
    std::size_t i = number.front() == '-' ? 1 : 0;
    for (; i != number.size() && number[i] != 'e' && number[i] != 'E'; ++i) {
        if (number[i] == '.') {
            behind_point = true;
            continue;
        }
        if (kept == 0 && number[i] == '0') {
            leading -= behind_point ? 1 : 0;
            continue;
        }
        if (!behind_point)
            ++leading;
        if (kept < digits.size())
            digits[kept++] = number[i];
    }
    if (kept == 0)
        return true;
    std::int64_t exponent = 0;
    if (i != number.size()) {
        ++i;
        bool const negative = number[i] == '-';
        if (!is_digit(number[i]))
            ++i;
        for (; i != number.size(); ++i)
            exponent = std::min<std::int64_t>(exponent * 10 + (number[i] - '0'), std::int64_t{1} << 40);
        if (negative)
            exponent = -exponent;
    }
    leading += exponent;
    if (leading != threshold_exponent)
        return leading < threshold_exponent;
    std::fill(digits.begin() + static_cast<std::ptrdiff_t>(kept), digits.end(), '0');
    return std::string_view(digits.data(), digits.size()) < threshold;
}

} // namespace json_detail

class json_document::parser
{
public:
    parser(json_document& document, json_document_limits const& limits) noexcept
        : octets_(document.octets_),
          nodes_(document.nodes_),
          order_(document.order_),
          size_(document.text_size_),
          depth_limit_(std::min(limits.depth, json_detail::most_depth)),
          values_limit_(limits.values)
    {}

    /// False after a failure, which `error()` tells.
    bool run()
    {
        at_ = octets_.data();
        if (std::string_view(octets_).starts_with("\xef\xbb\xbf"))
            return fail(jose_errc::invalid_utf8);
        skip_space();
        if (!value())
            return false;
        while (depth_ != 0)
            if (!next_in_container())
                return false;
        skip_space();
        return at_ == end() || fail(jose_errc::malformed_json);
    }

    jose_errc error() const noexcept
    {
        return error_;
    }

private:
    struct open_container
    {
        std::uint32_t index;
        std::uint32_t size;
    };

    bool fail(jose_errc e) noexcept
    {
        error_ = e;
        return false;
    }

    char const* end() const noexcept
    {
        return octets_.data() + size_;
    }

    void skip_space() noexcept
    {
        while (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')
            ++at_;
    }

    bool add(std::size_t offset, std::size_t size, json_type type)
    {
        if (nodes_.size() >= values_limit_)
            return fail(jose_errc::too_many_values);
        auto const next = static_cast<std::uint32_t>(nodes_.size() + 1);
        nodes_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size), next, type});
        return true;
    }

    // A value that is no container is taken as a whole; of a container, the opening bracket.
    bool value()
    {
        switch (*at_) {
        case '"':
            return string();
        case '{':
            return open(json_type::object);
        case '[':
            return open(json_type::array);
        case 't':
            return literal("true", json_type::boolean, 1);
        case 'f':
            return literal("false", json_type::boolean, 0);
        case 'n':
            return literal("null", json_type::null, 0);
        default:
            return number();
        }
    }

    bool open(json_type type)
    {
        if (depth_ == depth_limit_)
            return fail(jose_errc::json_too_deep);
        open_[depth_++] = {static_cast<std::uint32_t>(nodes_.size()), 0};
        ++at_;
        return add(0, 0, type);
    }

    // What follows in the innermost container: its end, or its next element or member.
    bool next_in_container()
    {
        auto& innermost = open_[depth_ - 1];
        bool const object = nodes_[innermost.index].type == json_type::object;
        skip_space();
        if (*at_ == (object ? '}' : ']')) {
            ++at_;
            return close();
        }
        if (innermost.size++ != 0) {
            if (*at_ != ',')
                return fail(jose_errc::malformed_json);
            ++at_;
            skip_space();
        }
        if (object) {
            if (*at_ != '"')
                return fail(jose_errc::malformed_json);
            if (!string())
                return false;
            skip_space();
            if (*at_ != ':')
                return fail(jose_errc::malformed_json);
            ++at_;
            skip_space();
        }
        return value();
    }

    bool close()
    {
        auto const closed = open_[--depth_];
        auto& node = nodes_[closed.index];
        node.size = closed.size;
        node.next = static_cast<std::uint32_t>(nodes_.size());
        return node.type != json_type::object || names_differ(closed.index) || fail(jose_errc::duplicate_member);
    }

    std::string_view text(std::uint32_t index) const noexcept
    {
        return {octets_.data() + nodes_[index].offset, nodes_[index].size};
    }

    bool names_differ(std::uint32_t object)
    {
        auto const end = nodes_[object].next;
        if (nodes_[object].size <= 64) {
            // Most names have a place of their own in 64; only others need to be compared.
            std::uint64_t taken = 0;
            for (auto i = object + 1; i != end; i = nodes_[i + 1].next) {
                auto const name = text(i);
                auto const ends = name.empty()
                    ? 0u
                    : static_cast<unsigned char>(name.front()) * 5u + static_cast<unsigned char>(name.back()) * 11u +
                        static_cast<unsigned char>(name[name.size() / 2]);
                auto const place = std::uint64_t{1} << ((name.size() * 3 + ends) & 63);
                if ((taken & place) != 0)
                    for (auto k = object + 1; k != i; k = nodes_[k + 1].next)
                        if (text(k) == name)
                            return false;
                taken |= place;
            }
            return true;
        }
        order_.clear();
        for (auto i = object + 1; i != end; i = nodes_[i + 1].next)
            order_.push_back(i);
        std::sort(order_.begin(), order_.end(), [this](auto a, auto b) { return text(a) < text(b); });
        return std::adjacent_find(
                   order_.begin(), order_.end(), [this](auto a, auto b) { return text(a) == text(b); }) == order_.end();
    }

    bool literal(std::string_view word, json_type type, std::size_t size)
    {
        if (std::memcmp(at_, word.data(), word.size()) != 0)
            return fail(jose_errc::malformed_json);
        at_ += word.size();
        return add(0, size, type);
    }

    bool number()
    {
        using json_detail::is_digit;
        auto const begin = at_;
        bool unusual = false;
        if (*at_ == '-')
            ++at_;
        if (*at_ == '0')
            ++at_;
        else if (!digits())
            return fail(jose_errc::malformed_json);
        if (*at_ == '.') {
            ++at_;
            unusual = true;
            if (!digits())
                return fail(jose_errc::malformed_json);
        }
        if (*at_ == 'e' || *at_ == 'E') {
            ++at_;
            unusual = true;
            if (*at_ == '+' || *at_ == '-')
                ++at_;
            if (!digits())
                return fail(jose_errc::malformed_json);
        }
        auto const size = static_cast<std::size_t>(at_ - begin);
        if ((unusual || size > 308) && !json_detail::is_finite({begin, size}))
            return fail(jose_errc::number_out_of_range);
        return add(static_cast<std::size_t>(begin - octets_.data()), size, json_type::number);
    }

    bool digits() noexcept
    {
        auto const begin = at_;
        while (json_detail::is_digit(*at_))
            ++at_;
        return at_ != begin;
    }

    bool string()
    {
        auto const begin = ++at_;
        for (;;) {
            at_ = json_detail::skip_plain(at_);
            if (*at_ == '"') {
                auto const size = static_cast<std::size_t>(at_ - begin);
                ++at_;
                return add(static_cast<std::size_t>(begin - octets_.data()), size, json_type::string);
            }
            if (*at_ == '\\')
                return string_with_escapes(begin);
            if (!other_character())
                return false;
        }
    }

    // An octet of a string that is neither plain nor a quote nor a backslash.
    bool other_character() noexcept
    {
        if (static_cast<unsigned char>(*at_) < 0x80)
            return fail(jose_errc::malformed_json);
        auto const size = json_detail::utf8_sequence(at_);
        at_ += size;
        return size != 0 || fail(jose_errc::invalid_utf8);
    }

    bool string_with_escapes(char const* begin)
    {
        // No string grows by having its escapes resolved: what was reserved is enough.
        auto const start = octets_.size();
        auto plain = begin; // not copied yet
        for (;;) {
            at_ = json_detail::skip_plain(at_);
            if (*at_ == '"' || *at_ == '\\') {
                octets_.append(plain, static_cast<std::size_t>(at_ - plain));
                if (*at_++ == '"')
                    return add(start, octets_.size() - start, json_type::string);
                if (!escape())
                    return false;
                plain = at_;
            } else if (!other_character())
                return false;
        }
    }

    // What follows a backslash.
    bool escape()
    {
        switch (*at_++) {
        case '"':
            octets_ += '"';
            return true;
        case '\\':
            octets_ += '\\';
            return true;
        case '/':
            octets_ += '/';
            return true;
        case 'b':
            octets_ += '\b';
            return true;
        case 'f':
            octets_ += '\f';
            return true;
        case 'n':
            octets_ += '\n';
            return true;
        case 'r':
            octets_ += '\r';
            return true;
        case 't':
            octets_ += '\t';
            return true;
        case 'u':
            return unicode_escape();
        default:
            return fail(jose_errc::malformed_json);
        }
    }

    bool hex4(unsigned& out) noexcept
    {
        out = 0;
        for (int i = 0; i != 4; ++i) {
            auto const digit = json_detail::hex_value(*at_);
            if (digit < 0)
                return fail(jose_errc::malformed_json);
            out = out << 4 | static_cast<unsigned>(digit);
            ++at_;
        }
        return true;
    }

    bool unicode_escape()
    {
        unsigned unit = 0;
        if (!hex4(unit))
            return false;
        if (unit >= 0xdc00 && unit < 0xe000)
            return fail(jose_errc::invalid_utf8);
        if (unit >= 0xd800 && unit < 0xdc00) {
            if (at_[0] != '\\' || at_[1] != 'u')
                return fail(jose_errc::invalid_utf8);
            at_ += 2;
            unsigned low = 0;
            if (!hex4(low))
                return false;
            if (low < 0xdc00 || low >= 0xe000)
                return fail(jose_errc::invalid_utf8);
            unit = 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
        }
        auto const put = [this](unsigned octet) { octets_ += static_cast<char>(octet); };
        if (unit < 0x80)
            put(unit);
        else if (unit < 0x800) {
            put(0xc0 | unit >> 6);
            put(0x80 | (unit & 63));
        } else if (unit < 0x10000) {
            put(0xe0 | unit >> 12);
            put(0x80 | (unit >> 6 & 63));
            put(0x80 | (unit & 63));
        } else {
            put(0xf0 | unit >> 18);
            put(0x80 | (unit >> 12 & 63));
            put(0x80 | (unit >> 6 & 63));
            put(0x80 | (unit & 63));
        }
        return true;
    }

    std::string& octets_;
    std::vector<node>& nodes_;
    std::vector<std::uint32_t>& order_;
    char const* at_ = nullptr;
    std::size_t const size_;
    std::size_t const depth_limit_;
    std::size_t const values_limit_;
    std::size_t depth_ = 0;
    std::array<open_container, json_detail::most_depth> open_;
    jose_errc error_ = {};
};

PKS_DECL error_code json_document::parse(std::string_view text, json_document_limits const& limits)
{
    nodes_.clear();
    octets_.clear();
    text_size_ = 0;
    if (text.size() > json_detail::most_octets)
        return jose_errc::too_many_values;
    // Room for all strings with escapes, resolved: nothing moves while it is pointed at, or stays behind unwiped.
    escapes_ = text.find('\\') != text.npos;
    octets_.reserve(text.size() * (escapes_ ? 2 : 1) + json_detail::padding);
    octets_.append(text);
    octets_.append(json_detail::padding, '\0');
    text_size_ = text.size();
    // As many values as usual claims have, in one piece of a size that allocators have at hand.
    nodes_.reserve(std::min({limits.values, text.size() / 8 + 8, std::size_t{64}}));

    parser p(*this, limits);
    if (p.run())
        return {};
    nodes_.clear();
    octets_.clear();
    text_size_ = 0;
    return p.error();
}

PKS_DECL void json_document::wipe() noexcept
{
    octets_.resize(octets_.capacity());
    ::OPENSSL_cleanse(octets_.data(), octets_.size());
    octets_.clear();
    nodes_.clear();
    text_size_ = 0;
}

} // namespace pks::inline v0::jose
