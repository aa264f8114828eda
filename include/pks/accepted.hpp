// The server's word that it has taken a change on.
#pragma once

namespace pks::inline v0 {

/// What a change gives whose reply says no more than that it was accepted. The change itself takes minutes: ask for the
/// cluster until `last_action_state` is neither `in progress` nor `queued`, of a deletion until there is none.
///
/// Source: facts on asynchrony (§6).
class accepted
{
public:
    accepted() = default;
};

} // namespace pks::inline v0
