// A storage that has a token, so that nobody has to log in.
#pragma once

#include <pks/access_token.hpp>
#include <pks/secret.hpp>
#include <pks/token_storage.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace net_test {

class kept_token final : public pks::token_storage
{
public:
    explicit kept_token(std::string text) : text_(std::move(text)) {}

    pks::access_token load() noexcept override
    {
        pks::access_token::parts parts;
        parts.value = pks::secret(text_);
        parts.expires_at = std::chrono::system_clock::now() + std::chrono::hours(1);
        return pks::access_token(std::move(parts));
    }
    void save(pks::access_token const&) noexcept override {}

private:
    std::string text_;
};

} // namespace net_test
