// Makes the certificates that a suite describes, bad ones included.
#include "runner/certificate_factory.hpp"
#include "suites/read_suite.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace conform {

namespace {

namespace json = boost::json;

void require(bool good)
{
    if (good)
        return;
    ::ERR_clear_error();
    throw std::runtime_error("OpenSSL cannot make a certificate of the suite");
}

struct openssl_free
{
    void operator()(::BIO* p) const noexcept
    {
        ::BIO_free(p);
    }
    void operator()(::BIGNUM* p) const noexcept
    {
        ::BN_free(p);
    }
    void operator()(::EVP_PKEY_CTX* p) const noexcept
    {
        ::EVP_PKEY_CTX_free(p);
    }
    void operator()(::GENERAL_NAMES* p) const noexcept
    {
        ::GENERAL_NAMES_free(p);
    }
    void operator()(::X509_EXTENSION* p) const noexcept
    {
        ::X509_EXTENSION_free(p);
    }
    void operator()(::ASN1_OBJECT* p) const noexcept
    {
        ::ASN1_OBJECT_free(p);
    }
    void operator()(::ASN1_OCTET_STRING* p) const noexcept
    {
        ::ASN1_OCTET_STRING_free(p);
    }
    void operator()(::AUTHORITY_KEYID* p) const noexcept
    {
        ::AUTHORITY_KEYID_free(p);
    }
};
template <class T>
using owned = std::unique_ptr<T, openssl_free>;

std::string text_at(json::object const& o, std::string_view name)
{
    return std::string(o.at(name).as_string());
}

// In a prime of four parts where two would take half a minute: whoever verifies sees no difference.
std::shared_ptr<::EVP_PKEY> new_rsa_key(int bits)
{
    owned<::EVP_PKEY_CTX> const context(::EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr));
    require(context && ::EVP_PKEY_keygen_init(context.get()) == 1);
    require(::EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1);
    if (bits >= 4096)
        require(::EVP_PKEY_CTX_set_rsa_keygen_primes(context.get(), 4) == 1);
    ::EVP_PKEY* out = nullptr;
    require(::EVP_PKEY_keygen(context.get(), &out) == 1);
    return {out, &::EVP_PKEY_free};
}

std::shared_ptr<::EVP_PKEY> new_key(std::string_view kind)
{
    if (kind.starts_with("rsa")) {
        int bits = 0;
        std::from_chars(kind.data() + 3, kind.data() + kind.size(), bits);
        if (bits >= 512)
            return new_rsa_key(bits);
    }
    auto const* const curve = kind == "p192" ? "P-192" : kind == "p256" ? "P-256" : kind == "p384" ? "P-384" : nullptr;
    if (!curve)
        throw suites::suite_error("tls: there is no key " + std::string(kind));
    std::shared_ptr<::EVP_PKEY> out(::EVP_EC_gen(curve), &::EVP_PKEY_free);
    require(out != nullptr);
    return out;
}

void set_name(::X509_NAME* name, json::object const& subject)
{
    for (auto const& [field, value] : subject) {
        std::string const text(value.as_string());
        require(::X509_NAME_add_entry_by_txt(name, std::string(field).c_str(), MBSTRING_UTF8,
                    reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()), -1, 0) == 1);
    }
}

void add_by_text(::X509* certificate, int nid, std::string const& value)
{
    ::X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    owned<::X509_EXTENSION> const extension(::X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    require(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string joined(json::array const& words)
{
    std::string out;
    for (auto const& word : words)
        out += (out.empty() ? "" : ",") + std::string(word.as_string());
    return out;
}

// RFC 5280, section 4.2.1.2, the first way.
owned<::ASN1_OCTET_STRING> key_identifier(::EVP_PKEY* key)
{
    ::X509_PUBKEY* encoded = nullptr;
    require(::X509_PUBKEY_set(&encoded, key) == 1);
    unsigned char const* bits = nullptr;
    int size = 0;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    bool const good = ::X509_PUBKEY_get0_param(nullptr, &bits, &size, nullptr, encoded) == 1 &&
        ::EVP_Digest(bits, static_cast<std::size_t>(size), digest, &digest_size, ::EVP_sha1(), nullptr) == 1;
    ::X509_PUBKEY_free(encoded);
    owned<::ASN1_OCTET_STRING> out(::ASN1_OCTET_STRING_new());
    require(good && out && ::ASN1_OCTET_STRING_set(out.get(), digest, static_cast<int>(digest_size)) == 1);
    return out;
}

::GENERAL_NAME* new_name(std::string_view text)
{
    auto const colon = text.find(':');
    auto const kind = text.substr(0, colon);
    auto const value = text.substr(colon + 1);
    ::GENERAL_NAME* const out = ::GENERAL_NAME_new();
    require(out != nullptr);
    if (kind == "IP") {
        auto* const octets = ::a2i_IPADDRESS(std::string(value).c_str());
        require(octets != nullptr);
        ::GENERAL_NAME_set0_value(out, GEN_IPADD, octets);
        return out;
    }
    int const type = kind == "DNS" ? GEN_DNS : kind == "URI" ? GEN_URI : kind == "email" ? GEN_EMAIL : -1;
    if (type < 0)
        throw suites::suite_error("tls: there is no kind of name " + std::string(kind));
    auto* const string = ::ASN1_IA5STRING_new();
    require(string && ::ASN1_STRING_set(string, value.data(), static_cast<int>(value.size())) == 1);
    ::GENERAL_NAME_set0_value(out, type, string);
    return out;
}

void add_names(::X509* certificate, std::vector<std::string> const& names, bool critical)
{
    owned<::GENERAL_NAMES> const list(::GENERAL_NAMES_new());
    require(list != nullptr);
    for (auto const& name : names)
        require(sk_GENERAL_NAME_push(list.get(), new_name(name)) > 0);
    require(
        ::X509_add1_ext_i2d(certificate, NID_subject_alt_name, list.get(), critical ? 1 : 0, X509V3_ADD_APPEND) == 1);
}

std::vector<std::string> names_of(json::object const& what)
{
    std::vector<std::string> out;
    if (auto const* const generated = what.if_contains("san_generated")) {
        auto const pattern = text_at(generated->as_object(), "pattern");
        auto const count = generated->at("count").to_number<int>();
        auto const at = pattern.find("{n}");
        for (int n = 0; n != count; ++n)
            out.push_back(std::string(pattern).replace(at, 3, std::to_string(n)));
        for (auto const& name : generated->at("then").as_array())
            out.emplace_back(name.as_string());
        return out;
    }
    for (auto const& name : what.at("san").as_array())
        out.emplace_back(name.as_string());
    return out;
}

// 10.0.0.0/8 as OpenSSL writes it: 10.0.0.0/255.0.0.0.
std::string with_mask(std::string const& constraint)
{
    auto const slash = constraint.find('/');
    if (!constraint.starts_with("IP:") || slash == constraint.npos)
        return constraint;
    int const bits = std::stoi(constraint.substr(slash + 1));
    std::string mask;
    for (int part = 0; part != 4; ++part) {
        int const ones = std::min(8, std::max(0, bits - 8 * part));
        mask += (part == 0 ? "" : ".") + std::to_string(256 - (1 << (8 - ones)));
    }
    return constraint.substr(0, slash + 1) + mask;
}

void add_constraints(::X509* certificate, json::object const& constraints)
{
    std::string text = "critical";
    for (auto const& [kind, list] : constraints)
        for (auto const& each : list.as_array())
            text += ',' + std::string(kind) + ';' + with_mask(std::string(each.as_string()));
    add_by_text(certificate, NID_name_constraints, text);
}

void add_raw(::X509* certificate, json::object const& what)
{
    owned<::ASN1_OBJECT> const oid(::OBJ_txt2obj(text_at(what, "oid").c_str(), 1));
    long size = 0;
    auto* const octets = ::OPENSSL_hexstr2buf(text_at(what, "der_hex").c_str(), &size);
    require(oid && octets);
    owned<::ASN1_OCTET_STRING> const value(::ASN1_OCTET_STRING_new());
    bool const set = value && ::ASN1_OCTET_STRING_set(value.get(), octets, static_cast<int>(size)) == 1;
    OPENSSL_free(octets);
    require(set);
    owned<::X509_EXTENSION> const extension(
        ::X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), what.at("critical").as_bool() ? 1 : 0, value.get()));
    require(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1);
}

// The last bit of signatureValue is the last of the whole.
std::shared_ptr<::X509> tampered(::X509* certificate)
{
    unsigned char* der = nullptr;
    int const size = ::i2d_X509(certificate, &der);
    require(size > 0);
    der[size - 1] ^= 1;
    unsigned char const* at = der;
    std::shared_ptr<::X509> out(::d2i_X509(nullptr, &at, size), &::X509_free);
    OPENSSL_free(der);
    require(out != nullptr);
    return out;
}

void merge(json::object& into, json::object const& from)
{
    for (auto const& [name, value] : from)
        into[name] = value;
}

constexpr std::string_view tampered_mark = ":tampered";

} // namespace

std::string pem_of(::X509* certificate)
{
    owned<::BIO> const out(::BIO_new(::BIO_s_mem()));
    require(out && ::PEM_write_bio_X509(out.get(), certificate) == 1);
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(std::vector<std::shared_ptr<::X509>> const& certificates)
{
    std::string out;
    for (auto const& each : certificates)
        out += pem_of(each.get());
    return out;
}

certificate_factory::certificate_factory(json::object suite) : suite_(std::move(suite)) {}

json::object const& certificate_factory::case_of(std::string_view id) const
{
    for (auto const& one : suite_.at("cases").as_array())
        if (one.at("id").as_string() == id)
            return one.as_object();
    throw suites::suite_error("tls: there is no case " + std::string(id));
}

json::object certificate_factory::describe(std::string const& name) const
{
    auto const& defaults = suite_.at("defaults").as_object();
    if (name.starts_with("leaf:")) {
        auto out = defaults.at("leaf").as_object();
        if (auto const* const own = case_of(std::string_view(name).substr(5)).if_contains("leaf"))
            merge(out, own->as_object());
        return out;
    }
    auto const* const own = suite_.at("authorities").as_object().if_contains(name);
    if (!own)
        throw suites::suite_error("tls: there is no authority " + name);
    auto out = defaults.at("authority").as_object();
    merge(out, own->as_object());
    return out;
}

std::shared_ptr<::EVP_PKEY> certificate_factory::key_of_kind(std::string const& name, std::string_view kind)
{
    auto& out = keys_[name];
    if (!out)
        out = new_key(kind);
    return out;
}

std::shared_ptr<::EVP_PKEY> certificate_factory::key(std::string const& name)
{
    auto const what = describe(name);
    if (auto const* const same = what.if_contains("same_key_as"))
        return key(std::string(same->as_string()));
    return key_of_kind(name, what.at("key").as_string());
}

std::shared_ptr<::X509> certificate_factory::certificate(std::string const& name)
{
    auto& out = made_[name];
    if (!out) {
        if (name.ends_with(tampered_mark)) {
            auto const original = certificate(name.substr(0, name.size() - tampered_mark.size()));
            out = tampered(original.get());
        } else {
            out = build(name, describe(name));
        }
    }
    return out;
}

std::shared_ptr<::X509> certificate_factory::build(std::string const& name, json::object const& what)
{
    bool const own = name == "leaf"; // of the case in hand
    auto const issuer = text_at(what, "issuer");
    bool const self_signed = issuer == "self";
    auto const subjects_key = own ? key_of_kind("leaf/" + text_at(what, "key"), what.at("key").as_string()) : key(name);
    auto const issuers_key = self_signed ? subjects_key : key(issuer);
    bool const version_1 = what.contains("version") && what.at("version").to_number<int>() == 1;

    std::shared_ptr<::X509> out(::X509_new(), &::X509_free);
    auto* const made = out.get();
    require(made && ::X509_set_version(made, version_1 ? X509_VERSION_1 : X509_VERSION_3) == 1);
    unsigned char serial[16];
    require(::RAND_bytes(serial, sizeof serial) == 1);
    serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);
    owned<::BIGNUM> const number(::BN_bin2bn(serial, sizeof serial, nullptr));
    require(number && ::BN_to_ASN1_INTEGER(number.get(), ::X509_get_serialNumber(made)) != nullptr);
    set_name(::X509_get_subject_name(made), what.at("subject").as_object());
    set_name(::X509_get_issuer_name(made),
        self_signed ? what.at("subject").as_object() : describe(issuer).at("subject").as_object());
    auto const& days = what.at("validity_days").as_array();
    require(::X509_time_adj_ex(::X509_getm_notBefore(made), days.at(0).to_number<int>(), 0, nullptr) != nullptr);
    require(::X509_time_adj_ex(::X509_getm_notAfter(made), days.at(1).to_number<int>(), 0, nullptr) != nullptr);
    require(::X509_set_pubkey(made, subjects_key.get()) == 1);

    if (!version_1) {
        auto const& ca = what.at("ca");
        if (!ca.is_null()) {
            std::string text = what.at("basic_constraints_critical").as_bool() ? "critical," : "";
            text += ca.as_bool() ? "CA:TRUE" : "CA:FALSE";
            auto const* const most = what.if_contains("pathlen");
            if (most && !most->is_null())
                text += ",pathlen:" + std::to_string(most->to_number<int>());
            add_by_text(made, NID_basic_constraints, text);
        }
        if (!what.at("key_usage").as_array().empty())
            add_by_text(made, NID_key_usage, "critical," + joined(what.at("key_usage").as_array()));
        if (!what.at("eku").as_array().empty())
            add_by_text(made, NID_ext_key_usage, joined(what.at("eku").as_array()));
        if (what.at("ski_aki").as_bool()) {
            auto const own_identifier = key_identifier(subjects_key.get());
            require(
                ::X509_add1_ext_i2d(made, NID_subject_key_identifier, own_identifier.get(), 0, X509V3_ADD_APPEND) == 1);
            if (!self_signed) {
                owned<::AUTHORITY_KEYID> const identifier(::AUTHORITY_KEYID_new());
                require(identifier != nullptr);
                identifier->keyid = key_identifier(issuers_key.get()).release();
                require(::X509_add1_ext_i2d(
                            made, NID_authority_key_identifier, identifier.get(), 0, X509V3_ADD_APPEND) == 1);
            }
        }
        auto const* const names = what.if_contains("san");
        if (what.contains("san_generated") || (names && !names->is_null()))
            add_names(made, names_of(what), what.contains("san_critical") && what.at("san_critical").as_bool());
        if (auto const* const constraints = what.if_contains("name_constraints"))
            add_constraints(made, constraints->as_object());
        if (auto const* const more = what.if_contains("extra_extensions"))
            for (auto const& each : more->as_array())
                add_raw(made, each.as_object());
    }
    auto const* const digest = ::EVP_get_digestbyname(text_at(what, "sig").c_str());
    require(digest && ::X509_sign(made, issuers_key.get(), digest) != 0);
    if (what.contains("tamper"))
        return tampered(made);
    return out;
}

certificate_chain certificate_factory::make(json::object const& one)
{
    auto const& defaults = suite_.at("defaults").at("case").as_object();
    auto const list = [&](std::string_view name) {
        auto const* const own = one.if_contains(name);
        return own ? own->as_array() : defaults.at(name).as_array();
    };
    auto const what = describe("leaf:" + text_at(one, "id"));
    auto const leaf = build("leaf", what);
    auto const named = [&](json::value const& name) {
        return name.as_string() == "leaf" ? leaf : certificate(std::string(name.as_string()));
    };
    certificate_chain out;
    out.key = key_of_kind("leaf/" + text_at(what, "key"), what.at("key").as_string());
    for (auto const& name : list("present"))
        out.sent.push_back(named(name));
    for (auto const& name : list("trust")) {
        if (name.as_string() == "system")
            throw suites::suite_error("tls: " + text_at(one, "id") + " trusts the system's store");
        out.trusted.push_back(named(name));
    }
    if (list("present").at(0).as_string() != "leaf")
        throw suites::suite_error("tls: " + text_at(one, "id") + " does not present its own certificate first");
    return out;
}

} // namespace conform
