// Makes forged tokens.
#include "forgery.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/testing/signing_key.hpp>
#include <pks/testing/token_issuer.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace testing_recorded {

namespace {

namespace json = boost::json;
using pks::jose::base64url_decode;
using pks::jose::base64url_encode;

// The three parts of a token, decoded.
struct parts
{
    std::string header;
    std::string payload;
    std::string signature;

    explicit parts(std::string_view token)
    {
        auto const first = token.find('.');
        auto const last = token.rfind('.');
        header = base64url_decode(token.substr(0, first)).value();
        payload = base64url_decode(token.substr(first + 1, last - first - 1)).value();
        signature = base64url_decode(token.substr(last + 1)).value();
    }

    std::string signing_input() const
    {
        return base64url_encode(header) + '.' + base64url_encode(payload);
    }
    std::string token() const
    {
        return signing_input() + '.' + base64url_encode(signature);
    }

    json::object header_json() const
    {
        return json::parse(header).as_object();
    }
    json::object payload_json() const
    {
        return json::parse(payload).as_object();
    }
};

std::string hs256(std::string_view key, std::string_view text)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<unsigned char const*>(text.data()),
        text.size(), out, &size);
    return {reinterpret_cast<char const*>(out), size};
}

class forger
{
public:
    forger(std::string const& token, std::string const& other, std::string const& public_pem)
        : token_(token), good_(token), other_(other), public_pem_(public_pem)
    {}

    std::vector<mixed_token> make()
    {
        flip_bits();
        change_texts();
        cut();
        loosen_base64();
        exchange_algorithm();
        exchange_key();
        splice();
        return std::move(out_);
    }

private:
    void add(std::string_view group, std::string text)
    {
        out_.push_back({group, std::move(text)});
    }

    void flip_bits()
    {
        for (std::size_t i = 0; i < 8; ++i) {
            auto const flip = [i](std::string& text) {
                auto& octet = text[text.size() * (2 * i + 1) / 16];
                octet = static_cast<char>(octet ^ (1 << i % 8));
            };
            auto altered = good_;
            flip(altered.header);
            add(groups::altered_header, altered.token());
            altered = good_;
            flip(altered.payload);
            add(groups::altered_payload, altered.token());
            altered = good_;
            flip(altered.signature);
            add(groups::altered_signature, altered.token());
        }
    }

    // What a holder would like to read there.
    void change_texts()
    {
        auto const with_claim = [this](char const* name, json::value value) {
            auto claims = good_.payload_json();
            claims[name] = std::move(value);
            auto altered = good_;
            altered.payload = json::serialize(claims);
            add(groups::altered_payload, altered.token());
        };
        with_claim("exp", good_.payload_json().at("exp").to_number<std::int64_t>() + 1);
        with_claim("scope", json::array{"pks.clusters.admin", "pks.clusters.manage", "uaa.admin"});
        with_claim("user_name", "admin");
        with_claim("user_id", "00000000-0000-0000-0000-000000000000");
        with_claim("iss", "https://other.example/oauth/token");
        with_claim("jti", "0123456789abcdef0123456789abcdef");
        auto altered = good_;
        altered.payload += ' ';
        add(groups::altered_payload, altered.token());
        altered = good_;
        altered.header.insert(1, " ");
        add(groups::altered_header, altered.token());
    }

    void cut()
    {
        auto const& signature = good_.signature;
        for (auto const size : {signature.size() - 1, signature.size() / 2, std::size_t{1}, std::size_t{0}}) {
            auto altered = good_;
            altered.signature.resize(size);
            add(groups::altered_signature, altered.token());
        }
        auto altered = good_;
        altered.signature += '\0';
        add(groups::altered_signature, altered.token());
        altered.signature.assign(signature.size(), '\0');
        add(groups::altered_signature, altered.token());

        add(groups::no_token, good_.signing_input());
        add(groups::no_token, token_ + '.');
        add(groups::no_token, ' ' + token_);
        add(groups::no_token, token_ + '\n');
        add(groups::no_token, "a.b.c");
        add(groups::no_token, "..");
        add(groups::no_token, "0123456789abcdef0123456789abcdef");
    }

    // The same octets, and yet not the token that the UAA wrote.
    void loosen_base64()
    {
        constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (std::size_t const bits : {1u, 2u, 8u}) {
            auto altered = token_;
            altered.back() = alphabet[alphabet.find(altered.back()) ^ bits];
            add(groups::loose_base64, altered);
        }
        add(groups::loose_base64, token_ + "==");
    }

    void exchange_algorithm()
    {
        for (auto const* const name : {"none", "None", "HS256", "RS384", "PS256", "ES256"}) {
            auto altered = with_header("alg", name);
            add(groups::algorithm, altered.token());
            altered.signature.clear();
            add(groups::algorithm, altered.token());
        }
        // RFC 8725 §2.1: whoever takes the key as a secret accepts it.
        for (auto const& key : {public_pem_, public_pem_ + '\n'}) {
            auto altered = with_header("alg", "HS256");
            altered.signature = hs256(key, altered.signing_input());
            add(groups::algorithm, altered.token());
        }
    }

    void exchange_key()
    {
        for (auto const* const name : {"key-0", "key-9", "", "../../../dev/null"})
            add(groups::key, with_header("kid", name).token());
        auto const own = pks::testing::signing_key::generate("own");
        auto const resign = [&](json::object const& header) {
            add(groups::key, pks::testing::token_issuer::sign(header, good_.payload_json(), own));
        };
        auto header = good_.header_json();
        resign(header);
        header["jwk"] = own.jwk(false);
        resign(header);
        header = good_.header_json();
        header["kid"] = "own";
        resign(header);
        header["jku"] = "https://other.example/token_keys";
        resign(header);
        header.erase("kid");
        resign(header);
        header = good_.header_json();
        header["x5u"] = "https://other.example/certificate";
        resign(header);
    }

    void splice()
    {
        auto altered = good_;
        altered.signature = other_.signature;
        add(groups::spliced, altered.token());
        altered = good_;
        altered.payload = other_.payload;
        add(groups::spliced, altered.token());
        altered = other_;
        altered.payload = good_.payload;
        add(groups::spliced, altered.token());
        altered = other_;
        altered.signature = good_.signature;
        add(groups::spliced, altered.token());
    }

    parts with_header(char const* name, char const* value) const
    {
        auto header = good_.header_json();
        header[name] = value;
        auto out = good_;
        out.header = json::serialize(header);
        return out;
    }

    std::string token_;
    parts good_;
    parts other_;
    std::string public_pem_;
    std::vector<mixed_token> out_;
};

} // namespace

std::vector<mixed_token> forgeries(std::string const& token, std::string const& other, std::string const& public_pem)
{
    return forger(token, other, public_pem).make();
}

} // namespace testing_recorded
