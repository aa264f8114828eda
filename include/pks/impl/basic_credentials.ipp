// Bodies of proto/basic_credentials.hpp.
#pragma once

#include <pks/detail/characters.hpp>
#include <pks/proto/basic_credentials.hpp>
#include <pks/proto/form.hpp>

#include <openssl/evp.h>

namespace pks::inline v0::proto {

PKS_DECL pks::detail::wiped_string basic_credentials(std::string_view id, std::string_view secret)
{
    pks::detail::wiped_string plain(id);
    plain.append(":").append(secret);
    pks::detail::wiped_string out("Basic ");
    auto const prefix = out.size();
    // EVP_EncodeBlock ends its output with a NUL.
    out.resize(prefix + 4 * ((plain.size() + 2) / 3) + 1);
    int const size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + prefix),
        reinterpret_cast<unsigned char const*>(plain.data()), static_cast<int>(plain.size()));
    out.resize(prefix + static_cast<std::size_t>(size));
    return out;
}

PKS_DECL pks::detail::wiped_string form_encoded_basic_credentials(std::string_view id, std::string_view secret)
{
    pks::detail::wiped_string encoded_id;
    pks::detail::wiped_string encoded_secret;
    append_form_encoded(encoded_id, id);
    append_form_encoded(encoded_secret, secret);
    return basic_credentials(encoded_id, encoded_secret);
}

PKS_DECL error_code authenticate_client(request& out, client_authentication const& as, std::string& detail)
{
    auto refuse = [&detail](errc code, std::string_view what) {
        detail = what;
        return error_code(code);
    };
    bool const plain = as.method() == authentication_method::basic_unencoded;
    if (as.client_id().empty())
        return refuse(errc::missing_parameter, "client_id");
    if (pks::detail::has_control(as.client_id()) || (plain && as.client_id().find(':') != std::string::npos))
        return refuse(errc::forbidden_character, "client_id");
    if (as.method() == authentication_method::assertion)
        return refuse(errc::missing_parameter, "client_secret");
    auto const secret_text = as.client_secret().reveal();
    if (pks::detail::has_control(secret_text))
        return refuse(errc::forbidden_character, "client_secret");
    if (plain) {
        out.field("Authorization", basic_credentials(as.client_id(), secret_text));
    } else {
        out.field("Authorization", form_encoded_basic_credentials(as.client_id(), secret_text));
        out.field("X-CF-ENCODED-CREDENTIALS", "true");
    }
    out.confidential(as.client_secret());
    return {};
}

} // namespace pks::inline v0::proto
