// Bodies of detail/json_text.hpp.
#pragma once

#include <pks/detail/json_text.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serializer.hpp>

#include <openssl/crypto.h>

namespace pks::inline v0::detail {

PKS_DECL wiped_string json_text(boost::json::object const& object)
{
    wiped_string out;
    boost::json::serializer serializer;
    serializer.reset(&object);
    char piece[512];
    while (!serializer.done()) {
        auto const text = serializer.read(piece);
        out.append(std::string_view(text.data(), text.size()));
    }
    ::OPENSSL_cleanse(piece, sizeof piece);
    return out;
}

} // namespace pks::inline v0::detail
