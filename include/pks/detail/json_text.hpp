// The text of a JSON object that may hold secrets.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>

#include <boost/json/fwd.hpp>

namespace pks::inline v0::detail {

/// Without whitespace. Boost.JSON's own serialize() leaves the octets behind in a string that nobody wipes.
PKS_DECL wiped_string json_text(boost::json::object const& object);

} // namespace pks::inline v0::detail

#ifdef PKS_HEADER_ONLY
#include <pks/impl/json_text.ipp>
#endif
