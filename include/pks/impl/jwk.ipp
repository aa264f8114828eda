// Bodies of jose/jwk.hpp.
#pragma once

#include <pks/jose/jwk.hpp>
#include <pks/jose/algorithm_set.hpp>
#include <pks/jose/base64url.hpp>
#include <pks/jose/jose_errc.hpp>
#include <pks/jose/json_document.hpp>
#include <pks/secret.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <iterator>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace pks::inline v0::jose {

namespace jwk_detail {

struct release
{
    void operator()(EVP_PKEY* p) const noexcept
    {
        ::EVP_PKEY_free(p);
    }
    void operator()(EVP_PKEY_CTX* p) const noexcept
    {
        ::EVP_PKEY_CTX_free(p);
    }
    void operator()(BIGNUM* p) const noexcept
    {
        ::BN_free(p);
    }
    void operator()(BN_CTX* p) const noexcept
    {
        ::BN_CTX_free(p);
    }
};

template <class T>
using owner = std::unique_ptr<T, release>;

/// Takes back what OpenSSL puts into the error queue in a scope.
class error_queue_guard
{
public:
    error_queue_guard() noexcept
    {
        ::ERR_set_mark();
    }
    error_queue_guard(error_queue_guard const&) = delete;
    error_queue_guard& operator=(error_queue_guard const&) = delete;
    ~error_queue_guard()
    {
        ::ERR_pop_to_mark();
    }
};

/// Cleanses a document, which may hold secrets, at the end of a scope.
class wiper
{
public:
    explicit wiper(json_document& document) noexcept : document_(document) {}
    wiper(wiper const&) = delete;
    wiper& operator=(wiper const&) = delete;
    ~wiper()
    {
        document_.wipe();
    }

private:
    json_document& document_;
};

struct curve
{
    std::string_view crv;
    char const* group;
    std::size_t bits;
    algorithm alg;

    std::size_t coordinate() const noexcept
    {
        return (bits + 7) / 8;
    }
};

inline constexpr curve curves[] = {{"P-256", "P-256", 256, algorithm::es256}, {"P-384", "P-384", 384, algorithm::es384},
    {"P-521", "P-521", 521, algorithm::es512}};

inline constexpr algorithm_set rsa_algorithms = {
    algorithm::rs256, algorithm::rs384, algorithm::rs512, algorithm::ps256, algorithm::ps384, algorithm::ps512};

// Whether an RSA modulus was made by the library of CVE-2017-15361: modulo each of these primes it is then a power of
// 65537. One of 2^27 other moduli is so too.
inline bool has_roca_fingerprint(std::string_view modulus) noexcept
{
    constexpr unsigned primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
    for (auto const prime : primes) {
        unsigned rest = 0;
        for (char const c : modulus)
            rest = (rest << 8 | static_cast<unsigned char>(c)) % prime;
        bool power = false;
        for (unsigned i = 0, p = 1; i != prime && !power; ++i, p = p * 65537 % prime)
            power = p == rest;
        if (!power)
            return false;
    }
    return true;
}

// Whether the octets name a point of Ed25519 that a key can have: in canonical form (RFC 8032 §5.1.3), and not one of
// the eight whose order divides 8, with which a signature binds nothing.
inline bool is_sound_ed25519_point(std::string_view octets)
{
    std::array<unsigned char, 32> y_octets;
    std::memcpy(y_octets.data(), octets.data(), y_octets.size());
    y_octets[31] &= 0x7f;

    owner<BN_CTX> const context(::BN_CTX_new());
    owner<BIGNUM> p, d, y(::BN_lebin2bn(y_octets.data(), y_octets.size(), nullptr)), u(::BN_new()), v(::BN_new());
    BIGNUM *p_raw = nullptr, *d_raw = nullptr;
    ::BN_hex2bn(&p_raw, "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
    p.reset(p_raw);
    ::BN_hex2bn(&d_raw, "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
    d.reset(d_raw);
    if (!context || !p || !d || !y || !u || !v || ::BN_cmp(y.get(), p.get()) >= 0)
        return false;

    // x^2 = (y^2 - 1) / (d y^2 + 1); a quotient is a square exactly when the product is.
    bool done = ::BN_mod_sqr(u.get(), y.get(), p.get(), context.get()) == 1 &&
        ::BN_mod_mul(v.get(), u.get(), d.get(), p.get(), context.get()) == 1 && ::BN_sub_word(u.get(), 1) == 1 &&
        ::BN_add_word(v.get(), 1) == 1 && ::BN_mod_mul(u.get(), u.get(), v.get(), p.get(), context.get()) == 1;
    // Of small order are y = 0, 1, -1 (x y = 0) and the four points with d y^4 + 2 y^2 - 1 = 0 …
    owner<BIGNUM> square(::BN_new()), order(::BN_new());
    done = done && square && order && ::BN_mod_sqr(square.get(), y.get(), p.get(), context.get()) == 1 &&
        ::BN_mod_mul(order.get(), square.get(), d.get(), p.get(), context.get()) == 1 &&
        ::BN_add_word(order.get(), 2) == 1 &&
        ::BN_mod_mul(order.get(), order.get(), square.get(), p.get(), context.get()) == 1 &&
        ::BN_sub(order.get(), order.get(), ::BN_value_one()) == 1;
    return done && !::BN_is_zero(square.get()) && !::BN_is_one(square.get()) && !::BN_is_zero(order.get()) &&
        ::BN_kronecker(u.get(), p.get(), context.get()) == 1;
}

inline std::string_view without_leading_zeros(std::string_view octets) noexcept
{
    octets.remove_prefix(std::min(octets.find_first_not_of('\0'), octets.size()));
    return octets;
}

inline OSSL_PARAM big_number(char const* name, std::string& octets)
{
    if constexpr (std::endian::native == std::endian::little)
        std::reverse(octets.begin(), octets.end());
    return ::OSSL_PARAM_construct_BN(name, reinterpret_cast<unsigned char*>(octets.data()), octets.size());
}

inline EVP_PKEY* public_key(char const* type, OSSL_PARAM* parameters)
{
    owner<EVP_PKEY_CTX> const context(::EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* out = nullptr;
    if (!context || ::EVP_PKEY_fromdata_init(context.get()) != 1 ||
        ::EVP_PKEY_fromdata(context.get(), &out, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return out;
}

inline void append_json_string(std::string& out, std::string_view text)
{
    constexpr char hex[] = "0123456789abcdef";
    out += '"';
    for (char const c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4];
            out += hex[static_cast<unsigned char>(c) & 15];
        } else
            out += c;
    }
    out += '"';
}

inline std::uint64_t next_id() noexcept
{
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace jwk_detail

class jwk::material
{
public:
    std::optional<std::string> kid;
    key_type kty = key_type::rsa;
    std::optional<algorithm> alg;
    algorithm_set fits;
    std::size_t bits = 0;
    bool had_private_members = false;
    std::string public_json;
    std::uint64_t id = jwk_detail::next_id();
    jwk_detail::owner<EVP_PKEY> key; // of every type but oct
    secret hmac;                     // of oct
};

// Makes a key from its members, in the order in which they are refused.
class jwk_reader
{
public:
    jwk_reader(json_value key, jwk_rules const& rules)
        : key_(key), rules_(rules), out_(std::make_shared<jwk::material>())
    {}

    boost::system::result<jwk> run()
    {
        jwk_detail::error_queue_guard const guard;
        error_code failed = read_common();
        if (!failed)
            failed = read_material();
        if (!failed)
            failed = check_alg();
        if (failed)
            return failed;
        write_public_json();
        return jwk(std::move(out_));
    }

private:
    error_code read_common()
    {
        if (key_.type() != json_type::object)
            return jose_errc::malformed_key;
        if (auto const kid = key_["kid"]; kid.exists()) {
            auto const text = kid.if_string();
            if (!text)
                return jose_errc::malformed_key;
            out_->kid = std::string(*text);
        }
        auto const kty = key_["kty"].if_string();
        if (!kty)
            return jose_errc::malformed_key;
        if (*kty == "RSA")
            out_->kty = key_type::rsa;
        else if (*kty == "EC")
            out_->kty = key_type::ec;
        else if (*kty == "OKP")
            out_->kty = key_type::okp;
        else if (*kty == "oct" || *kty == "MAC")
            out_->kty = key_type::oct;
        else
            return jose_errc::unsupported_key_type;
        uaa_mac_ = *kty == "MAC";
        if (out_->kty == key_type::oct && !rules_.symmetric)
            return jose_errc::symmetric_key_refused;
        return check_use();
    }

    // Source: RFC 7517 §4.2, §4.3.
    error_code check_use()
    {
        if (auto const use = key_["use"]; use.exists()) {
            if (use.type() != json_type::string)
                return jose_errc::malformed_key;
            if (use.if_string() != "sig")
                return jose_errc::wrong_key_use;
        }
        auto const operations = key_["key_ops"];
        if (!operations.exists())
            return {};
        if (operations.type() != json_type::array || operations.size() > 16)
            return jose_errc::malformed_key;
        bool verify = false;
        auto const elements = operations.elements();
        for (auto at = elements.begin(); at != elements.end(); ++at) {
            auto const operation = (*at).if_string();
            if (!operation)
                return jose_errc::malformed_key;
            for (auto earlier = elements.begin(); earlier != at; ++earlier)
                if ((*earlier).if_string() == operation)
                    return jose_errc::malformed_key;
            verify = verify || *operation == "verify";
        }
        return verify ? error_code() : jose_errc::wrong_key_use;
    }

    error_code read_material()
    {
        switch (out_->kty) {
        case key_type::rsa:
            return read_rsa();
        case key_type::ec:
            return read_ec();
        case key_type::okp:
            return read_okp();
        case key_type::oct:
            return read_secret();
        }
        return jose_errc::unsupported_key_type;
    }

    std::optional<std::string> octets(std::string_view name) const
    {
        auto const text = key_[name].if_string();
        return text ? base64url_decode(*text) : std::nullopt;
    }

    void note_private(std::initializer_list<std::string_view> names)
    {
        for (auto const name : names)
            out_->had_private_members = out_->had_private_members || key_[name].exists();
        // UAA's own member is the public key in PEM form; nobody knows what another server writes there.
        auto const value = key_["value"].if_string();
        out_->had_private_members =
            out_->had_private_members || (value && value->find("PRIVATE KEY") != std::string_view::npos);
    }

    // Source: RFC 7518 §6.3. UAA before 75.5.0 writes a leading zero octet into `n`.
    error_code read_rsa()
    {
        note_private({"d", "p", "q", "dp", "dq", "qi", "oth", "k"});
        auto const n_octets = octets("n"), e_octets = octets("e");
        if (!n_octets || !e_octets)
            return jose_errc::malformed_key;
        std::string n(jwk_detail::without_leading_zeros(*n_octets));
        std::string e(jwk_detail::without_leading_zeros(*e_octets));
        if (n.empty() || e.empty())
            return jose_errc::malformed_key;
        out_->bits = n.size() * 8 - static_cast<std::size_t>(std::countl_zero(static_cast<unsigned char>(n.front())));
        if (out_->bits > 16384)
            return jose_errc::oversized_key;
        if (out_->bits < rules_.min_rsa_bits)
            return jose_errc::weak_key;
        auto const odd = [](std::string const& number) { return (number.back() & 1) != 0; };
        if (e.size() > 8 || !odd(e) || !odd(n) || e == "\x01")
            return jose_errc::bad_exponent;
        if (jwk_detail::has_roca_fingerprint(n))
            return jose_errc::roca_key;

        members_ = ",\"n\":\"" + base64url_encode(n) + "\",\"e\":\"" + base64url_encode(e) + '"';
        OSSL_PARAM parameters[] = {jwk_detail::big_number(OSSL_PKEY_PARAM_RSA_N, n),
            jwk_detail::big_number(OSSL_PKEY_PARAM_RSA_E, e), ::OSSL_PARAM_construct_end()};
        out_->key.reset(jwk_detail::public_key("RSA", parameters));
        out_->fits = jwk_detail::rsa_algorithms;
        return out_->key ? error_code() : jose_errc::malformed_key;
    }

    // Source: RFC 7518 §6.2: coordinates of full length.
    error_code read_ec()
    {
        note_private({"d", "k"});
        auto const crv = key_["crv"].if_string();
        if (!crv)
            return jose_errc::malformed_key;
        auto const curve = std::find_if(std::begin(jwk_detail::curves), std::end(jwk_detail::curves),
            [&](auto const& known) { return known.crv == *crv; });
        if (curve == std::end(jwk_detail::curves))
            return jose_errc::unsupported_curve;
        auto const x = octets("x"), y = octets("y");
        if (!x || !y || x->size() != curve->coordinate() || y->size() != curve->coordinate())
            return jose_errc::malformed_key;

        members_ = ",\"crv\":\"" + std::string(*crv) + "\",\"x\":\"" + base64url_encode(*x) + "\",\"y\":\"" +
            base64url_encode(*y) + '"';
        auto point = '\x04' + *x + *y;
        std::string group = curve->group;
        OSSL_PARAM parameters[] = {
            ::OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
            ::OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
            ::OSSL_PARAM_construct_end()};
        out_->key.reset(jwk_detail::public_key("EC", parameters));
        if (!out_->key)
            return jose_errc::invalid_point;
        jwk_detail::owner<EVP_PKEY_CTX> const check(::EVP_PKEY_CTX_new_from_pkey(nullptr, out_->key.get(), nullptr));
        if (!check || ::EVP_PKEY_public_check_quick(check.get()) != 1)
            return jose_errc::invalid_point;
        out_->bits = curve->bits;
        out_->fits = {curve->alg};
        return {};
    }

    // Source: RFC 8037 §2.
    error_code read_okp()
    {
        note_private({"d", "k"});
        auto const crv = key_["crv"].if_string();
        if (!crv)
            return jose_errc::malformed_key;
        if (*crv != "Ed25519")
            return jose_errc::unsupported_curve;
        auto const x = octets("x");
        if (!x || x->size() != 32)
            return jose_errc::malformed_key;
        if (!jwk_detail::is_sound_ed25519_point(*x))
            return jose_errc::invalid_point;
        members_ = ",\"crv\":\"Ed25519\",\"x\":\"" + base64url_encode(*x) + '"';
        out_->key.reset(::EVP_PKEY_new_raw_public_key_ex(
            nullptr, "ED25519", nullptr, reinterpret_cast<unsigned char const*>(x->data()), x->size()));
        out_->bits = 256;
        out_->fits = {algorithm::eddsa};
        return out_->key ? error_code() : jose_errc::malformed_key;
    }

    // Source: RFC 7518 §6.4, §3.2; UAA's MAC keys: facts on /token_keys (§2.5), the text itself is the secret.
    error_code read_secret()
    {
        if (uaa_mac_) {
            auto const value = key_["value"].if_string();
            if (!value || value->empty())
                return jose_errc::malformed_key;
            out_->hmac = secret(*value);
        } else {
            auto k = octets("k");
            if (!k || k->empty())
                return jose_errc::malformed_key;
            out_->hmac = secret(*k);
            ::OPENSSL_cleanse(k->data(), k->size());
        }
        auto const size = out_->hmac.reveal().size();
        out_->bits = size * 8;
        for (auto const a : {algorithm::hs256, algorithm::hs384, algorithm::hs512}) {
            auto const digest = a == algorithm::hs256 ? 32u : a == algorithm::hs384 ? 48u : 64u;
            if (size >= digest || rules_.short_secrets)
                out_->fits.insert(a);
        }
        return {};
    }

    error_code check_alg()
    {
        auto const alg = key_["alg"];
        if (alg.exists()) {
            auto const name = alg.if_string();
            if (!name)
                return jose_errc::malformed_key;
            out_->alg = parse_algorithm(*name);
            if (!out_->alg)
                return jose_errc::unknown_key_algorithm;
            if (!out_->fits.contains(*out_->alg))
                return out_->kty == key_type::oct && is_symmetric(*out_->alg) ? jose_errc::short_secret
                                                                              : jose_errc::unsuitable_key_algorithm;
            out_->fits = {*out_->alg};
        }
        return out_->fits.empty() ? jose_errc::short_secret : error_code();
    }

    void write_public_json()
    {
        if (out_->kty == key_type::oct)
            return;
        constexpr std::string_view types[] = {"RSA", "EC", "OKP"};
        auto& json = out_->public_json;
        json = "{\"kty\":\"";
        json += types[static_cast<std::size_t>(out_->kty)];
        json += "\",\"use\":\"sig\"";
        if (out_->kid) {
            json += ",\"kid\":";
            jwk_detail::append_json_string(json, *out_->kid);
        }
        if (out_->alg) {
            json += ",\"alg\":\"";
            json += name_of(*out_->alg);
            json += '"';
        }
        json += members_;
        json += '}';
    }

    json_value key_;
    jwk_rules const& rules_;
    std::shared_ptr<jwk::material> out_;
    std::string members_; // of the public JSON, those of this type of key
    bool uaa_mac_ = false;
};

PKS_DECL std::optional<std::string_view> jwk::kid() const noexcept
{
    if (!material_->kid)
        return std::nullopt;
    return *material_->kid;
}

PKS_DECL key_type jwk::kty() const noexcept
{
    return material_->kty;
}

PKS_DECL std::optional<algorithm> jwk::alg() const noexcept
{
    return material_->alg;
}

PKS_DECL bool jwk::fits(algorithm a) const noexcept
{
    return material_->fits.contains(a);
}

PKS_DECL std::size_t jwk::bits() const noexcept
{
    return material_->bits;
}

PKS_DECL bool jwk::had_private_members() const noexcept
{
    return material_->had_private_members;
}

PKS_DECL std::string const& jwk::public_json() const noexcept
{
    return material_->public_json;
}

PKS_DECL std::uint64_t jwk::id() const noexcept
{
    return material_->id;
}

PKS_DECL boost::system::result<jwk> parse_jwk(std::string_view json, jwk_rules const& rules)
{
    if (json.size() > rules.max_size)
        return error_code(jose_errc::key_set_too_large);
    json_document document;
    jwk_detail::wiper const wiper(document);
    if (auto const failed = document.parse(json))
        return failed;
    return read_jwk(document.root(), rules);
}

PKS_DECL boost::system::result<jwk> read_jwk(json_value key, jwk_rules const& rules)
{
    return jwk_reader(key, rules).run();
}

} // namespace pks::inline v0::jose
