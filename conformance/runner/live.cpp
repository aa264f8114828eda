// The cases that make sense against any UAA, against a real one.
#include "runner/live.hpp"
#include "runner/call.hpp"
#include "runner/glob.hpp"

#include <pks/net/connection.hpp>
#include <pks/net/operation.hpp>
#include <pks/net/tls_context.hpp>
#include <pks/trust.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace conform {

namespace {

namespace json = boost::json;

// Seconds by which two lifetimes may differ: UAA rounds down, and the server may be busy.
constexpr std::int64_t leeway = 3;

// A connection as the library makes it for itself.
class connection_stream final : public stream
{
public:
    explicit connection_stream(std::unique_ptr<pks::net::connection> connection) : connection_(std::move(connection)) {}

    boost::asio::any_io_executor get_executor() override
    {
        return connection_->get_executor();
    }

private:
    // Waits for a step of the connection in the place of the handler.
    class waiting final : public pks::net::suspended
    {
    public:
        explicit waiting(handler h) : then_(std::move(h)) {}

        void resume(pks::error_code ec, std::size_t n) override
        {
            auto then = std::move(then_);
            delete this;
            std::move(then)(ec, n);
        }
        void abandon() noexcept override
        {
            delete this;
        }
        boost::asio::cancellation_slot cancellation_slot() noexcept override
        {
            return boost::asio::get_associated_cancellation_slot(then_);
        }
        bool stopped() const noexcept override
        {
            return false;
        }

    private:
        ~waiting() = default;

        handler then_;
    };

    void start_read_some(boost::asio::mutable_buffer buffer, handler h) override
    {
        connection_->start_read_some(buffer, pks::net::io_handler(*new waiting(std::move(h))));
    }
    void start_write_some(boost::asio::const_buffer buffer, handler h) override
    {
        connection_->start_write_some(buffer, pks::net::io_handler(*new waiting(std::move(h))));
    }

    std::unique_ptr<pks::net::connection> connection_;
};

class live_server
{
public:
    live_server(std::string const& url, std::string const& ca_file) : url_(url), address_(parsed(url))
    {
        std::string detail;
        auto const made = pks::net::make_tls_context(pks::trust::ca_file(ca_file), &detail);
        if (made.has_error())
            throw environment_error(made.error().message() + ": " + detail);
        tls_ = *made;
    }

    call_outcome ask(test_case const& c)
    {
        connection_stream connection(open());
        return call(context_, connection, c, pks::peer(address_));
    }

private:
    static pks::endpoint parsed(std::string const& url)
    {
        auto const address = pks::endpoint::parse(url, pks::endpoint::uaa_port);
        if (address.has_error())
            throw environment_error(url + ": " + address.error().message());
        return *address;
    }

    static pks::net::task<int> connect(pks::net::coroutine<pks::error_code> opening)
    {
        auto const failed = co_await std::move(opening);
        if (failed)
            co_return failed;
        co_return 0;
    }

    std::unique_ptr<pks::net::connection> open()
    {
        auto out = std::make_unique<pks::net::connection>(context_.get_executor());
        pks::diagnostics diag;
        pks::error_code ec = pks::errc::timeout;
        auto body = [&] { return connect(out->open(address_, tls_, diag)); };
        auto done = [&ec](pks::error_code got, int) { ec = got; };
        context_.restart();
        pks::net::start_operation<int>(context_.get_executor(), std::move(body), std::move(done));
        context_.run_for(std::chrono::seconds(20));
        if (ec)
            throw environment_error(
                "cannot reach " + url_ + ": " + ec.message() + (diag.detail.empty() ? "" : " (" + diag.detail + ")"));
        return out;
    }

    std::string url_;
    pks::endpoint address_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    boost::asio::io_context context_{1};
};

bool fresh(std::string_view member)
{
    static constexpr std::string_view names[] = {"version", "uaa_url", "login_url", "entity_id", "commit_id",
        "timestamp", "jti", "access_token_sha256", "refresh_token_sha256", "id_token_sha256", "expires_at", "issued_at",
        "iss", "sub", "user_id", "etag"};
    return std::find(std::begin(names), std::end(names), member) != std::end(names);
}

// Whether a member that is fresh each time is there at all.
json::value presence(json::value const& value)
{
    bool const empty = value.is_null() || (value.is_string() && value.get_string().empty());
    return empty ? "nothing" : "something";
}

json::object form_of(json::object const& outcome)
{
    json::object out;
    for (auto const& [name, value] : outcome) {
        if (name == "result" && value.is_object()) {
            auto& inner = out["result"].emplace_object();
            for (auto const& [member, content] : value.get_object()) {
                if (member == "key_ids")
                    inner[member] = content.as_array().empty() ? "nothing" : "something";
                else if (member != "json")
                    inner[member] = fresh(member) ? presence(content) : content;
            }
        } else if (name == "error" || name == "http_status" || name == "oauth_error" || name == "description") {
            out[name] = value;
        }
    }
    return out;
}

void forgive_leeway(json::object const& expected, json::object& seen)
{
    auto const* const a = expected.if_contains("result");
    auto* const b = seen.if_contains("result");
    auto const* const lifetime = a ? a->as_object().if_contains("expires_in") : nullptr;
    auto* const given = b ? b->as_object().if_contains("expires_in") : nullptr;
    if (lifetime && given && lifetime->is_int64() && given->is_int64() &&
        std::abs(lifetime->get_int64() - given->get_int64()) <= leeway)
        *given = *lifetime;
}

differences compare_forms(json::object const& expected, json::object const& seen)
{
    auto const form = form_of(expected);
    auto found = form_of(seen);
    forgive_leeway(form, found);
    // A success has no texts of a refusal.
    if (!form.contains("description")) {
        found.erase("oauth_error");
        found.erase("description");
    }
    differences out;
    compare_json("live", form, found, out);
    return out;
}

test_case const& find_case(std::vector<suite> const& suites, std::string const& id)
{
    for (auto const& one : suites)
        for (auto const& c : one.cases)
            if (c.id == id)
                return c;
    throw environment_error("there is no case " + id);
}

// What a case needs of an earlier one: the token or ETag that the recording has in its place died long ago.
test_case with_fresh_value(test_case c, call_outcome const& earlier)
{
    auto const text = [](pks::secret const& s) { return json::string(s.reveal().data(), s.reveal().size()); };
    if (c.arguments.contains("refresh_token")) {
        if (!earlier.token.refresh_token())
            throw environment_error(c.live_first + " gave no refresh token");
        c.arguments["refresh_token"] = text(*earlier.token.refresh_token());
    } else if (c.arguments.contains("etag")) {
        c.arguments["etag"] = earlier.seen.at("result").at("etag");
    } else {
        c.arguments["token"] = text(earlier.token.value());
    }
    return c;
}

std::string generation_of(live_server& server, std::vector<suite> const& suites)
{
    auto const seen = server.ask(find_case(suites, "4.30.0/seed-flow/01-target")).seen;
    auto const* const result = seen.if_contains("result");
    if (!result)
        throw environment_error(
            "the live server is no UAA: GET /login gives " + std::string(seen.at("error").as_string().c_str()));
    auto const version = std::string(result->as_object().at("version").as_string());
    int major = 0;
    std::from_chars(version.data(), version.data() + version.size(), major);
    return major < 5 ? "4.30.0/" : "77.18.0/";
}

} // namespace

summary run_live(std::vector<suite> const& suites, std::string const& only, std::string const& url,
    std::string const& ca_file, void (*failed)(verdict const&))
{
    auto const begin = std::chrono::steady_clock::now();
    live_server server(url, ca_file);
    auto const generation = generation_of(server, suites);
    summary out;
    for (auto const& one : suites) {
        for (auto const& c : one.cases) {
            if (!c.live || !c.id.starts_with(generation) || !glob_match(only, c.id))
                continue;
            auto const seen = c.live_first.empty()
                ? server.ask(c)
                : server.ask(with_fresh_value(c, server.ask(find_case(suites, c.live_first))));
            ++out.plays;
            verdict v{c.id, c.kind, {}};
            auto what = compare_forms(c.expect, seen.seen);
            if (!what.empty())
                v.failures.push_back({"live", std::move(what)});
            if (!v.failures.empty())
                failed(v);
            out.verdicts.push_back(std::move(v));
        }
    }
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
}

} // namespace conform
