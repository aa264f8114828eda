// Plays recorded exchanges to the library.
#include "runner/replay.hpp"
#include "runner/call.hpp"
#include "runner/matcher.hpp"
#include "runner/outcome.hpp"
#include "runner/streams.hpp"
#include "runner/tls_server.hpp"

#include <pks/net/tls_context.hpp>
#include <pks/trust.hpp>

#include <algorithm>

namespace conform {

struct replayer::state
{
    boost::asio::io_context context{1};
    std::unique_ptr<tls_server> server;
    std::shared_ptr<boost::asio::ssl::context> tls;

    // Only when the first TLS replay is asked for.
    tls_server& tls_side()
    {
        if (!server) {
            server = std::make_unique<tls_server>();
            auto const made = pks::net::make_tls_context(pks::trust::pem(server->ca()));
            if (made.has_error())
                throw environment_error("cannot set TLS up: " + made.error().message());
            tls = *made;
        }
        return *server;
    }

    differences play_once(test_case const& c, exchange const& recorded, replay_mode mode);
};

differences replayer::state::play_once(test_case const& c, exchange const& recorded, replay_mode mode)
{
    differences in_request;
    bool asked = false;
    // The request is judged before it is answered, and a wrong one is not answered.
    auto answer = [&](std::string_view octets) -> std::optional<std::string> {
        asked = true;
        if (c.kind == case_kind::operation) {
            auto const sent = parse_request(octets);
            if (!sent)
                in_request.push_back({"request", "a whole request", "a part of one"});
            else
                in_request = compare_requests(recorded.request, *sent);
        }
        if (!in_request.empty())
            return std::nullopt;
        return recorded.reply;
    };
    auto const address = peer_of(c, recorded.clock);
    boost::json::object seen;
    if (mode.tls) {
        auto& other = tls_side();
        other.answer_with(answer);
        try {
            tls_stream connection(context, *tls, other.port(), mode.piece);
            seen = call(context, connection, c, address).seen;
        } catch (boost::system::system_error const& failure) {
            throw environment_error(std::string("no TLS over loopback: ") + failure.what());
        }
        other.answer_with({});
    } else {
        memory_stream connection(context, answer, mode.piece);
        seen = call(context, connection, c, address).seen;
    }
    if (!in_request.empty())
        return in_request;
    if (!asked) {
        auto const* const error = seen.if_contains("error");
        return {{"request", "one", "none: " + (error ? std::string(error->as_string()) : std::string("success"))}};
    }
    return compare_outcomes(c.expect, seen);
}

replayer::replayer() : state_(std::make_unique<state>()) {}
replayer::~replayer() = default;

std::string name_of(replay_mode mode)
{
    std::string const reads = mode.piece == all_at_once ? "all at once"
        : mode.piece == 1                               ? "1 octet"
                                                        : std::to_string(mode.piece) + " octets";
    return (mode.tls ? "TLS, " : "memory, ") + reads;
}

std::vector<replay_mode> const& all_modes()
{
    static std::vector<replay_mode> const modes = {{false, all_at_once}, {false, 1460}, {false, 7}, {false, 1},
        {true, all_at_once}, {true, 1460}, {true, 7}, {true, 1}};
    return modes;
}

std::vector<finding> replayer::play(test_case const& c, std::vector<replay_mode> const& modes)
{
    auto const recorded = read_entry(c.entry);
    std::vector<finding> out;
    for (auto const mode : modes) {
        auto what = state_->play_once(c, recorded, mode);
        if (what.empty())
            continue;
        auto const same = std::find_if(out.begin(), out.end(), [&](finding const& f) { return f.what == what; });
        if (same == out.end())
            out.push_back({{mode}, std::move(what)});
        else
            same->modes.push_back(mode);
    }
    return out;
}

} // namespace conform
