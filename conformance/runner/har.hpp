// Recorded exchanges, out of HAR 1.2 files.
#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conform {

/// The recordings or cases cannot be used: exit 3.
class environment_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

using header_fields = std::vector<std::pair<std::string, std::string>>;

/// A request as it was or is sent.
struct http_request
{
    std::string method;
    std::string target;
    std::string version;
    header_fields fields;
    std::string body;
};

/// The values of a field, in order. Names are compared without regard to case.
std::vector<std::string_view> field_values(header_fields const& fields, std::string_view name);

/// One entry of a recording.
struct exchange
{
    std::string id;
    http_request request;
    std::string reply; ///< octets of status line, header section, and body with its framing
    std::chrono::system_clock::time_point clock;
};

/// Reads one entry. The reply is put together octet for octet from status line, fields, body and chunk sizes as
/// recorded, right or wrong. Throws environment_error.
exchange read_entry(boost::json::object const& entry);

/// A file with its name relative to the folder of the recordings, without extension: `uaa-live/4.30.0/info`.
struct recording
{
    std::string name;
    boost::json::array entries;
};

/// All HAR files below a folder, in order of their names. Throws environment_error.
std::vector<recording> read_recordings(std::filesystem::path const& folder);

/// A JSON file. Throws environment_error.
boost::json::value read_json_file(std::filesystem::path const& file);

} // namespace conform
