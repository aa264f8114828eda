// The verb `http-parse`: what becomes of the octets of a response.
#include "runner/http_line.hpp"
#include "runner/error_name.hpp"
#include "runner/line_members.hpp"
#include "suites/http_responses.hpp"

#include <pks/jose/base64url.hpp>

#include <algorithm>
#include <string>

namespace conform {

namespace {

suites::ending ending_of(std::string const& name)
{
    if (name == "open")
        return suites::ending::open;
    if (name == "fin")
        return suites::ending::fin;
    if (name == "rst")
        return suites::ending::reset;
    throw line_error("ending is none of open, fin and rst");
}

} // namespace

boost::json::object parse_response(pks::jose::json_value line)
{
    auto const raw = binary_member(line, "bytes");
    auto const piece =
        number_member(line, "feed").value_or(static_cast<std::int64_t>(std::max<std::size_t>(1, raw.size())));
    if (piece < 1)
        throw line_error("feed is less than 1");
    auto const end = ending_of(text_member_or(line, "ending", "open"));
    auto const head = text_member_or(line, "method", "GET") == "HEAD";
    auto const got = suites::play_response(raw, static_cast<std::size_t>(piece), end, head);

    boost::json::object out;
    out["verdict"] = got.verdict;
    if (got.verdict == "reject")
        out["error"] = got.ec ? name_of(got.ec) : name_of(pks::errc::truncated);
    if (got.verdict == "accept") {
        out["status"] = got.status;
        out["body"] = pks::jose::base64url_encode(got.body);
        out["interim_responses"] = got.interim_responses;
        out["extra_bytes"] = got.extra_bytes;
        out["reusable"] = got.reusable;
    }
    return out;
}

} // namespace conform
