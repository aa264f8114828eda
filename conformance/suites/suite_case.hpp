// One case of a suite of third parties, with the verdict that is aimed at.
#pragma once

#include <string>

namespace suites {

/// What is judged.
enum class subject {
    token,        ///< a JWS, with a key or key set
    key,          ///< whether a JWK is admitted
    jose_json,    ///< JSON, by the parser of headers, claims and key sets
    general_json, ///< JSON, by the parser of all other replies
};

enum class aim {
    accept,
    refuse,
    refuse_as_not_compact, ///< a JWE: jose_errc::not_compact
    either,                ///< the parser may choose
};

struct suite_case
{
    std::string id;   ///< within its suite, and unique there
    std::string note; ///< the suite's comment, or why its label is not the aim
    subject what = subject::token;
    aim expected = aim::either;
    std::string text; ///< the token, key or JSON: any octets
    std::string key;  ///< of a token: a JWK or JWK Set in JSON
};

} // namespace suites
