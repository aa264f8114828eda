// What the operations are made of: their steps, and the handlers they complete.
#pragma once

#include <pks/error.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <pks/net/coroutine.hpp>
#include <pks/result.hpp>

namespace pks::inline v0::net {

namespace asio = boost::asio;

/// A step of an operation: a coroutine that never throws what the peer or the network caused.
template <class T>
using task = coroutine<result<T>>;

template <class T>
using handler = asio::any_completion_handler<void(error_code, T)>;

} // namespace pks::inline v0::net
