// Which UAA the embedded one plays.
#pragma once

namespace pks::inline v0::testing {

/// The two generations that were recorded. They differ in codes, texts, escaping, media types, header fields, in how
/// Basic credentials are read and in what a refresh token is; facts §2.18 has the list.
enum class uaa_generation {
    v4_30,  ///< UAA 4.30.0: PKS 1.x and early TKGI
    v77_18, ///< UAA 77.18.0: TKGI 1.2x
};

} // namespace pks::inline v0::testing
