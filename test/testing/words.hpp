// Tokens and identifiers within texts.
#pragma once

#include <string>
#include <string_view>

namespace testing_recorded {

/// A character of a token, an id or a number.
inline bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.';
}

/// The text with each word replaced by what `change` makes of it.
template <class Change>
std::string replace_words(std::string_view text, Change change)
{
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && is_word(text[end]))
            ++end;
        if (end == i) {
            out += text[i++];
        } else {
            out += change(text.substr(i, end - i));
            i = end;
        }
    }
    return out;
}

inline bool looks_signed(std::string_view word)
{
    return word.substr(0, 3) == "eyJ" && word.find('.') != std::string_view::npos;
}

} // namespace testing_recorded
