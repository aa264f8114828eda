// What a fault server does to its connections and requests, one after the other.
#pragma once

#include <pks/testing/request.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pks::inline v0::testing {

/// What becomes of a connection after an instruction.
enum class fault_end {
    none,  ///< it goes on
    close, ///< it ends in order: close_notify where there is TLS, then FIN
    cut,   ///< FIN, without close_notify
    reset, ///< RST
    stall, ///< it stays open, and nothing more is sent, until the peer goes
    deaf,  ///< the same, and nothing is read for a second: what the peer writes piles up until it has to wait
};

/// What happens to a connection before it has carried a whole request.
///
/// Thread safety: as a value.
class connection_fault
{
public:
    enum class stage {
        none,
        accepted,
        handshake,
        request,
    };

    /// Nothing: for a place in a script.
    connection_fault() = default;

    /// As soon as it is accepted.
    static connection_fault on_accept(fault_end then)
    {
        return connection_fault(stage::accepted, then, 0, 0);
    }

    /// When so many TLS records of the server's part of the handshake have gone out, and so many octets of the next
    /// one. 0 records: the ClientHello has come, and is not answered. With TLS 1.3 the records are ServerHello, change
    /// cipher spec, and one for each message from EncryptedExtensions to Finished; with TLS 1.2 one for each message.
    static connection_fault in_handshake(std::size_t records, fault_end then, std::size_t octets = 0)
    {
        return connection_fault(stage::handshake, then, records, octets);
    }

    /// When at least so many octets of a request have been read. They come in TLS records, as the client wrote them.
    static connection_fault in_request(std::size_t octets, fault_end then)
    {
        return connection_fault(stage::request, then, 0, octets);
    }

    /// Sends these octets on TCP before the end, as they are: an alert, or what is no TLS.
    connection_fault& sending(std::string octets)
    {
        raw_ = std::move(octets);
        return *this;
    }

    /// The record of a fatal alert in the clear; 40: handshake_failure (RFC 8446, section 6).
    static std::string alert(unsigned char description)
    {
        std::string out("\x15\x03\x03\x00\x02\x02", 6);
        return out += static_cast<char>(description);
    }

    stage at() const noexcept
    {
        return at_;
    }
    fault_end then() const noexcept
    {
        return then_;
    }
    std::size_t records() const noexcept
    {
        return records_;
    }
    std::size_t octets() const noexcept
    {
        return octets_;
    }
    std::string const& raw() const noexcept
    {
        return raw_;
    }

private:
    connection_fault(stage at, fault_end then, std::size_t records, std::size_t octets)
        : at_(at), then_(then), records_(records), octets_(octets)
    {}

    stage at_ = stage::none;
    fault_end then_ = fault_end::none;
    std::size_t records_ = 0;
    std::size_t octets_ = 0;
    std::string raw_;
};

/// What a request gets instead of, or besides, its answer.
///
/// Whether the request takes effect is a question of its own: a server may die before it has done what it was asked
/// for, or after. Thread safety: as a value.
class request_fault
{
public:
    /// The answer as without a fault, which executes the request; what is set below is done to it.
    request_fault() = default;

    /// This status instead. A body is `application/json` unless `fields` say otherwise.
    static request_fault status(int code, std::string body = {}, header_fields fields = {})
    {
        request_fault out;
        out.status_ = code;
        out.body_ = std::move(body);
        out.fields_ = std::move(fields);
        out.executed_ = false;
        return out;
    }

    /// These octets instead, whatever they are.
    static request_fault octets(std::string reply)
    {
        request_fault out;
        out.octets_ = std::move(reply);
        out.executed_ = false;
        return out;
    }

    /// No octet, and the end.
    static request_fault silence(fault_end then)
    {
        request_fault out;
        out.stop_after(0, then).executed(false);
        return out;
    }

    /// The request is executed, or not, whatever is answered.
    request_fault& executed(bool yes)
    {
        executed_ = yes;
        return *this;
    }

    /// Only so many octets of the reply are sent before the end.
    request_fault& stop_after(std::size_t octets, fault_end then)
    {
        limit_ = octets;
        then_ = then;
        return *this;
    }

    /// As stop_after, from the end of the reply.
    request_fault& stop_short_of(std::size_t octets, fault_end then)
    {
        missing_ = octets;
        then_ = then;
        return *this;
    }

    /// The end, after the whole reply.
    request_fault& then(fault_end end)
    {
        then_ = end;
        return *this;
    }

    /// Before the first octet of the reply.
    request_fault& wait(std::chrono::milliseconds d)
    {
        delay_ = d;
        return *this;
    }

    /// The reply in pieces, and this time between them.
    request_fault& drip(std::size_t octets, std::chrono::milliseconds every)
    {
        piece_ = octets;
        pace_ = every;
        return *this;
    }

    /// In one write with the reply, and beyond it.
    request_fault& extra(std::string octets)
    {
        extra_ = std::move(octets);
        return *this;
    }

    std::optional<int> const& status() const noexcept
    {
        return status_;
    }
    std::optional<std::string> const& octets() const noexcept
    {
        return octets_;
    }
    std::string const& body() const noexcept
    {
        return body_;
    }
    header_fields const& fields() const noexcept
    {
        return fields_;
    }
    std::string const& extra() const noexcept
    {
        return extra_;
    }
    bool executed() const noexcept
    {
        return executed_;
    }
    fault_end then() const noexcept
    {
        return then_;
    }
    std::chrono::milliseconds delay() const noexcept
    {
        return delay_;
    }
    std::chrono::milliseconds pace() const noexcept
    {
        return pace_;
    }
    std::size_t piece() const noexcept
    {
        return piece_;
    }

    /// How many octets of a reply of this size are sent.
    std::size_t sent_of(std::size_t size) const noexcept
    {
        auto const most = size > missing_ ? size - missing_ : 0;
        return limit_ && *limit_ < most ? *limit_ : most;
    }

private:
    std::optional<int> status_;
    std::optional<std::string> octets_;
    std::string body_;
    header_fields fields_;
    std::string extra_;
    bool executed_ = true;
    std::optional<std::size_t> limit_;
    std::size_t missing_ = 0;
    fault_end then_ = fault_end::none;
    std::chrono::milliseconds delay_{0};
    std::chrono::milliseconds pace_{0};
    std::size_t piece_ = 0;
};

/// Instructions in the order in which they are used up: one for each connection accepted, and for each tag one for each
/// request with it. Where none is left, everything is as it should be.
///
/// Thread safety: as a value.
class fault_script
{
public:
    fault_script& on_connection(connection_fault what)
    {
        connections_.push_back(std::move(what));
        return *this;
    }
    fault_script& on_request(std::string const& tag, request_fault what)
    {
        requests_[tag].push_back(std::move(what));
        return *this;
    }

    /// Adds it so many times.
    fault_script& on_connections(std::size_t times, connection_fault const& what)
    {
        connections_.insert(connections_.end(), times, what);
        return *this;
    }
    fault_script& on_requests(std::string const& tag, std::size_t times, request_fault const& what)
    {
        auto& of_tag = requests_[tag];
        of_tag.insert(of_tag.end(), times, what);
        return *this;
    }

    std::vector<connection_fault> const& connections() const noexcept
    {
        return connections_;
    }
    std::map<std::string, std::vector<request_fault>> const& requests() const noexcept
    {
        return requests_;
    }

private:
    std::vector<connection_fault> connections_;
    std::map<std::string, std::vector<request_fault>> requests_;
};

} // namespace pks::inline v0::testing
