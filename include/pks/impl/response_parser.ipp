// Bodies of proto/response_parser.hpp.
#pragma once

#include <pks/proto/http_grammar.hpp>
#include <pks/proto/response_parser.hpp>

#include <algorithm>
#include <limits>

namespace pks::inline v0::proto {

PKS_DECL std::optional<std::string_view> response::find(std::string_view name) const noexcept
{
    for (auto const& [key, value] : fields) {
        if (http_grammar::same_text(key, name))
            return value;
    }
    return std::nullopt;
}

PKS_DECL std::size_t response::count(std::string_view name) const noexcept
{
    auto const same = [&](auto const& field) { return http_grammar::same_text(field.first, name); };
    return static_cast<std::size_t>(std::ranges::count_if(fields, same));
}

PKS_DECL response_parser::response_parser(http_limits const& limits, bool head_request)
    : limits_(limits), head_request_(head_request), extension_budget_(limits.chunk_extension)
{
    begin_head();
}

PKS_DECL std::size_t response_parser::put(std::span<char const> bytes, error_code& ec)
{
    std::string_view rest(bytes.data(), bytes.size());
    while (!rest.empty() && state_ != state::finished && state_ != state::failed) {
        got_some_ = true;
        switch (state_) {
        case state::counted_body:
        case state::unbounded_body:
        case state::chunk_data:
            take_body(rest);
            break;
        case state::chunk_cr:
        case state::chunk_lf:
            if (!http_grammar::skip_char(rest, state_ == state::chunk_cr ? '\r' : '\n'))
                malformed("chunk data not followed by CRLF");
            else if (state_ == state::chunk_cr)
                state_ = state::chunk_lf;
            else
                begin_chunk_line();
            break;
        default:
            take_line(rest);
        }
    }
    ec = error_;
    return bytes.size() - rest.size();
}

PKS_DECL void response_parser::put_eof(error_code& ec)
{
    if (state_ == state::unbounded_body)
        state_ = state::finished;
    else if (!got_some_)
        fail(errc::connection_closed, "end of the connection before a response");
    else if (state_ != state::finished && state_ != state::failed)
        fail(errc::truncated, "end of the connection within the response");
    ec = error_;
}

PKS_DECL void response_parser::fail(errc code, std::string_view detail) noexcept
{
    state_ = state::failed;
    error_ = code;
    detail_ = detail;
}

PKS_DECL void response_parser::malformed(std::string_view detail) noexcept
{
    fail(errc::protocol_error, detail);
}

PKS_DECL void response_parser::begin_head() noexcept
{
    state_ = state::status_line;
    line_budget_ = limits_.head;
    field_lines_ = 0;
    in_field_ = false;
    response_.fields.clear();
}

PKS_DECL void response_parser::begin_chunk_line() noexcept
{
    constexpr std::size_t besides_extension = max_chunk_digits + 2;
    state_ = state::chunk_line;
    line_budget_ =
        std::min(extension_budget_, std::numeric_limits<std::size_t>::max() - besides_extension) + besides_extension;
}

PKS_DECL void response_parser::take_line(std::string_view& rest)
{
    auto const end = rest.find('\n');
    auto const piece = rest.substr(0, end == std::string_view::npos ? end : end + 1);

    // What is no HTTP at all (a TLS alert, a banner that waits for an answer) may never send a line end.
    if (state_ == state::status_line) {
        constexpr std::string_view start = "HTTP/1.";
        auto const known = std::min(line_.size(), start.size());
        auto const fresh = piece.substr(0, std::min(start.size() - known, line_budget_));
        if (!start.substr(known).starts_with(fresh))
            return malformed("not a response of HTTP/1");
    }
    if (piece.size() > line_budget_) {
        if (state_ == state::chunk_line)
            return fail(errc::chunk_extension_too_large, "chunk extensions exceed the limit");
        if (state_ == state::trailer_line)
            return fail(errc::trailer_too_large, "trailer section exceeds the limit");
        return fail(errc::head_too_large, "status line and header section exceed the limit");
    }
    line_budget_ -= piece.size();
    rest.remove_prefix(piece.size());
    if (end == std::string_view::npos || !line_.empty())
        line_.append(piece);
    if (end == std::string_view::npos)
        return;

    auto line = line_.empty() ? piece : std::string_view(line_);
    if (!line.ends_with("\r\n"))
        return malformed("line end other than CRLF");
    line.remove_suffix(2);
    on_line(line);
    line_.clear();
}

PKS_DECL void response_parser::on_line(std::string_view line)
{
    switch (state_) {
    case state::status_line:
        return on_status_line(line);
    case state::chunk_line:
        return on_chunk_line(line);
    case state::header_line:
        return line.empty() ? on_head_end() : on_field_line(line);
    default:
        if (!line.empty())
            return on_field_line(line);
        state_ = state::finished;
    }
}

// RFC 9112 §4. A space after the status is required even where the reason is empty.
PKS_DECL void response_parser::on_status_line(std::string_view line)
{
    using http_grammar::is_digit;
    constexpr std::string_view shape = "HTTP/1.N NNN ";
    constexpr std::size_t minor = 7, status = 9;

    if (line.size() < shape.size())
        return malformed("status line incomplete");
    for (std::size_t i = 0; i != shape.size(); ++i) {
        if (shape[i] == 'N' ? !is_digit(line[i]) : line[i] != shape[i])
            return malformed("status line malformed");
    }
    auto const reason = line.substr(shape.size());
    if (!http_grammar::is_text(reason))
        return malformed("control character in the reason phrase");

    response_.version_minor = line[minor] - '0';
    response_.status = 0;
    for (char c : line.substr(status, 3))
        response_.status = response_.status * 10 + (c - '0');
    response_.reason = reason;
    response_.fields.reserve(usual_fields);
    state_ = state::header_line;
}

// RFC 9112 §5. Trailer fields are held to the same rules, and not stored.
PKS_DECL void response_parser::on_field_line(std::string_view line)
{
    auto const keep = state_ == state::header_line;

    if (http_grammar::is_space(line.front())) {
        if (!in_field_)
            return malformed("whitespace before the first field");
        if (!http_grammar::is_text(line))
            return malformed("control character in a field value");
        auto const more = http_grammar::trimmed(line);
        if (keep && !more.empty()) {
            auto& value = response_.fields.back().second;
            if (!value.empty())
                value += ' ';
            value += more;
        }
        return;
    }

    auto value = line;
    if (!http_grammar::skip_token(value) || !http_grammar::skip_char(value, ':'))
        return malformed("field name malformed");
    if (!http_grammar::is_text(value))
        return malformed("control character in a field value");
    if (field_lines_ == limits_.fields)
        return fail(keep ? errc::head_too_large : errc::trailer_too_large, "more fields than the limit");

    ++field_lines_;
    in_field_ = true;
    auto const name = line.substr(0, line.size() - value.size() - 1);
    if (keep)
        response_.fields.emplace_back(name, http_grammar::trimmed(value));
}

// RFC 9112 §6.3. The framing is checked in every response, also where it says nothing about the body.
PKS_DECL void response_parser::on_head_end()
{
    auto const chunked = read_chunked();
    auto const length = read_content_length();
    if (state_ == state::failed)
        return;
    if (chunked && length)
        return malformed("both Transfer-Encoding and Content-Length");

    auto const status = response_.status;
    if (status == 101)
        return malformed("101 without a request to upgrade");
    if (status / 100 == 1) {
        if (interim_responses_ == limits_.interim_responses)
            return fail(errc::too_many_interim_responses, "more interim responses than the limit");
        ++interim_responses_;
        return begin_head();
    }

    read_connection();
    if (head_request_ || status == 204 || status == 304)
        state_ = state::finished;
    else
        start_body(length, chunked);
}

PKS_DECL void response_parser::start_body(std::optional<std::uint64_t> length, bool chunked)
{
    in_field_ = false;
    if (chunked)
        return begin_chunk_line();
    if (!length) {
        keep_alive_ = false;
        state_ = state::unbounded_body;
        return;
    }
    if (*length > limits_.body)
        return fail(errc::body_too_large, "Content-Length exceeds the limit");
    body_left_ = *length;
    response_.body.reserve(static_cast<std::size_t>(std::min(*length, max_reserve)));
    state_ = body_left_ == 0 ? state::finished : state::counted_body;
}

PKS_DECL bool response_parser::read_chunked()
{
    auto const coding = response_.find("Transfer-Encoding");
    if (!coding)
        return false;
    if (response_.count("Transfer-Encoding") != 1 || !http_grammar::same_text(*coding, "chunked"))
        malformed("Transfer-Encoding other than a single chunked");
    else if (response_.version_minor == 0)
        malformed("Transfer-Encoding in HTTP/1.0");
    return true;
}

// RFC 9110 §8.6: a list of lengths is as good as one when all are written alike.
PKS_DECL std::optional<std::uint64_t> response_parser::read_content_length()
{
    std::optional<std::string_view> digits;
    auto const same_digits = [&](std::string_view element) {
        auto const alike = !digits || *digits == element;
        digits = element;
        return alike && !element.empty() && std::ranges::all_of(element, http_grammar::is_digit);
    };
    for (auto const& [name, value] : response_.fields) {
        if (!http_grammar::same_text(name, "Content-Length"))
            continue;
        if (!http_grammar::each_element(value, same_digits)) {
            malformed("Content-Length malformed or in conflict with another");
            return std::nullopt;
        }
    }
    if (!digits)
        return std::nullopt;

    std::uint64_t length = 0;
    for (char c : *digits) {
        auto const digit = static_cast<std::uint64_t>(c - '0');
        if (length > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) {
            malformed("Content-Length does not fit 64 bits");
            return std::nullopt;
        }
        length = length * 10 + digit;
    }
    return length;
}

PKS_DECL void response_parser::read_connection()
{
    bool close = false;
    bool keep = response_.version_minor != 0;
    auto const note = [&](std::string_view option) {
        close = close || http_grammar::same_text(option, "close");
        keep = keep || http_grammar::same_text(option, "keep-alive");
        return true;
    };
    for (auto const& [name, value] : response_.fields) {
        if (http_grammar::same_text(name, "Connection"))
            http_grammar::each_element(value, note);
    }
    keep_alive_ = keep && !close;
}

PKS_DECL void response_parser::on_chunk_line(std::string_view line)
{
    std::size_t digits = 0;
    std::uint64_t size = 0;
    for (; digits != line.size() && http_grammar::hex_value(line[digits]) >= 0; ++digits) {
        if (digits == max_chunk_digits)
            return malformed("chunk size of more than 16 digits");
        size = size * 16 + static_cast<std::uint64_t>(http_grammar::hex_value(line[digits]));
    }
    auto const extension = line.substr(digits);
    if (digits == 0)
        return malformed("chunk size missing");
    if (extension.size() > extension_budget_)
        return fail(errc::chunk_extension_too_large, "chunk extensions exceed the limit");
    if (!http_grammar::is_chunk_extension(extension))
        return malformed("chunk size or extension malformed");
    extension_budget_ -= extension.size();

    if (size > limits_.body - response_.body.size())
        return fail(errc::body_too_large, "chunked body exceeds the limit");
    body_left_ = size;
    state_ = size == 0 ? state::trailer_line : state::chunk_data;
    if (size == 0)
        line_budget_ = limits_.trailer;
    else if (response_.body.empty())
        response_.body.reserve(static_cast<std::size_t>(std::min(size, max_reserve)) + chunk_slack);
}

PKS_DECL void response_parser::take_body(std::string_view& rest)
{
    auto const bounded = state_ != state::unbounded_body;
    auto const size = bounded ? std::min<std::uint64_t>(body_left_, rest.size()) : rest.size();
    auto const piece = rest.substr(0, static_cast<std::size_t>(size));
    if (piece.size() > limits_.body - response_.body.size())
        return fail(errc::body_too_large, "body without length exceeds the limit");
    response_.body.append(piece);
    rest.remove_prefix(piece.size());
    if (!bounded)
        return;
    body_left_ -= piece.size();
    if (body_left_ == 0)
        state_ = state_ == state::chunk_data ? state::chunk_cr : state::finished;
}

} // namespace pks::inline v0::proto
