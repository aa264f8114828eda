// What a control plane has really done to clusters, for tests that nothing is done twice or not at all.
#pragma once

#include <cstddef>

namespace pks::inline v0::testing {

/// Counts what was begun, whether or not the reply reached anybody. A deletion of what is being deleted already is
/// answered, and is none.
struct cluster_effects
{
    std::size_t creations = 0;
    std::size_t updates = 0;
    std::size_t deletions = 0;
    std::size_t binds = 0; ///< credentials made

    friend bool operator==(cluster_effects const&, cluster_effects const&) = default;
};

} // namespace pks::inline v0::testing
