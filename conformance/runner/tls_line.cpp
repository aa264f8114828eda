// The verb `tls-get`: what a client gets from an HTTPS server, or why not.
#include "runner/tls_line.hpp"
#include "runner/error_name.hpp"
#include "runner/line_members.hpp"
#include "runner/tls_get.hpp"

#include <pks/endpoint.hpp>
#include <pks/trust.hpp>

#include <string>
#include <string_view>

namespace conform {

namespace {

pks::trust trust_of(pks::jose::json_value line)
{
    bool const insecure = flag_member(line, "insecure");
    if (line["ca_file"].exists() + line["ca"].exists() + insecure > 1)
        throw line_error("a line has one of ca_file, ca and insecure");
    auto out = line["ca_file"].exists() ? pks::trust::ca_file(std::string(text_member(line, "ca_file")))
        : line["ca"].exists()           ? pks::trust::pem(std::string(text_member(line, "ca")))
        : insecure                      ? pks::trust(pks::skip_verification)
                                        : pks::trust::system_store();
    auto const minimum = text_member_or(line, "minimum_tls", "1.2");
    if (minimum != "1.2" && minimum != "1.3")
        throw line_error("minimum_tls is neither 1.2 nor 1.3");
    out.minimum_tls(minimum == "1.3" ? pks::tls_version::v1_3 : pks::tls_version::v1_2);
    return out;
}

} // namespace

boost::json::object get_over_tls(pks::jose::json_value line)
{
    auto const url = text_member(line, "url");
    auto const scheme = url.find("://");
    auto const path = url.find_first_of("/?", scheme == url.npos ? 0 : scheme + 3);
    auto const trust = trust_of(line);
    auto const deadline = number_member(line, "deadline").value_or(10'000);
    if (deadline < 1)
        throw line_error("deadline is less than 1");
    bool const loopback = flag_member(line, "loopback");

    boost::json::object out;
    auto const refuse = [&out](pks::error_code ec, pks::step step, std::string const& detail) {
        out["verdict"] = "failed";
        out["error"] = name_of(ec);
        out["step"] = to_string(step);
        out["detail"] = detail;
        return out;
    };
    auto const server = pks::endpoint::parse(url.substr(0, path), 443);
    if (server.has_error())
        return refuse(server.error(), pks::step::none, {});
    std::string target(path == url.npos ? "" : url.substr(path));
    if (!target.starts_with('/'))
        target.insert(0, 1, '/');
    auto const got = tls_get(
        {*server, trust, target, loopback ? loopback_resolver() : nullptr, std::chrono::milliseconds(deadline)});
    if (got.ec)
        return refuse(got.ec, got.diag.step, got.diag.detail.empty() ? got.ec.message() : got.diag.detail);
    out["verdict"] = "answered";
    out["status"] = got.status;
    out["octets"] = got.body.size();
    out["reusable"] = got.diag.reusable;
    return out;
}

} // namespace conform
