// What may be done a second time without harm.
#pragma once

namespace pks::inline v0::policy {

/// What becomes of an operation that is sent twice decides whether it may be sent again when nobody knows what became
/// of the first. The letters are those of the fault matrix.
enum class repeatable {
    /// A: a read, whatever its method: GET, list, poll, keys, introspection, metadata.
    read,
    /// B: the client_credentials grant. A surplus token does no harm.
    client_grant,
    /// B': a grant that must not be tried twice: a password counts toward the lock-out, a code or passcode is used up.
    one_time_grant,
    /// C: the refresh grant. Where refresh tokens are rotated, a lost answer may have taken the new one with it.
    refresh_grant,
    /// D: a change that is done again each time: create, resize, upgrade, bind.
    change,
    /// E: a deletion by name. The second one finds nothing.
    deletion,
};

/// A pooled connection may turn out to be dead only when the request was handed to the kernel, and then nobody knows
/// whether the server has read it. Most operations are simply sent again; what cannot be takes a connection of its own
/// from the start, and is too rare to gain by the pool.
constexpr bool suits_pooled_connection(repeatable what) noexcept
{
    return what != repeatable::one_time_grant && what != repeatable::change;
}

/// The server may be another one afterwards.
constexpr bool changes_something(repeatable what) noexcept
{
    return what == repeatable::change || what == repeatable::deletion;
}

} // namespace pks::inline v0::policy
