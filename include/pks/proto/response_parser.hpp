// Reads one HTTP/1.x response, strictly, from pieces of any size.
#pragma once

#include <pks/detail/config.hpp>
#include <pks/detail/wiped_string.hpp>
#include <pks/error.hpp>
#include <pks/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pks::inline v0::proto {

/// A final response as it was received. Trailer fields are checked, then dropped: they never become header fields.
class response
{
public:
    response() = default;

    int status = 0;        ///< three digits; 000 to 099 and 600 to 999 are to be treated as 5xx (RFC 9110 §15)
    int version_minor = 1; ///< 0 for HTTP/1.0
    std::string reason;    ///< often empty: UAA sends none
    std::vector<std::pair<std::string, std::string>> fields; ///< order and case as received, folds replaced by a space
    pks::detail::wiped_string body;

    /// Value of the first field of that name, in whatever case.
    PKS_DECL std::optional<std::string_view> find(std::string_view name) const noexcept;
    PKS_DECL std::size_t count(std::string_view name) const noexcept;
};

/// A push parser for the response to one request that was sent without `TE`, `Upgrade` and `Accept-Encoding`.
///
/// Follows RFC 9112 and, where that leaves a choice, refuses: line ends other than CRLF, whitespace around names,
/// `Transfer-Encoding` other than a single `chunked`, or together with `Content-Length`, or in HTTP/1.0, lengths that
/// differ, 101. Other 1xx responses are read and skipped. The verdict does not depend on how the bytes are split.
///
/// An error is final: every later call reports it again. Thread safety: as any standard value.
class response_parser
{
public:
    /// `head_request`: the response to HEAD has no body, whatever its header says.
    PKS_DECL explicit response_parser(http_limits const& limits = {}, bool head_request = false);

    /// Takes bytes; returns how many. Fewer than given only when done() or failed: what is left after done() belongs to
    /// no response, so the connection has to be dropped.
    ///
    /// Errors: protocol_error, head_too_large, body_too_large, chunk_extension_too_large, trailer_too_large,
    /// too_many_interim_responses.
    PKS_DECL std::size_t put(std::span<char const> bytes, error_code& ec);

    /// The peer ended the connection in order (close_notify, FIN). Completes a body without length; otherwise sets
    /// truncated, or connection_closed where nothing was received at all. Not to be called for a reset.
    PKS_DECL void put_eof(error_code& ec);

    bool done() const noexcept
    {
        return state_ == state::finished;
    }
    /// Any octet was received, be it of an interim response: the server has seen the request.
    bool got_some() const noexcept
    {
        return got_some_;
    }
    /// Whether the connection may carry another request, as far as this response tells.
    bool keep_alive() const noexcept
    {
        return done() && keep_alive_;
    }
    /// 1xx responses that were skipped.
    std::size_t interim_responses() const noexcept
    {
        return interim_responses_;
    }
    /// What was wrong, for people; never text of the server. Empty without an error.
    std::string_view detail() const noexcept
    {
        return detail_;
    }

    /// Precondition of both: done().
    response const& get() const noexcept
    {
        return response_;
    }
    response&& release() noexcept
    {
        return std::move(response_);
    }

private:
    enum class state {
        status_line,
        header_line,
        counted_body,
        unbounded_body,
        chunk_line,
        chunk_data,
        chunk_cr,
        chunk_lf,
        trailer_line,
        finished,
        failed,
    };

    // More hex digits do not fit 64 bits; refused also where they begin with zeros.
    static constexpr std::size_t max_chunk_digits = 16;
    // A length is only a claim: memory beyond this is taken when the octets come.
    static constexpr std::uint64_t max_reserve = 64 * 1024;
    // UAA sends the closing brace of a token reply as a chunk of its own.
    static constexpr std::size_t chunk_slack = 16;
    // UAA sends 2 to 16 fields, mostly 9 to 13; growing the list would cost more than the space.
    static constexpr std::size_t usual_fields = 16;

    PKS_DECL void fail(errc code, std::string_view detail) noexcept;
    PKS_DECL void malformed(std::string_view detail) noexcept;
    PKS_DECL void begin_head() noexcept;
    PKS_DECL void begin_chunk_line() noexcept;
    PKS_DECL void take_line(std::string_view& rest);
    PKS_DECL void take_body(std::string_view& rest);
    PKS_DECL void on_line(std::string_view line);
    PKS_DECL void on_status_line(std::string_view line);
    PKS_DECL void on_field_line(std::string_view line);
    PKS_DECL void on_head_end();
    PKS_DECL void on_chunk_line(std::string_view line);
    PKS_DECL void start_body(std::optional<std::uint64_t> length, bool chunked);
    PKS_DECL std::optional<std::uint64_t> read_content_length();
    PKS_DECL bool read_chunked();
    PKS_DECL void read_connection();

    http_limits limits_;
    bool head_request_;
    state state_ = state::status_line;
    bool got_some_ = false;
    bool keep_alive_ = false;
    std::size_t interim_responses_ = 0;
    std::size_t line_budget_ = 0;      // octets that the section of the present line may still take
    std::size_t extension_budget_ = 0; // octets that chunk extensions may still take
    std::size_t field_lines_ = 0;      // header and trailer fields seen, dropped ones included
    bool in_field_ = false;            // the line before was a field, so that this one may be its fold
    std::uint64_t body_left_ = 0;      // of the present chunk, or of the counted body
    pks::detail::wiped_string line_;   // start of a line whose end has not come yet
    response response_;
    error_code error_;
    std::string_view detail_;
};

} // namespace pks::inline v0::proto

#ifdef PKS_HEADER_ONLY
#include <pks/impl/response_parser.ipp>
#endif
