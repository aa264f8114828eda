// Bodies of scripted_stream.hpp.
#include <net/scripted_stream.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace net_test {

namespace asio = boost::asio;
using pks::error_code;

void scripted_stream::replies(std::string text, std::size_t piece)
{
    reply_ = std::move(text);
    read_piece_ = piece;
}

void scripted_stream::fails(direction which, std::size_t number, error_code ec)
{
    exceptions_.push_back({which, number, ec});
}

void scripted_stream::waits(direction which, std::size_t number)
{
    exceptions_.push_back({which, number, std::nullopt});
}

void scripted_stream::go_on()
{
    pending now(std::move(*waiting_));
    waiting_.reset();
    auto slot = asio::get_associated_cancellation_slot(now.then);
    if (slot.is_connected())
        slot.clear();
    succeed(now.what, std::move(now.then));
}

void scripted_stream::start(operation what, handler then)
{
    auto const number = what.which == direction::write ? writes_++ : reads_++;
    for (auto const& e : exceptions_) {
        if (e.which != what.which || e.number != number)
            continue;
        return e.fails ? finish(std::move(then), *e.fails, 0) : wait(what, std::move(then));
    }
    if (what.which == direction::read && given_ == reply_.size())
        return end_ ? finish(std::move(then), *end_, 0) : wait(what, std::move(then));
    succeed(what, std::move(then));
}

void scripted_stream::wait(operation what, handler then)
{
    auto slot = asio::get_associated_cancellation_slot(then);
    if (slot.is_connected())
        slot.assign([this](asio::cancellation_type type) { cancel(type); });
    waiting_.emplace(pending{what, std::move(then)});
}

void scripted_stream::succeed(operation const& what, handler then)
{
    if (what.which == direction::write) {
        auto const n = std::min(write_piece_, what.from.size());
        written_.append(static_cast<char const*>(what.from.data()), n);
        return finish(std::move(then), error_code(), n);
    }
    auto const n = std::min({read_piece_, what.into.size(), reply_.size() - given_});
    reply_.copy(static_cast<char*>(what.into.data()), n, given_);
    given_ += n;
    finish(std::move(then), at_once_ && given_ == reply_.size() ? *end_ : error_code(), n);
}

void scripted_stream::finish(handler then, error_code ec, std::size_t n)
{
    asio::post(executor_, asio::append(std::move(then), ec, n));
}

// As the steps of asio::ssl::stream: only terminal ends them.
void scripted_stream::cancel(asio::cancellation_type type)
{
    cancellations_.push_back(type);
    if (deaf_ || !waiting_ || (type & asio::cancellation_type::terminal) == asio::cancellation_type::none)
        return;
    pending now(std::move(*waiting_));
    waiting_.reset();
    finish(std::move(now.then), asio::error::operation_aborted, 0);
}

} // namespace net_test
