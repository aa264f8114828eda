// The inside of testing/control_plane.hpp: listening and sessions.
#pragma once

#include <pks/testing/control_plane.hpp>

#include <pks/credentials.hpp>
#include <pks/error.hpp>
#include <pks/guard.hpp>
#include <pks/testing/pks_api.hpp>
#include <pks/testing/uaa_replies.hpp>
#include <pks/validator.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/system_error.hpp>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

namespace control_plane_detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using tls_stream = asio::ssl::stream<tcp::socket>;
using parser_type = beast::http::request_parser<beast::http::string_body>;

// Tomcat takes no longer heads.
inline constexpr std::uint32_t max_head = 14336;

// Takes HTTP/1.1 where a client offers protocols, and none where it offers others only.
inline int select_protocol(
    SSL*, unsigned char const** out, unsigned char* size, unsigned char const* offered, unsigned offered_size, void*)
{
    static constexpr unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, ours, sizeof ours, offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

inline void use(asio::ssl::context& context, server_identity const& identity)
{
    context.use_certificate_chain(asio::buffer(identity.certificate));
    context.use_private_key(asio::buffer(identity.private_key), asio::ssl::context::pem);
    auto* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_alpn_select_cb(native, &select_protocol, nullptr);
    // Tickets resume sessions; a cache would grow with every client.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
}

inline request to_request(parser_type::value_type&& message)
{
    request out(std::string(message.method_string()), std::string(message.target()));
    for (auto const& field : message)
        out.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
    out.http_1_0 = message.version() < 11;
    out.body = std::move(message.body());
    return out;
}

// What Tomcat answers itself, before the application sees a request.
inline reply malformed_request(int status, clock::time_point now)
{
    reply out;
    out.status = status;
    out.body = "<!doctype html><html lang=\"en\"><head><title>HTTP Status " + std::to_string(status) +
        "</title></head><body><h1>HTTP Status " + std::to_string(status) + "</h1></body></html>";
    out.fields = {{"Content-Type", "text/html;charset=utf-8"}, {"Content-Language", "en"},
        {"Content-Length", std::to_string(out.body.size())}, {"Date", http_date(now)}, {"Connection", "close"}};
    out.frame = reply::framing::content_length;
    out.close = true;
    return out;
}

// One accepted connection.
struct session
{
    session(tcp::socket socket, asio::ssl::context& context, std::size_t of)
        : stream(std::move(socket), context), replica(of)
    {}

    tls_stream stream;
    std::size_t const replica; // whose it is
};

// On the strand of the session.
inline void reset(session& s)
{
    error_code ignored;
    s.stream.next_layer().set_option(asio::socket_base::linger(true, 0), ignored);
    s.stream.next_layer().close(ignored);
}

} // namespace control_plane_detail

/// Shared by the handle, the listeners and the sessions.
class control_plane::plane : public std::enable_shared_from_this<control_plane::plane>
{
    using tcp = control_plane_detail::tcp;
    using tls_stream = control_plane_detail::tls_stream;
    using session = control_plane_detail::session;
    using message_type = control_plane_detail::parser_type::value_type;

public:
    PKS_DECL plane(boost::asio::any_io_executor executor, control_plane_options options);

    PKS_DECL void start();
    PKS_DECL void stop();

    std::uint16_t uaa_port() const noexcept
    {
        return uaa_port_;
    }
    std::uint16_t api_port() const noexcept
    {
        return api_port_;
    }
    std::string url(std::uint16_t port) const
    {
        return "https://" + options_.host + ':' + std::to_string(port);
    }
    std::string const& ca_pem() const noexcept
    {
        return authority_.root_pem();
    }
    clock::time_point now() const
    {
        return options_.clock ? options_.clock->now() : std::chrono::system_clock::now();
    }

    template <class Function>
    void with_uaa(Function const& what)
    {
        std::lock_guard const lock(mutex_);
        what(*uaa_);
    }
    template <class Function>
    void with_api(Function const& what)
    {
        std::lock_guard const lock(mutex_);
        what(api_);
    }

    PKS_DECL counters count() const;

    struct ports
    {
        std::uint16_t uaa = 0;
        std::uint16_t api = 0;
    };
    PKS_DECL std::size_t add_replica();
    PKS_DECL ports ports_of(std::size_t replica) const;
    PKS_DECL void cut_off(std::size_t replica);

private:
    struct registration;
    using self_ptr = std::shared_ptr<plane>;

    struct listener
    {
        std::shared_ptr<tcp::acceptor> acceptor;
        bool api;
        std::size_t replica;
    };

    PKS_DECL std::uint16_t listen(std::uint16_t port, bool api, std::size_t replica);
    PKS_DECL void start(listener const& one);
    PKS_DECL static boost::asio::awaitable<void> accept(self_ptr self, listener one);
    PKS_DECL static boost::asio::awaitable<void> serve(self_ptr self, std::shared_ptr<session> s, bool api);
    PKS_DECL static boost::asio::awaitable<void> exchange(self_ptr self, std::shared_ptr<session> s, bool api);
    PKS_DECL static boost::asio::awaitable<authorization> authorize(self_ptr self, message_type const& message);
    PKS_DECL static boost::asio::awaitable<reply> answer(self_ptr self, message_type message, bool api);
    PKS_DECL static boost::asio::awaitable<void> close(std::shared_ptr<session> s);
    PKS_DECL validator_options checks() const;

    boost::asio::any_io_executor executor_;
    control_plane_options options_;
    certificate_authority authority_;
    boost::asio::ssl::context server_context_{boost::asio::ssl::context::tls_server};
    std::uint16_t uaa_port_ = 0;
    std::uint16_t api_port_ = 0;
    std::atomic<std::size_t> uaa_connections_{0};
    std::atomic<std::size_t> api_connections_{0};

    mutable std::mutex mutex_;
    bool stopped_ = false;
    std::vector<listener> listeners_;
    std::vector<ports> replicas_; // beside the first
    std::set<std::size_t> gone_;  // the replicas that are cut off
    std::list<std::shared_ptr<session>> sessions_;
    std::unique_ptr<uaa_server> uaa_;
    pks_api api_;
    std::optional<validator> validator_; // set by the constructor
    std::optional<guard> guard_;         // likewise
};

PKS_DECL control_plane::plane::plane(boost::asio::any_io_executor executor, control_plane_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      authority_(options_.authority ? *options_.authority : certificate_authority()),
      api_(options_.broker)
{
    control_plane_detail::use(server_context_,
        options_.identity ? *options_.identity : authority_.issue(options_.dns_names, options_.ip_addresses));

    uaa_port_ = listen(options_.uaa_port, false, 0);
    api_port_ = listen(options_.api_port, true, 0);

    uaa_options settings;
    settings.generation = options_.generation;
    settings.issuer_url = url(uaa_port_);
    settings.host_names = options_.dns_names;
    settings.host_names.push_back(options_.host);
    for (auto const& address : options_.ip_addresses)
        settings.host_names.push_back(address.find(':') == std::string::npos ? address : '[' + address + ']');
    uaa_ = std::make_unique<uaa_server>(
        std::move(settings), options_.directory, options_.key ? *options_.key : signing_key::generate("key-1"));
    validator_.emplace(executor_, checks());
    guard_.emplace(*validator_, "oauth2-resource");
}

// How the API checks tokens.
PKS_DECL validator_options control_plane::plane::checks() const
{
    // The UAA is on loopback, whatever it is called.
    bool const local =
        std::find(options_.dns_names.begin(), options_.dns_names.end(), "localhost") != options_.dns_names.end();
    auto const address = (local ? "localhost" : options_.host) + ':' + std::to_string(uaa_port_);
    validator_options out(address, trust::pem(authority_.root_pem()));
    out.rules = pks_api::rules(url(uaa_port_) + "/oauth/token");
    out.how = options_.checks;
    out.as = client_authentication::basic_unencoded(options_.api_client, options_.api_secret);
    out.asks = policy::introspection_endpoint::check_token;
    // As the real API: it asks about each token anew.
    out.introspection.active_kept = std::chrono::milliseconds(0);
    out.introspection.inactive_kept = std::chrono::milliseconds(0);
    out.introspection.questions = options_.max_connections;
    // As patient as its clients: the UAA is in the same process, and as busy.
    out.fetch_deadline = std::chrono::steady_clock::duration::max();
    out.clock = options_.clock;
    return out;
}

// Both loopback addresses must get the same port: a client that tries ::1 first would otherwise reach somebody else.
PKS_DECL std::uint16_t control_plane::plane::listen(std::uint16_t port, bool api, std::size_t replica)
{
    namespace asio = boost::asio;
    auto const open = [this](asio::ip::address const& address, std::uint16_t on) {
        auto out = std::make_shared<tcp::acceptor>(asio::any_io_executor(asio::make_strand(executor_)));
        tcp::endpoint const where(address, on);
        out->open(where.protocol());
        out->set_option(asio::socket_base::reuse_address(true));
        if (address.is_v6())
            out->set_option(asio::ip::v6_only(true));
        out->bind(where);
        out->listen(asio::socket_base::max_listen_connections);
        return out;
    };
    for (int attempt = 0;; ++attempt) {
        auto first = open(asio::ip::make_address("127.0.0.1"), port);
        auto const got = first->local_endpoint().port();
        try {
            listeners_.push_back({open(asio::ip::make_address("::1"), got), api, replica});
        } catch (boost::system::system_error const& e) {
            bool const taken = e.code() == asio::error::address_in_use;
            if (taken && (port != 0 || attempt == 20))
                throw;
            if (taken)
                continue;
        }
        listeners_.push_back({std::move(first), api, replica});
        return got;
    }
}

PKS_DECL void control_plane::plane::start()
{
    for (auto const& one : listeners_)
        start(one);
}

PKS_DECL void control_plane::plane::start(listener const& one)
{
    boost::asio::co_spawn(one.acceptor->get_executor(), accept(shared_from_this(), one), boost::asio::detached);
}

PKS_DECL std::size_t control_plane::plane::add_replica()
{
    std::lock_guard const lock(mutex_);
    auto const before = listeners_.size();
    auto const number = replicas_.size() + 1;
    ports got;
    got.uaa = listen(0, false, number);
    got.api = listen(0, true, number);
    replicas_.push_back(got);
    for (auto i = before; i != listeners_.size(); ++i)
        start(listeners_[i]);
    return number;
}

PKS_DECL control_plane::plane::ports control_plane::plane::ports_of(std::size_t replica) const
{
    std::lock_guard const lock(mutex_);
    return replica == 0 ? ports{uaa_port_, api_port_} : replicas_.at(replica - 1);
}

PKS_DECL void control_plane::plane::cut_off(std::size_t replica)
{
    std::lock_guard const lock(mutex_);
    gone_.insert(replica);
    for (auto const& one : listeners_)
        if (one.replica == replica)
            boost::asio::post(one.acceptor->get_executor(), [a = one.acceptor] {
                error_code ignored;
                a->close(ignored);
            });
    for (auto const& s : sessions_)
        if (s->replica == replica)
            boost::asio::post(s->stream.get_executor(), [s] { control_plane_detail::reset(*s); });
}

PKS_DECL void control_plane::plane::stop()
{
    std::lock_guard const lock(mutex_);
    if (std::exchange(stopped_, true))
        return;
    for (auto const& one : listeners_)
        boost::asio::post(one.acceptor->get_executor(), [a = one.acceptor] {
            error_code ignored;
            a->close(ignored);
        });
    for (auto const& s : sessions_)
        boost::asio::post(s->stream.get_executor(), [s] {
            error_code ignored;
            s->stream.next_layer().close(ignored);
        });
    validator_->cancel();
}

PKS_DECL control_plane::counters control_plane::plane::count() const
{
    counters out;
    std::lock_guard const lock(mutex_);
    out.uaa_connections = uaa_connections_;
    out.api_connections = api_connections_;
    out.open_connections = sessions_.size();
    out.tokens_issued = uaa_->tokens_issued();
    return out;
}

PKS_DECL boost::asio::awaitable<void> control_plane::plane::accept(self_ptr self, listener one)
{
    namespace asio = boost::asio;
    auto const acceptor = one.acceptor;
    bool const api = one.api;
    while (acceptor->is_open()) {
        asio::any_io_executor strand = asio::make_strand(self->executor_);
        tcp::socket socket(strand);
        error_code ec;
        co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor)
            co_return;
        if (ec) {
            // Out of descriptors, most likely: without a pause this would spin.
            asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(20));
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            continue;
        }
        ++(api ? self->api_connections_ : self->uaa_connections_);
        socket.set_option(tcp::no_delay(true), ec);
        auto s = std::make_shared<session>(std::move(socket), self->server_context_, one.replica);
        {
            std::lock_guard const lock(self->mutex_);
            if (self->stopped_ || self->sessions_.size() >= self->options_.max_connections)
                continue;
        }
        asio::co_spawn(strand, serve(self, std::move(s), api), asio::detached);
    }
}

// Takes a session off the list on every way out, the destruction of its coroutine with the context included.
struct control_plane::plane::registration
{
    plane& owner;
    std::list<std::shared_ptr<session>>::iterator at;
    ~registration()
    {
        std::lock_guard const lock(owner.mutex_);
        owner.sessions_.erase(at);
    }
};

PKS_DECL boost::asio::awaitable<void> control_plane::plane::serve(self_ptr self, std::shared_ptr<session> s, bool api)
{
    std::list<std::shared_ptr<session>>::iterator place;
    {
        std::lock_guard const lock(self->mutex_);
        // cut_off() finds the sessions on the list alone: one that was accepted before it may come here after it.
        bool const gone = self->gone_.contains(s->replica);
        if (gone)
            control_plane_detail::reset(*s);
        if (gone || self->stopped_)
            co_return;
        place = self->sessions_.insert(self->sessions_.end(), s);
    }
    registration const registered{*self, place};
    co_await exchange(self, std::move(s), api);
}

PKS_DECL boost::asio::awaitable<void> control_plane::plane::exchange(
    self_ptr self, std::shared_ptr<session> s, bool api)
{
    namespace asio = boost::asio;
    namespace http = boost::beast::http;
    error_code ec;
    co_await s->stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
    if (ec)
        co_return;

    boost::beast::flat_buffer buffer;
    bool open = true;
    while (open) {
        control_plane_detail::parser_type parser;
        parser.header_limit(control_plane_detail::max_head);
        parser.body_limit(self->options_.max_body);
        co_await http::async_read_header(s->stream, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec && boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            static constexpr std::string_view go_on = "HTTP/1.1 100 \r\n\r\n";
            co_await asio::async_write(s->stream, asio::buffer(go_on), asio::redirect_error(asio::use_awaitable, ec));
        }
        if (!ec && !parser.is_done())
            co_await http::async_read(s->stream, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));

        std::string octets;
        if (ec) {
            bool const theirs = ec.category() == http::make_error_code(http::error::bad_method).category();
            if (!theirs || ec == http::error::end_of_stream || ec == http::error::partial_message)
                break;
            octets = control_plane_detail::malformed_request(ec == http::error::body_limit ? 413 : 400, self->now())
                         .to_octets();
            open = false;
        } else {
            auto const out = co_await answer(self, parser.release(), api);
            octets = out.to_octets();
            open = !out.close;
        }
        co_await asio::async_write(s->stream, asio::buffer(octets), asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return;
    }
    co_await close(std::move(s));
}

// Says goodbye, and waits a moment for the peer to do so, lest unread octets of the peer reset the connection.
PKS_DECL boost::asio::awaitable<void> control_plane::plane::close(std::shared_ptr<session> s)
{
    namespace asio = boost::asio;
    auto const limit = std::make_shared<asio::steady_timer>(s->stream.get_executor(), std::chrono::seconds(2));
    limit->async_wait([weak = std::weak_ptr<session>(s)](error_code ec) {
        auto const strong = weak.lock();
        error_code ignored;
        if (!ec && strong)
            strong->stream.next_layer().close(ignored);
    });
    error_code ec;
    co_await s->stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
    limit->cancel();
}

PKS_DECL boost::asio::awaitable<authorization> control_plane::plane::authorize(
    self_ptr self, message_type const& message)
{
    namespace asio = boost::asio;
    std::string const method(message.method_string());
    std::string const target(message.target());
    authorization out;
    if (!pks_api::is_open(target)) {
        error_code ec;
        auto required = pks_api::required_scopes(method, target);
        // It fails with the plane alone, and then nobody reads the reply.
        out = co_await self->guard_->async_authorize(
            message, std::move(required), asio::redirect_error(asio::use_awaitable, ec));
    }
    co_return out;
}

PKS_DECL boost::asio::awaitable<reply> control_plane::plane::answer(self_ptr self, message_type message, bool api)
{
    reply out;
    authorization who;
    if (api)
        who = co_await authorize(self, message);
    auto const req = control_plane_detail::to_request(std::move(message));
    if (api)
        self->with_api([&](pks_api& server) { out = server.handle(req, who, self->now()); });
    else
        self->with_uaa([&](uaa_server& uaa) { out = uaa.handle(req, self->now()); });
    co_return out;
}

} // namespace pks::inline v0::testing
