// Bodies of server.hpp.
#include "server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {

namespace {

[[noreturn]] void fail(char const* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

std::string answer_with(std::string const& body)
{
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string const& token_answer()
{
    static std::string const text = answer_with(R"({"access_token":")" + std::string(1258, 'a') +
        R"(","token_type":"bearer","expires_in":43199,"scope":"clients.read pks.clusters.admin",)"
        R"("jti":"0123456789abcdef0123456789abcdef"})");
    return text;
}

std::string const& cluster_answer()
{
    auto const cluster = [](std::string const& name) {
        return R"({"name":")" + name +
            R"(","plan_name":"small","last_action":"CREATE","last_action_state":"succeeded",)"
            R"("last_action_description":"Instance provisioning completed",)"
            R"("uuid":"0b6ee4a1-8b7d-4c77-b0d1-26a5a0a0f001","kubernetes_master_ips":["10.0.11.10"],)"
            R"("parameters":{"kubernetes_master_host":")" +
            name +
            R"(.example.com","kubernetes_master_port":8443,)"
            R"("kubernetes_worker_instances":3}})";
    };
    static std::string const text = answer_with("[" + cluster("first") + "," + cluster("second") + "]");
    return text;
}

// One more socket on that port of the loopback address; 0: any, which is told then.
int listen_on(std::uint16_t& port)
{
    int const out = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int const on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (out < 0 || ::setsockopt(out, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        ::bind(out, generic, length) != 0 || ::listen(out, 65535) != 0 || ::getsockname(out, generic, &length) != 0)
        fail("listen");
    port = ntohs(address.sin_port);
    return out;
}

struct free_bio
{
    void operator()(BIO* b) const noexcept
    {
        ::BIO_free(b);
    }
};

// The value of a field, whose name is in lower case; the head ends with an empty line.
std::string_view field(std::string_view head, std::string_view name)
{
    for (auto at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
        auto const line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        if (line.size() <= name.size() || line[name.size()] != ':' ||
            ::strncasecmp(line.data(), name.data(), name.size()) != 0)
            continue;
        auto value = line.substr(name.size() + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        return value;
    }
    return {};
}

} // namespace

class server::connection
{
public:
    connection(int s, SSL_CTX* context) : socket(s), ssl(::SSL_new(context))
    {
        ::SSL_set_fd(ssl, s);
        ::SSL_set_accept_state(ssl);
    }
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;
    ~connection()
    {
        ::SSL_free(ssl);
        ::close(socket);
    }

    int socket;
    SSL* ssl;
    bool shaken = false;
    bool waits_to_write = false;
    bool closes = false; // after what is to be written
    std::string in;
    std::string out; // what did not fit
};

void server::free_context::operator()(SSL_CTX* c) const noexcept
{
    ::SSL_CTX_free(c);
}

server::server(std::string const& certificate, std::string const& private_key)
{
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (poll_ < 0)
        fail("epoll_create1");
    full_ = listen(certificate, private_key, false);
    resuming_ = listen(certificate, private_key, true);
}

server::~server()
{
    connections_.clear();
    for (auto const* each : {&full_, &resuming_})
        for (int const s : each->sockets)
            ::close(s);
    ::close(poll_);
}

server::listener server::listen(std::string const& certificate, std::string const& private_key, bool resuming)
{
    listener out;
    out.context.reset(::SSL_CTX_new(::TLS_server_method()));
    auto* const context = out.context.get();
    std::unique_ptr<BIO, free_bio> const bio(
        ::BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size())));
    std::unique_ptr<BIO, free_bio> const key_bio(
        ::BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())));
    std::unique_ptr<X509, decltype(&::X509_free)> const leaf(
        ::PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &::X509_free);
    std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> const key(
        ::PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr), &::EVP_PKEY_free);
    if (!leaf || !key || ::SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
        ::SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        throw std::runtime_error("a bad certificate");
    ::SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (!resuming) {
        ::SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        ::SSL_CTX_set_num_tickets(context, 0);
    }

    // Several sockets, since the kernel's queue of each is short, and ten thousand clients may come at once: whoever finds
    // no room there asks again seconds later.
    for (int i = 0; i != 8; ++i)
        out.sockets.push_back(listen_on(out.port));
    for (int const each : out.sockets) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = each;
        if (::epoll_ctl(poll_, EPOLL_CTL_ADD, each, &event) != 0)
            fail("epoll_ctl");
    }
    return out;
}

void server::run_until_readable(int descriptor)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) != 0)
        fail("epoll_ctl");
    std::array<epoll_event, 256> events;
    for (bool asked = false; !asked;) {
        int const n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; ++i) {
            auto const& one = events[static_cast<std::size_t>(i)];
            if (one.data.fd == descriptor)
                asked = true;
            else if (std::ranges::count(full_.sockets, one.data.fd) != 0)
                accept(one.data.fd, full_.context.get());
            else if (std::ranges::count(resuming_.sockets, one.data.fd) != 0)
                accept(one.data.fd, resuming_.context.get());
            else if (auto& known = connections_[static_cast<std::size_t>(one.data.fd)])
                serve(*known, (one.events & EPOLLOUT) != 0);
        }
    }
    ::epoll_ctl(poll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void server::accept(int socket, SSL_CTX* context)
{
    for (;;) {
        int const s = ::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (s < 0)
            return;
        int const on = 1;
        ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto const at = static_cast<std::size_t>(s);
        if (connections_.size() <= at)
            connections_.resize(at + 1);
        connections_[at] = std::make_unique<connection>(s, context);
        ++counted_.open;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = s;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, s, &event);
    }
}

void server::close(connection& one)
{
    ::ERR_clear_error();
    --counted_.open;
    connections_[static_cast<std::size_t>(one.socket)].reset();
}

void server::serve(connection& one, bool may_write)
{
    auto const wait_to_write = [this, &one](bool wait) {
        if (one.waits_to_write == wait)
            return;
        one.waits_to_write = wait;
        epoll_event event{};
        event.events = wait ? EPOLLIN | EPOLLOUT : EPOLLIN;
        event.data.fd = one.socket;
        ::epoll_ctl(poll_, EPOLL_CTL_MOD, one.socket, &event);
    };
    ::ERR_clear_error();
    if (!one.shaken) {
        int const n = ::SSL_accept(one.ssl);
        int const error = n == 1 ? SSL_ERROR_NONE : ::SSL_get_error(one.ssl, n);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
            return wait_to_write(error == SSL_ERROR_WANT_WRITE);
        if (error != SSL_ERROR_NONE)
            return close(one);
        one.shaken = true;
        ++counted_.connections;
        counted_.resumed += ::SSL_session_reused(one.ssl) == 1;
        wait_to_write(false);
    }
    char piece[8192];
    bool may_read = !may_write || one.out.empty();
    for (;;) {
        if (!one.out.empty()) {
            int const n = ::SSL_write(one.ssl, one.out.data(), static_cast<int>(one.out.size()));
            if (n <= 0) {
                if (::SSL_get_error(one.ssl, n) == SSL_ERROR_WANT_WRITE)
                    return wait_to_write(true);
                return close(one);
            }
            one.out.erase(0, static_cast<std::size_t>(n));
            continue;
        }
        wait_to_write(false);
        if (one.closes) {
            ::SSL_shutdown(one.ssl);
            return close(one);
        }
        if (!may_read)
            return;
        int const n = ::SSL_read(one.ssl, piece, sizeof piece);
        if (n <= 0) {
            if (::SSL_get_error(one.ssl, n) == SSL_ERROR_WANT_READ)
                return;
            return close(one);
        }
        one.in.append(piece, static_cast<std::size_t>(n));
        // Less than a buffer, and nothing left of its record: the next read would be in vain.
        may_read = ::SSL_pending(one.ssl) > 0;
        for (;;) {
            auto const end = one.in.find("\r\n\r\n");
            if (end == std::string::npos)
                break;
            std::string_view const head(one.in.data(), end + 4);
            std::size_t body = 0;
            auto const length = field(head, "content-length");
            std::from_chars(length.data(), length.data() + length.size(), body);
            if (one.in.size() < end + 4 + body)
                break;
            ++counted_.requests;
            one.closes = field(head, "connection") == "close";
            one.out += head.starts_with("POST ") ? token_answer() : cluster_answer();
            one.in.erase(0, end + 4 + body);
        }
    }
}

} // namespace bench
