// JSON lines in, JSON lines out: the verbs that judge what stands on standard input.
#pragma once

#include "runner/exit_status.hpp"

#include <iosfwd>
#include <string>
#include <string_view>

namespace conform {

struct line_verb_options
{
    std::string jwks;   ///< of jws-verify and jwt-check: a file with the keys for every line; empty: each has its own
    bool jose = false;  ///< of json-parse: the parser of headers, claims and key sets
    bool limbo = false; ///< of x509-verify: the lines are test cases of x509-limbo
};

bool is_line_verb(std::string_view name);

/// Answers each line of `in`, a JSON object with an `id` (a string or integer), by one of `out` with the same `id`, a
/// `verdict`, and where that is not the good one the `error` by its name (error_name.hpp). Binary members stand in
/// the `encoding` that the line names, `hex` or `base64url`; what is given back in base64url. Keys are objects, or
/// strings that hold their JSON text octet for octet.
///
/// | verb         | members                                                    | verdict            | and             |
/// |--------------|------------------------------------------------------------|--------------------|-----------------|
/// | `jws-verify` | `token`, `jwk` or `jwks` unless there is a file of keys    | `valid`, `invalid` | `payload`       |
/// | `jwt-check`  | as `jws-verify`; `issuer`, `audiences`, `scopes`,           | `valid`, `invalid` | `claims`        |
/// |              | `now`, `leeway`                                            |                    |                 |
/// | `sig-verify` | `alg`, `jwk`, `message`, `signature`, `encoding`           | `valid`, `invalid` |                 |
/// | `json-parse` | `bytes`, `encoding`                                        | `accept`, `reject` | `canonical`     |
/// | `http-parse` | `bytes`, `encoding`, `feed`, `ending`, `method`            | `accept`, `reject`,| `status`, `body`|
/// |              |                                                            | `incomplete`       | and more        |
/// | `x509-verify`| `leaf`, `intermediates`, `trust`, `host`, `time`           | `accept`, `reject` |                 |
/// | `tls-get`    | `url`, `ca_file` or `ca` or `insecure`, `minimum_tls`,     | `answered`,        | `status` and    |
/// |              | `loopback`, `deadline`                                     | `failed`           | more            |
///
/// `jwt-check` judges as a validator that knows the keys, by the rules of policy::claim_rules: `issuer` is required,
/// and `audiences` or `scopes`, lists of names of which the token must be for one and have all. `now` in seconds since
/// 1970, otherwise the system's; `leeway` in seconds for `exp`, `nbf` and `iat`, otherwise the rules' own.
///
/// `canonical` is the text read, without white space, members in the order of their names' octets, each character
/// spelled in the shortest way, numbers as they were written (without --jose: as they were understood).
///
/// `http-parse` feeds the response to a request of that `method` (`GET` where it is not given) in pieces of `feed` octets,
/// or in one; then the connection stays `open`, ends (`fin`) or is reset (`rst`), as `ending` says. With what is accepted
/// come `interim_responses`, `extra_bytes` after the response, and `reusable`, whether the connection may carry another.
///
/// `x509-verify` has its certificates as PEM text, `intermediates` and `trust` as lists of them, and `time` in seconds
/// since 1970, otherwise it is now. With `error` comes OpenSSL's reason as `detail`. With --limbo the lines are test
/// cases of x509-limbo as they stand there.
///
/// `tls-get` trusts the file `ca_file`, the PEM text `ca`, whomever (`insecure`, true), or the system's store; it speaks
/// TLS of `minimum_tls` (`1.2`, `1.3`) and later, takes every name for this machine's where `loopback` is true, and gives
/// up after `deadline` milliseconds. With a failure come the `step` at which it happened and a `detail`, with an answer
/// the `octets` of its body and whether the connection is `reusable`.
///
/// A line that is not of this form is answered `{"line": N, "error": "…"}`; the others are judged all the same, and
/// the status is `usage`, as it is where there was no line at all. Empty lines are passed over. The status is
/// `environment` where the file of keys cannot be read or is no key set. `complaints` are for people.
exit_status run_line_verb(std::string_view name, line_verb_options const& options, std::istream& in, std::ostream& out,
    std::ostream& complaints);

} // namespace conform
