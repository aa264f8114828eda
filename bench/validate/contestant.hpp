// A library that validates tokens, as the measurement sees it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// What is measured: how one set of tokens is treated.
class token_case
{
public:
    explicit token_case(std::string name) : name_(std::move(name)) {}

    std::string const& name() const noexcept
    {
        return name_;
    }

    /// The set of token_data.
    std::string set() const
    {
        return name_ == "cached" || name_ == "rs256_kept" ? "rs256"
            : name_ == "forged_dots_default"              ? "forged_dots"
                                                          : name_;
    }

    /// How many tokens of it there are at most: what is repeated is what a service gets from its hundred clients.
    std::size_t count(std::size_t of_set) const
    {
        return name_ == "cached" ? std::min<std::size_t>(of_set, 100) : of_set;
    }

    /// Whether its tokens are good.
    bool good() const
    {
        return !name_.starts_with("forged");
    }

private:
    std::string name_;
};

/// Validates the token of this number in the set, and says whether it is accepted.
using validation = std::function<bool(std::size_t)>;

class contestant
{
public:
    virtual ~contestant() = default;

    virtual std::string name() const = 0;
    virtual std::string version() const = 0;

    /// The cases that it can do; those which are forged, it has to refuse.
    virtual std::vector<std::string> cases() const = 0;

    /// What a thread does in a case, with all that it keeps from token to token. Called in that thread.
    virtual validation start(token_case const& which) = 0;
};

} // namespace bench
