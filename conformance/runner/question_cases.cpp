// Bad answers to the two questions whose answers a validator reads, and no client: about keys, and about a token.
#include "runner/question_cases.hpp"
#include "runner/connection_workshop.hpp"

#include <pks/jose/base64url.hpp>
#include <pks/validator.hpp>

#include <chrono>
#include <string>

namespace conform {

namespace {

// Looks like a token as long as nobody has the key.
std::string unverifiable_token()
{
    using pks::jose::base64url_encode;
    return base64url_encode(R"({"alg":"RS256","kid":"key-1","typ":"JWT"})") + '.' +
        base64url_encode(R"({"iss":"https://uaa.test/oauth/token","exp":4000000000})") + '.' +
        base64url_encode(std::string(256, 'x'));
}

} // namespace

void validator_fails(fault_cell const& c, fault_form const& form)
{
    bool const about_a_token = c.operation.name == "token.introspect";
    operation_bench bench(bench_settings{c.tls_version});
    auto& uaa = bench.server_of(c.operation);
    uaa.play(form.script(c.operation, 1));
    pks::validator_options options(uaa.url(), pks::trust::pem(operation_bench::authority().root_pem()));
    if (about_a_token) {
        options.how = pks::validation::online;
        options.as = pks::client_authentication::automatic("a-resource", pks::secret("automated-client-secret"));
    }
    options.rules.any_audience = true;
    options.fetch_deadline = std::chrono::seconds(10);
    played out;
    {
        pks::validator asks(bench.context().get_executor(), std::move(options));
        auto const began = std::chrono::steady_clock::now();
        auto note = [&out, began](pks::error_code ec, pks::identity const&) {
            out.ec = ec;
            out.took = std::chrono::steady_clock::now() - began;
            ++out.completions;
        };
        asks.async_validate_token(about_a_token ? "token-opaque" : unverifiable_token(), {}, out.diag, note);
        bench.run_until([&out] { return out.completions != 0; }, "a validation never ended");
        bench.context().poll();
        auto const seen = uaa.count(operation_bench::tag_of(c.operation));
        out.requests = seen.requests;
        out.effects = seen.effects;
        out.attempts = static_cast<int>(seen.requests);
    }
    out.left_open = bench.wait_for_closed_connections();
    auto const harm = harm_of(out, c.operation);
    expect(harm.empty(), form, out, harm);
    expect(form.is_right(out.ec) && out.requests == 1, form, out, "a failure after 1 request");
}

} // namespace conform
