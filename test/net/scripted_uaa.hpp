// A UAA on loopback, without TLS, whose replies the test gives: at once, or when it likes.
#pragma once

#include <pks/endpoint.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace net_test {

/// Listens on 127.0.0.1 until it is destroyed. One thread.
class scripted_uaa
{
public:
    explicit scripted_uaa(boost::asio::io_context& context);
    ~scripted_uaa();

    std::uint16_t port() const noexcept;
    pks::endpoint endpoint() const;

    /// What each request gets from now on, to the octet. `then_closes`: the connection ends after it.
    void reply(std::string octets, bool then_closes = false);

    /// From now on requests wait, until `answer` gives all of them this reply, and later ones as `reply` does.
    void hold();
    void answer(std::string octets);

    std::size_t connections() const noexcept; ///< accepted
    std::size_t requests() const noexcept;    ///< that came in whole
    std::size_t held() const noexcept;        ///< that wait
    std::string last_request() const;

    struct state;

private:
    std::shared_ptr<state> state_;
};

/// A reply with this body, framed by its length. `fields`: whole lines.
std::string http_reply(int status, std::string_view media_type, std::string_view body, std::string_view fields = {});
std::string json_reply(std::string_view body, std::string_view fields = {}); ///< 200

} // namespace net_test
