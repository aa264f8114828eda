// The verb `x509-verify`: whether a client takes a server's chain.
#include "runner/x509_line.hpp"
#include "runner/error_name.hpp"
#include "runner/limbo.hpp"
#include "runner/line_members.hpp"
#include "runner/verify_chain.hpp"

#include <chrono>
#include <string>

namespace conform {

namespace {

boost::json::object answer(chain_question const& question)
{
    auto const got = verify_chain(question);
    boost::json::object out;
    out["verdict"] = got.ec ? "reject" : "accept";
    if (got.ec) {
        out["error"] = name_of(got.ec);
        out["detail"] = got.detail;
    }
    return out;
}

} // namespace

boost::json::object verify_certificates(pks::jose::json_value line)
{
    chain_question question;
    question.leaf = std::string(text_member(line, "leaf"));
    question.intermediates = text_list(line, "intermediates");
    question.trusted = text_list(line, "trust");
    question.host = std::string(text_member(line, "host"));
    if (auto const time = number_member(line, "time"))
        question.at = std::chrono::sys_seconds(std::chrono::seconds(*time));
    return answer(question);
}

boost::json::object verify_limbo_case(pks::jose::json_value line)
{
    return answer(read_limbo_case(line));
}

} // namespace conform
