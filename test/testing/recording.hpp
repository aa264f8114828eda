// Recorded exchanges, read for comparison with the embedded control plane.
#pragma once

#include <pks/testing/request.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace testing_recorded {

/// One entry of a HAR file.
struct exchange
{
    std::string id;            ///< folder and `_id`: `4.30.0/seed-flow/01-target`
    std::string forged;        ///< what is wrong with a token of the request, empty: nothing
    std::int64_t time = 0;     ///< s since the epoch
    std::string configuration; ///< of the server, where a folder has several
    bool to_api = false;       ///< sent to port 9021
    pks::testing::request request;

    int status = 0;
    pks::testing::header_fields fields;
    std::string body;
    bool live = false; ///< framing and closing were seen on a wire
    std::string framing;
    std::size_t chunks = 0;
    bool closed = false;

    std::string const* field(std::string const& name) const;
};

/// The entries of a file; `prefix` goes before each id. Nothing where the file is missing.
std::optional<std::vector<exchange>> load(std::string const& path, std::string const& prefix);

} // namespace testing_recorded
