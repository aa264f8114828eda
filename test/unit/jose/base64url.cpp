// base64url: RFC 4648 vectors, and exactly one text for each octet sequence.
#include <pks/jose/base64url.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <span>
#include <string>
#include <utility>

using pks::jose::base64url_decode;
using pks::jose::base64url_decoded_size;
using pks::jose::base64url_encode;

BOOST_AUTO_TEST_SUITE(jose_base64url)

BOOST_AUTO_TEST_CASE(vectors)
{
    std::pair<char const*, char const*> const samples[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
    for (auto const& [octets, text] : samples) {
        BOOST_TEST(base64url_encode(octets) == text);
        BOOST_TEST((base64url_decode(text) == std::string(octets)));
    }
}

BOOST_AUTO_TEST_CASE(every_octet_and_length_comes_back)
{
    std::string octets;
    for (int i = 0; i < 300; ++i) {
        BOOST_TEST((base64url_decode(base64url_encode(octets)) == octets));
        octets += static_cast<char>(i * 7);
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_canonical_is_refused)
{
    for (auto const text :
        {"Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm9v Zm9v", "Zm9v\n", "Zm+v", "Zm/v", "Zm9vY", "Zm9\xc3\xa9"})
        BOOST_TEST((base64url_decode(text) == std::nullopt), text);
    BOOST_TEST((base64url_decode(std::string_view("Zm9\0", 4)) == std::nullopt));
}

// Each character of a long text in turn: those that are decoded together, and those that are left over.
BOOST_AUTO_TEST_CASE(j12_one_foreign_character_anywhere_is_enough)
{
    for (std::size_t size = 1; size != 40; ++size) {
        auto const text = base64url_encode(std::string(size, 'x'));
        for (std::size_t i = 0; i != text.size(); ++i)
            for (char const c : {'=', '+', '/', ' ', '\n', '.', '\0', '\x80', '\xff'}) {
                auto changed = text;
                changed[i] = c;
                BOOST_TEST((base64url_decode(changed) == std::nullopt), size << " octets, character " << i);
            }
    }
}

BOOST_AUTO_TEST_CASE(j12_of_the_texts_that_end_alike_one_is_canonical)
{
    std::string const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::size_t taken = 0;
    for (char const a : alphabet)
        for (char const b : alphabet)
            if (auto const octets = base64url_decode(std::string{a, b})) {
                BOOST_TEST(base64url_encode(*octets) == (std::string{a, b}));
                ++taken;
            }
    BOOST_TEST(taken == 256u);
    for (char const c : alphabet)
        taken += base64url_decode(std::string{'A', 'A', c}) ? 1 : 0;
    BOOST_TEST(taken == 256u + 16u);
}

BOOST_AUTO_TEST_CASE(into_storage_of_the_caller)
{
    std::array<char, 32> storage;
    for (std::size_t size = 0; size != 20; ++size) {
        std::string octets;
        for (std::size_t i = 0; i != size; ++i)
            octets += static_cast<char>(200 + i * 3);
        auto const text = base64url_encode(octets);
        BOOST_TEST(base64url_decoded_size(text.size()) == size);
        storage.fill('!');
        BOOST_TEST((base64url_decode(text, std::span(storage).first(size)) == size));
        BOOST_TEST(std::string(storage.data(), size) == octets);
        BOOST_TEST(storage[size] == '!', "wrote behind " << size << " octets");
        if (size != 0)
            BOOST_TEST((base64url_decode(text, std::span(storage).first(size - 1)) == std::nullopt));
    }
    BOOST_TEST((base64url_decode("Zm9=", std::span(storage)) == std::nullopt));
}

BOOST_AUTO_TEST_SUITE_END()
