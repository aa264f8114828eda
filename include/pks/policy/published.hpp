// A value that many threads read and that is replaced now and then.
#pragma once

#include <pks/policy/striped.hpp>

#include <memory>
#include <utility>

namespace pks::inline v0::policy {

/// Readers share neither a lock nor a count of references: each stripe has a handle of its own on the value.
///
/// Thread safety: every member may be called from any thread at any time.
template <class T>
class published
{
public:
    /// `value` is not null.
    explicit published(std::shared_ptr<T const> value)
    {
        publish(std::move(value));
    }

    /// Whoever reads after this has returned reads this value.
    void publish(std::shared_ptr<T const> value)
    {
        stripes_.each([&value](std::shared_ptr<T const>& own) {
            // A count of its own, which keeps the shared one up.
            auto const holder = std::make_shared<std::shared_ptr<T const>>(value);
            own = std::shared_ptr<T const>(holder, holder->get());
        });
    }

    std::shared_ptr<T const> read() const
    {
        std::shared_ptr<T const> out;
        stripes_.own([&out](std::shared_ptr<T const> const& own) { out = own; });
        return out;
    }

private:
    mutable striped<std::shared_ptr<T const>> stripes_;
};

} // namespace pks::inline v0::policy
