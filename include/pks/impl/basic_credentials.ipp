// Bodies of proto/basic_credentials.hpp.
#pragma once

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

} // namespace pks::inline v0::proto
