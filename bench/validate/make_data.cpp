// Bodies of make_data.hpp.
#include "make_data.hpp"
#include "../../test/unit/jose/signer.hpp"
#include "data.hpp"

#include <pks/clock.hpp>
#include <pks/endpoint.hpp>
#include <pks/jose/base64url.hpp>
#include <pks/policy/instant.hpp>
#include <pks/policy/key_cache.hpp>

#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

using jose_test::signer;
using pks::jose::base64url_encode;

// A token as the PKS API gets it: 1,258 octets, in which there are 593 octets of claims and 92 of header.
constexpr std::string_view address = "https://api.pks.example.com:8443";
constexpr std::string_view audience = "pks.clusters";
constexpr std::string_view scope = "pks.clusters.manage";
constexpr std::size_t claims_size = 593;
constexpr std::size_t token_size = 1258;
constexpr std::size_t large_size = 1'000'000;
constexpr std::size_t large_count = 8;

std::string issuer()
{
    return std::string(address) + "/oauth/token";
}

void require(bool condition, char const* what)
{
    if (!condition)
        throw std::runtime_error(what);
}

void write(std::filesystem::path const& file, std::string_view text)
{
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    require(out.good(), "the data cannot be written");
}

std::string random_hex(std::size_t digits)
{
    std::vector<unsigned char> octets((digits + 1) / 2);
    require(RAND_bytes(octets.data(), static_cast<int>(octets.size())) == 1, "no random numbers");
    std::string out;
    for (auto const octet : octets)
        for (auto const half : {octet >> 4, octet & 15})
            out += "0123456789abcdef"[half];
    out.resize(digits);
    return out;
}

std::string random_uuid()
{
    auto out = random_hex(32);
    for (auto const at : {8u, 13u, 18u, 23u})
        out.insert(at, 1, '-');
    return out;
}

/// One of the keys of a UAA, and how its tokens look.
class uaa_key
{
public:
    std::string kid;
    std::string alg;
    signer key;

    std::string header(std::string_view another_alg = {}) const
    {
        return R"({"jku":")" + std::string(address) + R"(/token_keys","kid":")" + kid + R"(","typ":"JWT","alg":")" +
            (another_alg.empty() ? alg : std::string(another_alg)) + R"("})";
    }

    std::string token(std::string_view claims) const
    {
        return jose_test::make_token(key, alg, header(), claims);
    }
};

// The members of a user's token in the order of UAA 77.18, distinct in every respect that a cache could look at.
// `padding`: into a claim of its own, which nobody knows; the cheapest way to be large.
std::string claims(std::size_t size, std::int64_t now, bool padding = false)
{
    auto const user = random_uuid(), jti = random_hex(32), rev_sig = random_hex(8);
    auto const issued = std::to_string(now), expires = std::to_string(now + 43200);
    auto const with_name = [&](std::string const& name, std::string const& more) {
        return R"({"sub":")" + user + R"(","user_name":")" + name + R"(","origin":"uaa","iss":")" + issuer() +
            R"(","client_id":"pks_cli","aud":["pks_cli",")" + std::string(audience) +
            R"("],"zid":"uaa","grant_type":"password","user_id":")" + user + R"(","azp":"pks_cli","scope":[")" +
            std::string(scope) + R"("],"auth_time":)" + issued + R"(,"exp":)" + expires + R"(,"iat":)" + issued +
            R"(,"jti":")" + jti + R"(","email":")" + name + R"(@example.com","rev_sig":")" + rev_sig +
            R"(","cid":"pks_cli")" + more + '}';
    };
    if (padding) {
        auto const rest = with_name("alana", R"(,"x_padding":"")").size();
        return with_name("alana", R"(,"x_padding":")" + std::string(size - rest, 'x') + '"');
    }
    std::string name = "u" + random_hex(8);
    auto const shortest = with_name(name, "").size();
    require(shortest <= size, "the claims are too long");
    // The name stands twice in the token; an odd octet is a blank behind the last member.
    name.append((size - shortest) / 2, 'n');
    return with_name(name, std::string((size - shortest) % 2, ' '));
}

using maker = std::function<labelled_token(std::size_t)>;

void write_set(std::filesystem::path const& folder, std::string const& set, std::size_t count, maker const& make)
{
    std::vector<labelled_token> made(count);
    auto const threads = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned first = 0; first != threads; ++first)
        workers.emplace_back([&made, &make, first, threads] {
            for (std::size_t i = first; i < made.size(); i += threads)
                made[i] = make(i);
        });
    workers.clear();
    std::string text;
    for (auto const& one : made)
        text += one.kid + ' ' + one.text + '\n';
    write(folder / (set + ".tokens"), text);
}

// The keys as the UAA publishes them, and as a validator has saved them.
void write_keys(std::filesystem::path const& folder, std::string const& family, std::vector<uaa_key> const& keys)
{
    std::string set;
    for (auto const& one : keys) {
        set += (set.empty() ? "{\"keys\":[" : ",") +
            one.key.jwk(R"(,"kid":")" + one.kid + R"(","alg":")" + one.alg + R"(","use":"sig")");
        write(folder / (one.kid + ".pem"), one.key.public_pem());
    }
    set += "]}";
    write(folder / (family + ".jwks"), set);

    pks::policy::key_cache_settings settings;
    settings.source = pks::endpoint::uaa(address).authority();
    settings.lifetime = std::chrono::hours(24);
    pks::policy::key_cache cache(settings);
    pks::policy::key_reply reply;
    reply.body = set;
    auto const now = pks::policy::instant::of(pks::clock());
    require(cache.start_if_due(now.steady) && cache.on_reply(reply, now), "the library refuses the keys");
    write(folder / (family + ".saved"), cache.save());
}

// An octet in the middle of the signature is another one.
std::string with_bad_signature(std::string token)
{
    auto& octet = token[(token.rfind('.') + token.size()) / 2];
    octet = octet == 'A' ? 'B' : 'A';
    return token;
}

// By turns `none` without a signature, and HS256 with the public key as the secret.
std::string with_bad_alg(uaa_key const& key, std::string_view said, bool none)
{
    if (none)
        return base64url_encode(key.header("none")) + '.' + base64url_encode(said) + '.';
    return jose_test::make_token(signer::hmac(key.key.public_pem()), "HS256", key.header("HS256"), said);
}

} // namespace

void make_data(std::filesystem::path const& folder, std::size_t tokens)
{
    std::filesystem::create_directories(folder);
    std::vector<uaa_key> rsa, ec, ed;
    for (auto const* const number : {"1", "2", "3"}) {
        rsa.push_back({std::string("rs-") + number, "RS256", signer::rsa()});
        ec.push_back({std::string("ec-") + number, "ES256", signer::ec("P-256")});
        ed.push_back({std::string("ed-") + number, "EdDSA", signer::ed25519()});
    }
    write_keys(folder, "rs256", rsa);
    write_keys(folder, "es256", ec);
    write_keys(folder, "eddsa", ed);

    auto const now = std::chrono::duration_cast<std::chrono::seconds>(pks::clock().now().time_since_epoch()).count();
    auto const good = [now](std::vector<uaa_key> const& keys) {
        return [now, &keys](std::size_t i) {
            auto const& key = keys[i % keys.size()];
            return labelled_token{key.kid, key.token(claims(claims_size, now))};
        };
    };
    require(good(rsa)(0).text.size() == token_size, "a token has not the size it should have");
    write_set(folder, "rs256", tokens, good(rsa));
    write_set(folder, "es256", tokens, good(ec));
    write_set(folder, "eddsa", tokens, good(ed));
    write_set(folder, "forged_signature", tokens, [made = good(rsa)](std::size_t i) {
        auto out = made(i);
        out.text = with_bad_signature(std::move(out.text));
        return out;
    });
    write_set(folder, "forged_alg", tokens, [now, &rsa](std::size_t i) {
        auto const& key = rsa[i % rsa.size()];
        return labelled_token{key.kid, with_bad_alg(key, claims(claims_size, now), i % 2 == 0)};
    });
    write_set(folder, "large", large_count, [now, &rsa](std::size_t i) {
        auto const& key = rsa[i % rsa.size()];
        auto const others = key.token("{}").size();
        return labelled_token{key.kid, key.token(claims((large_size - others) / 4 * 3, now, true))};
    });
    write_set(folder, "forged_dots", large_count,
        [&rsa](std::size_t i) { return labelled_token{rsa[i % rsa.size()].kid, std::string(large_size, '.')}; });
    write(folder / "rules.json",
        R"({"uaa":")" + std::string(address) + R"(","issuer":")" + issuer() + R"(","audience":")" +
            std::string(audience) + R"(","scope":")" + std::string(scope) + "\"}\n");
}

} // namespace bench
