// Bodies of testing/fault_server.hpp.
#pragma once

#include <pks/testing/fault_server.hpp>

#include <pks/error.hpp>
#include <pks/peer.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace pks::inline v0::testing {

namespace fault_server_detail {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// TLS goes through memory, so that every octet on the wire is the script's to send or to keep.
struct connection
{
    explicit connection(tcp::socket s) : socket(std::move(s)), timer(socket.get_executor()) {}

    tcp::socket socket;
    asio::steady_timer timer;
    std::unique_ptr<SSL, decltype(&::SSL_free)> tls{nullptr, &::SSL_free};
    std::string got; // plain octets that no request has taken yet
};

inline std::string take_output(connection& c)
{
    char* data = nullptr;
    auto* const out = ::SSL_get_wbio(c.tls.get());
    auto const size = BIO_get_mem_data(out, &data);
    std::string octets(data, static_cast<std::size_t>(size));
    static_cast<void>(BIO_reset(out));
    return octets;
}

inline asio::awaitable<bool> send_raw(connection& c, std::string octets)
{
    error_code ec;
    if (!octets.empty())
        co_await asio::async_write(c.socket, asio::buffer(octets), asio::redirect_error(asio::use_awaitable, ec));
    co_return !ec;
}

inline asio::awaitable<bool> receive_raw(connection& c, std::string& octets)
{
    std::array<char, 16384> piece;
    error_code ec;
    auto const n =
        co_await c.socket.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
    octets.assign(piece.data(), n);
    co_return !ec;
}

inline asio::awaitable<bool> send(connection& c, std::string octets)
{
    if (c.tls && !octets.empty()) {
        ::SSL_write(c.tls.get(), octets.data(), static_cast<int>(octets.size()));
        ::ERR_clear_error();
        octets = take_output(c);
    }
    co_return co_await send_raw(c, std::move(octets));
}

// False at the end.
inline asio::awaitable<bool> receive(connection& c)
{
    std::string raw;
    for (;;) {
        if (c.tls) {
            std::array<char, 16384> piece;
            int const n = ::SSL_read(c.tls.get(), piece.data(), static_cast<int>(piece.size()));
            bool const ended = n <= 0 && ::SSL_get_error(c.tls.get(), n) != SSL_ERROR_WANT_READ;
            ::ERR_clear_error();
            if (n > 0)
                c.got.append(piece.data(), static_cast<std::size_t>(n));
            if (n > 0 || ended)
                co_return n > 0;
        }
        bool const came = co_await receive_raw(c, raw);
        if (!came)
            co_return false;
        if (!c.tls) {
            c.got += raw;
            co_return true;
        }
        ::BIO_write(::SSL_get_rbio(c.tls.get()), raw.data(), static_cast<int>(raw.size()));
    }
}

inline asio::awaitable<void> end(connection& c, fault_end how)
{
    error_code ignored;
    if (how == fault_end::reset) {
        c.socket.set_option(asio::socket_base::linger(true, 0), ignored);
        c.socket.close(ignored);
        co_return;
    }
    if (how == fault_end::close && c.tls) {
        ::SSL_shutdown(c.tls.get());
        ::ERR_clear_error();
        co_await send_raw(c, take_output(c));
    }
    if (how == fault_end::deaf) {
        c.timer.expires_after(std::chrono::seconds(1));
        co_await c.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    } else if (how != fault_end::stall) {
        c.socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
    // Octets of the peer that nobody has read would turn the end into a reset.
    std::string unread;
    for (bool more = true; more;)
        more = co_await receive_raw(c, unread);
}

// The end of the record that begins these octets, or all of them.
inline std::size_t record_size(std::string_view octets)
{
    if (octets.size() < 5)
        return octets.size();
    std::size_t const high = static_cast<unsigned char>(octets[3]);
    std::size_t const low = static_cast<unsigned char>(octets[4]);
    return std::min(5 + (high << 8 | low), octets.size());
}

// False where it was not completed, in which case the connection has ended.
inline asio::awaitable<bool> shake_hands(connection& c, connection_fault const& fault)
{
    bool const goes_wrong = fault.at() == connection_fault::stage::handshake;
    std::size_t records = 0;
    std::string raw;
    for (;;) {
        int const done = ::SSL_accept(c.tls.get());
        bool const failed = done != 1 && ::SSL_get_error(c.tls.get(), done) != SSL_ERROR_WANT_READ;
        ::ERR_clear_error();
        auto const octets = take_output(c);
        std::size_t sent = 0;
        bool stops = false;
        while (sent < octets.size() && !stops) {
            auto const rest = std::string_view(octets).substr(sent);
            stops = goes_wrong && records == fault.records();
            ++records;
            auto const size = record_size(rest);
            sent += stops ? std::min(size, fault.octets()) : size;
        }
        bool const went = co_await send_raw(c, octets.substr(0, sent));
        if (stops) {
            co_await send_raw(c, fault.raw());
            co_await end(c, fault.then());
        }
        if (stops || failed || !went)
            co_return false;
        if (done == 1)
            co_return true;
        bool const came = co_await receive_raw(c, raw);
        if (!came)
            co_return false;
        ::BIO_write(::SSL_get_rbio(c.tls.get()), raw.data(), static_cast<int>(raw.size()));
    }
}

// Good enough for a client that is ours: what frames a request is Content-Length.
inline request read_head(std::string_view head)
{
    request out;
    auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    out.method = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), out.method.size() + 1));
    out.target = line.substr(0, line.find(' '));
    while (!head.empty()) {
        line = head.substr(0, head.find("\r\n"));
        head.remove_prefix(std::min(head.size(), line.size() + 2));
        auto const colon = line.find(':');
        if (colon == line.npos)
            continue;
        auto value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
        out.fields.emplace_back(std::string(line.substr(0, colon)), std::string(value));
    }
    return out;
}

inline std::size_t body_size(request const& r)
{
    auto const text = r.field("Content-Length");
    std::size_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

inline std::string reply_octets(int status, std::string const& body, header_fields const& fields)
{
    reply out;
    out.status = status;
    out.fields = fields;
    bool const typed =
        std::any_of(fields.begin(), fields.end(), [](auto const& f) { return f.first == "Content-Type"; });
    if (!body.empty() && !typed)
        out.fields.emplace_back("Content-Type", "application/json");
    if (status != 204 && status != 304) {
        out.fields.emplace_back("Content-Length", std::to_string(body.size()));
        out.body = body;
        out.frame = reply::framing::content_length;
    }
    return out.to_octets();
}

} // namespace fault_server_detail

/// Shared by the handle, the listener and the sessions.
class fault_server::state : public std::enable_shared_from_this<fault_server::state>
{
    using tcp = fault_server_detail::tcp;
    using connection = fault_server_detail::connection;
    using acceptor_ptr = std::shared_ptr<tcp::acceptor>;
    using self_ptr = std::shared_ptr<state>;

public:
    state(boost::asio::any_io_executor executor, fault_server_options options)
        : executor_(std::move(executor)),
          options_(std::move(options)),
          authority_(options_.authority ? *options_.authority : certificate_authority()),
          port_(options_.port)
    {
        if (!options_.secure)
            return;
        auto const identity =
            options_.identity ? *options_.identity : authority_.issue(options_.dns_names, options_.ip_addresses);
        context_.use_certificate_chain(boost::asio::buffer(identity.certificate));
        context_.use_private_key(boost::asio::buffer(identity.private_key), boost::asio::ssl::context::pem);
        auto* const native = context_.native_handle();
        ::SSL_CTX_set_min_proto_version(native, options_.tls_version == 0 ? TLS1_2_VERSION : options_.tls_version);
        ::SSL_CTX_set_max_proto_version(native, options_.tls_version);
    }

    void play(fault_script script)
    {
        std::lock_guard const lock(mutex_);
        connection_faults_.assign(script.connections().begin(), script.connections().end());
        request_faults_.clear();
        for (auto const& [tag, faults] : script.requests())
            request_faults_[tag].assign(faults.begin(), faults.end());
    }

    void listen()
    {
        refuse();
        acceptor_ = std::make_shared<tcp::acceptor>(executor_);
        tcp::endpoint const where(boost::asio::ip::make_address(options_.address), port_);
        acceptor_->open(where.protocol());
        acceptor_->set_option(boost::asio::socket_base::reuse_address(true));
        acceptor_->bind(where);
        acceptor_->listen();
        port_ = acceptor_->local_endpoint().port();
        boost::asio::co_spawn(executor_, accept(shared_from_this(), acceptor_), boost::asio::detached);
    }

    void refuse()
    {
        error_code ignored;
        if (acceptor_)
            acceptor_->close(ignored);
        acceptor_.reset();
        fill_.clear();
    }

    // Linux drops the SYN of whoever comes when a listener's queue is full; the first ones fill it.
    void blackhole()
    {
        refuse();
        acceptor_ = std::make_shared<tcp::acceptor>(executor_);
        tcp::endpoint const where(boost::asio::ip::make_address(options_.address), port_);
        acceptor_->open(where.protocol());
        acceptor_->set_option(boost::asio::socket_base::reuse_address(true));
        acceptor_->bind(where);
        acceptor_->listen(0);
        for (int i = 0; i != 4; ++i) {
            auto& one = fill_.emplace_back(executor_);
            one.async_connect(where, [](error_code) {});
        }
    }

    void stop()
    {
        refuse();
        for (auto const& weak : open_)
            if (auto const c = weak.lock()) {
                error_code ignored;
                c->socket.close(ignored);
                c->timer.cancel();
            }
    }

    void end_connections(fault_end how)
    {
        for (auto const& weak : open_)
            if (auto const c = weak.lock()) {
                error_code ignored;
                if (how == fault_end::reset) {
                    c->socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
                    c->socket.close(ignored);
                } else {
                    c->socket.shutdown(tcp::socket::shutdown_send, ignored);
                }
            }
    }

    std::uint16_t port() const noexcept
    {
        return port_;
    }
    fault_server_options const& options() const noexcept
    {
        return options_;
    }
    certificate_authority const& authority() const noexcept
    {
        return authority_;
    }

    tally count(std::string_view tag) const
    {
        std::lock_guard const lock(mutex_);
        auto const at = tallies_.find(tag);
        return at == tallies_.end() ? tally() : at->second;
    }
    tally count() const
    {
        tally out;
        std::lock_guard const lock(mutex_);
        for (auto const& [tag, one] : tallies_) {
            out.requests += one.requests;
            out.effects += one.effects;
        }
        return out;
    }
    connection_tally connections() const
    {
        std::lock_guard const lock(mutex_);
        return connections_;
    }

private:
    PKS_DECL static boost::asio::awaitable<void> accept(self_ptr self, acceptor_ptr acceptor);
    PKS_DECL static boost::asio::awaitable<void> serve(
        self_ptr self, std::shared_ptr<connection> c, connection_fault fault);
    PKS_DECL static boost::asio::awaitable<bool> read_request(
        self_ptr self, connection& c, connection_fault const& fault, request& out, std::string& tag);
    PKS_DECL static boost::asio::awaitable<bool> answer(connection& c, request_fault const& fault, std::string octets);

    connection_fault next_connection();
    std::string tag_of(request const& r) const;
    request_fault next_request(std::string const& tag);
    std::string execute(request const& r, std::string const& tag, request_fault const& fault);

    class registration;

    boost::asio::any_io_executor executor_;
    fault_server_options options_;
    certificate_authority authority_;
    boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
    std::uint16_t port_;
    acceptor_ptr acceptor_;
    std::list<tcp::socket> fill_;
    std::list<std::weak_ptr<connection>> open_;

    mutable std::mutex mutex_; // of what follows
    std::deque<connection_fault> connection_faults_;
    std::map<std::string, std::deque<request_fault>> request_faults_;
    std::map<std::string, tally, std::less<>> tallies_;
    connection_tally connections_;
};

// Counts an open connection, on every way out.
class fault_server::state::registration
{
public:
    explicit registration(state& of) : of_(of)
    {
        std::lock_guard const lock(of_.mutex_);
        ++of_.connections_.open;
    }
    registration(registration const&) = delete;
    registration& operator=(registration const&) = delete;
    ~registration()
    {
        std::lock_guard const lock(of_.mutex_);
        --of_.connections_.open;
    }

private:
    state& of_;
};

inline connection_fault fault_server::state::next_connection()
{
    connection_fault out;
    std::lock_guard const lock(mutex_);
    ++connections_.accepted;
    if (!connection_faults_.empty()) {
        out = std::move(connection_faults_.front());
        connection_faults_.pop_front();
    }
    return out;
}

inline std::string fault_server::state::tag_of(request const& r) const
{
    auto const named = r.field(options_.tag_field);
    return named.empty() ? r.method + ' ' + std::string(r.path()) : std::string(named);
}

inline request_fault fault_server::state::next_request(std::string const& tag)
{
    request_fault out;
    std::lock_guard const lock(mutex_);
    auto const at = request_faults_.find(tag);
    if (at != request_faults_.end() && !at->second.empty()) {
        out = std::move(at->second.front());
        at->second.pop_front();
    }
    return out;
}

// What goes out, with the whole of its effect.
inline std::string fault_server::state::execute(request const& r, std::string const& tag, request_fault const& fault)
{
    std::string out;
    if (fault.executed()) {
        auto const given = options_.answers ? options_.answers(r) : reply();
        if (given.status >= 200 && given.status < 300) {
            std::lock_guard const lock(mutex_);
            ++tallies_[tag].effects;
        }
        out = options_.answers ? given.to_octets() : fault_server_detail::reply_octets(200, "{}", {});
    }
    if (fault.octets())
        out = *fault.octets();
    if (fault.status())
        out = fault_server_detail::reply_octets(*fault.status(), fault.body(), fault.fields());
    return out;
}

PKS_DECL boost::asio::awaitable<void> fault_server::state::accept(self_ptr self, acceptor_ptr acceptor)
{
    namespace asio = boost::asio;
    error_code ec;
    while (acceptor->is_open()) {
        tcp::socket socket(self->executor_);
        co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor)
            co_return;
        if (ec) {
            // Out of descriptors, most likely: without a pause this would spin.
            asio::steady_timer pause(self->executor_, std::chrono::milliseconds(5));
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
            continue;
        }
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto c = std::make_shared<connection>(std::move(socket));
        std::erase_if(self->open_, [](auto const& w) { return w.expired(); });
        self->open_.push_back(c);
        asio::co_spawn(self->executor_, serve(self, std::move(c), self->next_connection()), asio::detached);
    }
}

PKS_DECL boost::asio::awaitable<void> fault_server::state::serve(
    self_ptr self, std::shared_ptr<connection> c, connection_fault fault)
{
    registration const counted(*self);
    if (fault.at() == connection_fault::stage::accepted) {
        co_await fault_server_detail::send_raw(*c, fault.raw());
        co_await fault_server_detail::end(*c, fault.then());
        co_return;
    }
    if (self->options_.secure) {
        c->tls.reset(::SSL_new(self->context_.native_handle()));
        auto* const in = ::BIO_new(::BIO_s_mem());
        auto* const out = ::BIO_new(::BIO_s_mem());
        if (!c->tls || !in || !out)
            throw std::runtime_error("OpenSSL cannot make a connection");
        ::SSL_set_bio(c->tls.get(), in, out);
        bool const good = co_await fault_server_detail::shake_hands(*c, fault);
        if (!good)
            co_return;
        std::lock_guard const lock(self->mutex_);
        ++self->connections_.handshakes;
    }
    for (bool open = true; open;) {
        request asked;
        std::string tag;
        bool const came = co_await read_request(self, *c, fault, asked, tag);
        if (!came)
            co_return;
        auto const goes = self->next_request(tag);
        auto octets = self->execute(asked, tag, goes);
        open = co_await answer(*c, goes, std::move(octets));
    }
}

PKS_DECL boost::asio::awaitable<bool> fault_server::state::read_request(
    self_ptr self, connection& c, connection_fault const& fault, request& out, std::string& tag)
{
    bool counted = false;
    std::size_t size = std::string::npos;
    for (;;) {
        auto const head = counted ? c.got.npos : c.got.find("\r\n\r\n");
        if (head != c.got.npos) {
            counted = true;
            out = fault_server_detail::read_head(std::string_view(c.got).substr(0, head + 2));
            size = head + 4 + fault_server_detail::body_size(out);
            tag = self->tag_of(out);
            std::lock_guard const lock(self->mutex_);
            ++self->tallies_[tag].requests;
        }
        if (fault.at() == connection_fault::stage::request && c.got.size() >= fault.octets() && !c.got.empty()) {
            co_await fault_server_detail::end(c, fault.then());
            co_return false;
        }
        if (c.got.size() >= size) {
            out.body = c.got.substr(c.got.find("\r\n\r\n") + 4, size);
            out.body.resize(fault_server_detail::body_size(out));
            out.secure = self->options_.secure;
            c.got.erase(0, size);
            co_return true;
        }
        bool const more = co_await fault_server_detail::receive(c);
        if (!more)
            co_return false;
    }
}

// False where the connection has ended.
PKS_DECL boost::asio::awaitable<bool> fault_server::state::answer(
    connection& c, request_fault const& fault, std::string octets)
{
    namespace asio = boost::asio;
    error_code ec;
    if (fault.delay().count() > 0) {
        c.timer.expires_after(fault.delay());
        co_await c.timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        if (ec)
            co_return false;
    }
    octets.resize(fault.sent_of(octets.size()));
    octets += fault.extra();
    auto const piece = fault.piece() == 0 ? octets.size() : fault.piece();
    for (std::size_t at = 0; at < octets.size(); at += piece) {
        if (at != 0) {
            c.timer.expires_after(fault.pace());
            co_await c.timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
        bool const went = co_await fault_server_detail::send(c, octets.substr(at, piece));
        if (ec || !went)
            co_return false;
    }
    if (fault.then() == fault_end::none)
        co_return true;
    co_await fault_server_detail::end(c, fault.then());
    co_return false;
}

PKS_DECL fault_server::fault_server(boost::asio::any_io_executor executor, fault_server_options options)
    : state_(std::make_shared<state>(std::move(executor), std::move(options)))
{
    state_->listen();
}

PKS_DECL fault_server::~fault_server()
{
    stop();
}

PKS_DECL void fault_server::play(fault_script script)
{
    state_->play(std::move(script));
}

PKS_DECL void fault_server::refuse()
{
    state_->refuse();
}

PKS_DECL void fault_server::blackhole()
{
    state_->blackhole();
}

PKS_DECL void fault_server::listen()
{
    state_->listen();
}

PKS_DECL void fault_server::stop()
{
    state_->stop();
}

PKS_DECL void fault_server::end_connections(fault_end how)
{
    state_->end_connections(how);
}

PKS_DECL std::uint16_t fault_server::port() const noexcept
{
    return state_->port();
}

PKS_DECL std::string fault_server::url() const
{
    auto const& options = state_->options();
    return (options.secure ? "https://" : "http://") + options.address + ':' + std::to_string(port());
}

PKS_DECL pks::endpoint fault_server::endpoint() const
{
    return pks::endpoint::parse(url(), port(), allow_plain_http_on_loopback).value();
}

PKS_DECL pks::trust fault_server::trust() const
{
    return pks::trust::pem(authority().root_pem());
}

PKS_DECL certificate_authority const& fault_server::authority() const noexcept
{
    return state_->authority();
}

PKS_DECL fault_server::tally fault_server::count(std::string_view tag) const
{
    return state_->count(tag);
}

PKS_DECL fault_server::tally fault_server::count() const
{
    return state_->count();
}

PKS_DECL fault_server::connection_tally fault_server::connections() const
{
    return state_->connections();
}

} // namespace pks::inline v0::testing
