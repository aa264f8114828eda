// One cell of the fault matrix: an operation, a fault, and what has to come of it.
#pragma once

#include "runner/connection_workshop.hpp"
#include "runner/operation_bench.hpp"

#include <pks/error.hpp>
#include <pks/testing/fault_script.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace conform {

/// One way in which a fault shows itself.
struct fault_form
{
    std::string name;
    /// The fault so many times, one after the other.
    std::function<pks::testing::fault_script(suite_operation const&, std::size_t times)> script{};
    bool executed = false; ///< the request takes effect all the same
    play_settings settings{};
    bench_settings bench{};
    std::function<void(operation_bench&)> ahead{}; ///< before the operation
    /// Where an operation fails by it: whether it does so with the right error. None: any but outcome_unknown.
    std::function<bool(pks::error_code)> is_right{};
};

fault_form form_of(std::string name, pks::testing::request_fault const& fault);
fault_form form_of(std::string name, pks::testing::connection_fault const& fault);

/// Thread safety: none.
class fault_cell
{
public:
    std::string fault;
    suite_operation operation;
    std::string action;
    int tls_version = 0;

    bool is(std::string_view letter) const
    {
        return operation.letter == letter;
    }
    bool with_bearer() const
    {
        return operation.auth == "bearer";
    }

    /// Plays, and throws `harmful` where there is harm_of() it, `otherwise` where the deadline was missed by more than
    /// 100 ms in each of three plays.
    played play(fault_form const& form, std::size_t times) const;

    /// Plays as the action of the cell demands, or another one. Throws `otherwise`.
    void judge(fault_form const& form) const
    {
        judge(form, action);
    }
    void judge(fault_form const& form, std::string const& as) const;

    // What actions mean.
    void retries(fault_form const& form) const;
    void fails(fault_form const& form) const;
    void refreshes_once_more(fault_form const& form) const;
    void is_unknown(fault_form const& form) const;
    void looks(fault_form const& form) const;
    void ends_at_deadline(fault_form const& form) const;
    void succeeds(fault_form const& form, int attempts) const;
};

/// Throws `otherwise`, with the form and what came of it.
void expect(bool good, fault_form const& form, played const& p, std::string const& what);

/// What no machine may be blamed for.
class harmful : public otherwise
{
public:
    using otherwise::otherwise;
};

/// Where the time of a step is so short that another load on the machine may use it up: once of three times it goes as
/// it has to, and no time does harm.
template <class Once>
void in_three_tries(Once const& once)
{
    for (int left = 2;; --left) {
        try {
            return once();
        } catch (harmful const&) {
            throw;
        } catch (otherwise const&) {
            if (left == 0)
                throw;
        }
    }
}

/// More than any operation tries.
inline constexpr std::size_t always = 9;

} // namespace conform
