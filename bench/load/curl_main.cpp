// bench_load_curl: libcurl's multi interface under load, driven in both ways that it has: curl_multi_perform with
// curl_multi_poll, as its users write it, and curl_multi_socket_action with an epoll of one's own, by someone who knows it
// well.
#include "schedule.hpp"
#include "serve_load.hpp"

#include <curl/curl.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/epoll.h>
#include <unistd.h>

namespace {

namespace json = boost::json;
using steady = std::chrono::steady_clock;

struct free_easy
{
    void operator()(CURL* c) const noexcept
    {
        ::curl_easy_cleanup(c);
    }
};

/// One transfer at a time, with a handle that is used again.
class worker
{
public:
    std::unique_ptr<CURL, free_easy> easy{::curl_easy_init()};
    std::string body;
    std::optional<steady::time_point> due; ///< of the one under way, or the next
    steady::time_point started{};
    bool under_way = false;
};

class multi
{
public:
    multi(bench::load const& what, std::string const& ca_file) : plan_(what.rate, what.seconds)
    {
        multi_ = ::curl_multi_init();
        share_ = ::curl_share_init();
        poll_ = ::epoll_create1(EPOLL_CLOEXEC);
        if (!multi_ || !share_ || poll_ < 0)
            throw std::system_error(errno, std::generic_category(), "libcurl");
        by_epoll_ = what.contestant == "libcurl_epoll";
        bool const resuming = what.kind == "login_resumed";
        bool const new_connections = what.kind == "login" || resuming;
        ::curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
        if (by_epoll_) {
            ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &multi::on_socket);
            ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
            ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &multi::on_timer);
            ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        }
        ::curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(what.connections));
        fields_ = ::curl_slist_append(fields_, ("Authorization: bearer " + std::string(1258, 'a')).c_str());
        fields_ = ::curl_slist_append(fields_, "Accept: application/json");
        auto const root = "https://127.0.0.1:" + std::to_string(what.port);
        bool const get = what.kind == "get";
        workers_.resize(what.connections);
        for (auto& one : workers_) {
            one = std::make_unique<worker>();
            auto* const easy = one->easy.get();
            ::curl_easy_setopt(easy, CURLOPT_PRIVATE, one.get());
            ::curl_easy_setopt(easy, CURLOPT_URL, (root + (get ? "/v1/clusters" : "/oauth/token")).c_str());
            ::curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
            // Debian's libcurl looks for CAs in a directory as well, if not told otherwise. Where it does, it keeps none in
            // memory, and reads the file anew for each connection.
            if (by_epoll_)
                ::curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
            ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
            ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
            ::curl_easy_setopt(easy, CURLOPT_TIMEOUT, 60L);
            ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &multi::on_body);
            ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, one.get());
            ::curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, resuming ? 1L : 0L);
            if (resuming)
                ::curl_easy_setopt(easy, CURLOPT_SHARE, share_);
            if (new_connections)
                ::curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
            if (get)
                ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, fields_);
            else
                ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bench::login_form);
        }
    }
    multi(multi const&) = delete;
    multi& operator=(multi const&) = delete;
    ~multi()
    {
        for (auto& one : workers_)
            if (one && one->under_way)
                ::curl_multi_remove_handle(multi_, one->easy.get());
        workers_.clear();
        ::curl_multi_cleanup(multi_);
        ::curl_share_cleanup(share_);
        ::curl_slist_free_all(fields_);
        ::close(poll_);
    }

    json::object run()
    {
        for (auto& one : workers_)
            one->due = plan_.next();
        while (start_what_is_due()) {
            if (by_epoll_)
                wait_and_act();
            else
                perform_and_wait();
            collect();
        }
        return plan_.results();
    }

private:
    void perform_and_wait()
    {
        int running = 0;
        ::curl_multi_perform(multi_, &running);
        if (running == under_way_)
            ::curl_multi_poll(multi_, nullptr, 0, next_due_ ? wait() : 1000, nullptr);
    }

    void wait_and_act()
    {
        std::array<epoll_event, 64> events;
        int const n = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), wait());
        if (n < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "epoll_wait");
        for (int i = 0; i < n; ++i) {
            auto const& event = events[static_cast<std::size_t>(i)];
            int const what = ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 ? CURL_CSELECT_IN : 0) |
                ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
            act(event.data.fd, what);
        }
        if (timer_ && steady::now() >= *timer_) {
            timer_.reset();
            act(CURL_SOCKET_TIMEOUT, 0);
        }
    }

    void act(curl_socket_t socket, int what)
    {
        int running = 0;
        ::curl_multi_socket_action(multi_, socket, what, &running);
    }

    // Whether anything is left to do.
    bool start_what_is_due()
    {
        bool left = false;
        next_due_.reset();
        for (auto& one : workers_) {
            left = left || one->due;
            if (!one->due || one->under_way)
                continue;
            auto const now = steady::now();
            if (*one->due > now) {
                if (!next_due_ || *one->due < *next_due_)
                    next_due_ = one->due;
                continue;
            }
            one->started = now;
            one->under_way = true;
            ++under_way_;
            one->body.clear();
            ::curl_multi_add_handle(multi_, one->easy.get());
        }
        return left;
    }

    int wait() const
    {
        auto until = timer_;
        if (next_due_ && (!until || *next_due_ < *until))
            until = next_due_;
        if (!until)
            return -1;
        // What is less than a millisecond is not waited for: an operation is to start when it is due.
        auto const left = std::chrono::floor<std::chrono::milliseconds>(*until - steady::now()).count();
        return left > 0 ? static_cast<int>(left) : 0;
    }

    void collect()
    {
        int left = 0;
        while (auto* const message = ::curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE)
                continue;
            auto* const easy = message->easy_handle;
            auto const result = message->data.result;
            char* where = nullptr;
            long status = 0;
            ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &where);
            ::curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            auto& one = *reinterpret_cast<worker*>(where);
            ::curl_multi_remove_handle(multi_, easy);
            one.under_way = false;
            --under_way_;
            plan_.done(*one.due, one.started, result == CURLE_OK && status == 200 && !one.body.empty());
            one.due = plan_.next();
        }
    }

    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known)
    {
        auto& me = *static_cast<multi*>(self);
        if (what == CURL_POLL_REMOVE) {
            ::epoll_ctl(me.poll_, EPOLL_CTL_DEL, socket, nullptr);
            return 0;
        }
        epoll_event event{};
        event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0u) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0u);
        event.data.fd = socket;
        if (::epoll_ctl(me.poll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0)
            return -1;
        ::curl_multi_assign(me.multi_, socket, &me);
        return 0;
    }

    static int on_timer(CURLM*, long milliseconds, void* self)
    {
        auto& me = *static_cast<multi*>(self);
        me.timer_.reset();
        if (milliseconds >= 0)
            me.timer_ = steady::now() + std::chrono::milliseconds(milliseconds);
        return 0;
    }

    static std::size_t on_body(char const* data, std::size_t, std::size_t size, void* to)
    {
        static_cast<worker*>(to)->body.append(data, size);
        return size;
    }

    bench::schedule plan_;
    CURLM* multi_ = nullptr;
    CURLSH* share_ = nullptr;
    curl_slist* fields_ = nullptr;
    int poll_ = -1;
    bool by_epoll_ = false;
    int under_way_ = 0;
    std::vector<std::unique_ptr<worker>> workers_;
    std::optional<steady::time_point> timer_;
    std::optional<steady::time_point> next_due_;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3 || std::string(argv[1]) != "serve") {
        std::cerr << "usage: bench_load_curl serve CA_FILE\n\n"
                     "Answers lines `libcurl KIND PORT CONNECTIONS RATE SECONDS`.\n";
        return 2;
    }
    try {
        std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to connections that are gone
        ::curl_global_init(CURL_GLOBAL_ALL);
        std::string const ca_file = argv[2];
        auto const* const about = ::curl_version_info(CURLVERSION_NOW);
        return bench::serve_load({"libcurl", "libcurl_epoll"}, about->version,
            {"get", "login", "login_resumed", "login_pooled"},
            [&](bench::load const& what) { return multi(what, ca_file).run(); });
    } catch (std::exception const& failure) {
        std::cerr << "bench_load_curl: " << failure.what() << '\n';
        return 3;
    }
}
