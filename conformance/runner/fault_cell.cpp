// One cell of the fault matrix: an operation, a fault, and what has to come of it.
#include "runner/fault_cell.hpp"
#include "runner/error_name.hpp"
#include "suites/read_suite.hpp"

#include <utility>

namespace conform {

namespace {

using pks::condition;
using pks::testing::connection_fault;
using pks::testing::fault_script;
using pks::testing::request_fault;

bool is_right(fault_form const& form, pks::error_code ec)
{
    return ec && ec != condition::outcome_unknown && (!form.is_right || form.is_right(ec));
}

std::string text_of(fault_form const& form, played const& p, std::string const& what)
{
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(p.took).count();
    return form.name + ": " + what + "; it ended with " + (p.ec ? name_of(p.ec) : "success") + " (" + p.diag.message() +
        ") after " + std::to_string(p.attempts) + " attempts, " + std::to_string(p.requests) + " requests, " +
        std::to_string(p.effects) + " effects, " + std::to_string(ms) + " ms";
}

} // namespace

fault_form form_of(std::string name, request_fault const& fault)
{
    fault_form out;
    out.name = std::move(name);
    out.executed = fault.executed();
    out.script = [fault](suite_operation const& operation, std::size_t times) {
        fault_script script;
        script.on_requests(operation_bench::tag_of(operation), times, fault);
        return script;
    };
    return out;
}

fault_form form_of(std::string name, connection_fault const& fault)
{
    fault_form out;
    out.name = std::move(name);
    out.script = [fault](suite_operation const&, std::size_t times) {
        fault_script script;
        script.on_connections(times, fault);
        return script;
    };
    return out;
}

void expect(bool good, fault_form const& form, played const& p, std::string const& what)
{
    if (!good)
        throw otherwise(text_of(form, p, what));
}

played fault_cell::play(fault_form const& form, std::size_t times) const
{
    auto setup = form.bench;
    setup.tls_version = tls_version;
    played out;
    for (int tries = 0; tries != 3; ++tries) {
        operation_bench bench(setup);
        auto settings = form.settings;
        if (form.ahead)
            settings.ahead = [&](pks::client&) { form.ahead(bench); };
        auto const script = form.script ? form.script(operation, times) : fault_script();
        out = bench.play(operation, script, settings);
        auto const harm = harm_of(out, operation);
        if (!harm.empty())
            throw harmful(text_of(form, out, harm));
        if (out.took <= settings.deadline + std::chrono::milliseconds(100))
            return out;
    }
    throw otherwise(text_of(form, out, "the deadline was missed"));
}

void fault_cell::judge(fault_form const& form, std::string const& as) const
{
    if (as == "retry" || as == "retry_after" || as == "timeout_retry" || as == "retry_404_is_ok" ||
        as == "retry_next_address")
        retries(form);
    else if (as == "fail")
        fails(form);
    else if (as == "refresh_resend_once")
        refreshes_once_more(form);
    else if (as == "outcome_unknown")
        is_unknown(form);
    else if (as == "reconcile")
        looks(form);
    else if (as == "deadline")
        ends_at_deadline(form);
    else
        throw suites::suite_error("faults: there is no meaning of " + as + " in " + fault);
}

void fault_cell::succeeds(fault_form const& form, int attempts) const
{
    auto const p = play(form, 1);
    expect(!p.ec && p.attempts == attempts, form, p, "success after " + std::to_string(attempts) + " attempts");
}

void fault_cell::retries(fault_form const& form) const
{
    succeeds(form, 2);
    auto const p = play(form, always);
    expect(is_right(form, p.ec) && p.attempts == 3, form, p, "where it goes on, a failure after 3 attempts");
}

void fault_cell::fails(fault_form const& form) const
{
    auto const p = play(form, 1);
    expect(is_right(form, p.ec) && !p.diag.outcome_unknown && p.attempts == 1, form, p, "a failure after 1 attempt");
}

void fault_cell::refreshes_once_more(fault_form const& form) const
{
    auto const once = play(form, 1);
    // The answer that was lost held the token which has replaced the one at hand.
    if (form.executed)
        expect(once.ec == pks::errc::reauthentication_required && once.attempts == 2 && once.effects == 1, form, once,
            "reauthentication_required after 2 attempts");
    else
        expect(!once.ec && once.attempts == 2, form, once, "success after 2 attempts");
    auto const p = play(form, always);
    expect(is_right(form, p.ec) && p.attempts == 2, form, p, "where it goes on, a failure after 2 attempts");
}

void fault_cell::is_unknown(fault_form const& form) const
{
    auto const p = play(form, 1);
    expect(p.ec == condition::outcome_unknown && p.diag.outcome_unknown && p.attempts == 1, form, p,
        "outcome_unknown after 1 attempt");
}

void fault_cell::looks(fault_form const& form) const
{
    auto const p = play(form, 1);
    // The second attempt is the look.
    expect(p.requests == 1 && p.attempts == 2, form, p, "1 request, and a look");
    expect(form.executed ? !p.ec : p.ec == pks::errc::outcome_unknown, form, p,
        form.executed ? "success" : "outcome_unknown");
}

void fault_cell::ends_at_deadline(fault_form const& form) const
{
    auto const p = play(form, 1);
    expect(p.ec == condition::timeout, form, p, "a deadline error");
    expect(p.took >= form.settings.deadline, form, p, "not before the deadline");
}

} // namespace conform
