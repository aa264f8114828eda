// The suite `retry`: which requests are sent again, and how often.
#include "runner/retry_cases.hpp"
#include "runner/error_name.hpp"
#include "runner/operation_bench.hpp"
#include "suites/read_suite.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace conform {

namespace {

using pks::testing::fault_end;
using pks::testing::fault_script;
using pks::testing::request_fault;

std::string text(boost::json::value const& v)
{
    return std::string(v.as_string());
}

// What the server does instead of its answer; in none of these cases does the request take effect.
request_fault fault_of(std::string_view instruction, suite_operation const& operation, bool with_retry_after)
{
    bool const of_api = operation.path.starts_with("/v1/");
    auto const refusal = [of_api](int status, std::string const& error) {
        return request_fault::status(status,
            of_api ? R"({"code":)" + std::to_string(status) + R"(,"message":")" + error + "\"}"
                   : R"({"error":")" + error + R"(","error_description":"by the script"})");
    };
    if (instruction == "return-503") {
        pks::testing::header_fields fields;
        if (with_retry_after)
            fields.emplace_back("Retry-After", "0");
        return request_fault::status(503, R"({"message":"not now"})", std::move(fields));
    }
    if (instruction == "return-reset-connection")
        return request_fault::silence(fault_end::reset);
    if (instruction == "return-broken-stream") {
        auto const body = std::string(200, ' ') + "{}";
        return request_fault::status(200, body).stop_short_of(body.size() / 2, fault_end::close);
    }
    if (instruction == "return-broken-stream-after-256K")
        return request_fault::status(200, std::string(std::size_t{300} << 10, ' ') + "{}")
            .stop_after(std::size_t{256} << 10, fault_end::close);
    if (instruction == "return-400")
        return refusal(400, operation.path == "/oauth/token" ? "invalid_grant" : "invalid_request");
    if (instruction == "return-401")
        return refusal(401, of_api ? "invalid_token" : "invalid_client");
    if (instruction == "return-408")
        return request_fault::status(408, "{}", {{"Connection", "close"}}).then(fault_end::close);
    throw suites::suite_error("retry: there is no instruction " + std::string(instruction));
}

std::string outcome_of(played const& p, suite_operation const& operation)
{
    using pks::condition;
    if (!p.ec)
        return "success";
    if (p.ec == condition::outcome_unknown)
        return "outcome_unknown";
    if (p.ec == condition::connection_lost)
        return "connection_lost";
    if (p.diag.http_status == 503)
        return "http_error_503";
    bool const grant = operation.path == "/oauth/token";
    if (grant && p.ec.category() == pks::oauth_category())
        return "oauth_error";
    if (!grant && p.ec == condition::unauthorized)
        return "unauthenticated";
    if (!grant && p.diag.http_status >= 400)
        return "http_error_" + std::to_string(p.diag.http_status);
    return name_of(p.ec);
}

std::string shown(std::int64_t attempts, std::int64_t token_refreshes, std::string const& outcome)
{
    return std::to_string(attempts) + " attempts, " + std::to_string(token_refreshes) + " token refreshes, " + outcome;
}

std::string shown(boost::json::value const& expected)
{
    auto const* const refreshes = expected.as_object().if_contains("token_refreshes");
    return shown(
        expected.at("attempts").as_int64(), refreshes ? refreshes->as_int64() : 0, text(expected.at("outcome")));
}

void play_pair(std::string const& id, suite_operation const& operation, boost::json::object const& pair,
    boost::json::value const& expected, bool fixed_token, suite_tally& tally)
{
    operation_bench bench;
    bool const opt_in = pair.contains("opt_in");
    fault_script script;
    for (auto const& each : pair.at("instructions").as_array())
        script.on_request(operation_bench::tag_of(operation), fault_of(text(each), operation, opt_in));
    play_settings settings;
    settings.fixed_token = fixed_token;
    settings.options = [opt_in](pks::client_options& o) { o.retry.resend_after_503_with_retry_after = opt_in; };

    std::string seen, harm;
    try {
        auto const p = bench.play(operation, std::move(script), settings);
        seen = shown(static_cast<std::int64_t>(p.requests), static_cast<std::int64_t>(p.token_requests),
            outcome_of(p, operation));
        harm = harm_of(p, operation);
    } catch (std::runtime_error const& failure) {
        harm = failure.what();
    }
    auto const aim = shown(expected);
    if (harm.empty() && seen == aim)
        tally.hold();
    else
        tally.fail(id,
            {operation.name + ' ' + boost::json::serialize(pair.at("instructions")), "verdict", aim,
                harm.empty() ? seen : seen + "; " + harm});
}

} // namespace

std::string run_retry(std::filesystem::path const& folder, suite_tally& tally)
{
    auto const suite = suites::read_json(folder / "retry" / "operations.json");
    auto const operations = read_operations(suite.as_object());
    std::size_t pairs = 0, with_fixed_token = 0, not_applicable = 0;
    try {
        for (auto const& each : suite.at("pairs").as_array()) {
            auto const& pair = each.as_object();
            auto const& expected = pair.at("expect");
            auto const id = std::to_string(pair.at("scenario").as_int64()) + '/' +
                std::to_string(pair.at("case").as_int64()) + '/' + text(pair.at("source_method"));
            if (!tally.wants(id))
                continue;
            if (text(expected.at("outcome")) == "not_applicable") {
                ++not_applicable;
                continue;
            }
            auto const& operation = operations.at(text(pair.at("operation")));
            play_pair(id, operation, pair, expected, false, tally);
            ++pairs;
            if (auto const* const fixed = pair.if_contains("expect_static_token")) {
                play_pair(id + "/static-token", operation, pair, *fixed, true, tally);
                ++with_fixed_token;
            }
        }
    } catch (suites::suite_error const&) {
        throw;
    } catch (std::exception const& failure) {
        throw suites::suite_error(std::string("retry: ") + failure.what());
    }
    return std::to_string(pairs) + " pairs, " + std::to_string(with_fixed_token) +
        " of them again with a fixed token; " + std::to_string(not_applicable) + " not applicable";
}

} // namespace conform
