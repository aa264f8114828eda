// The JSON object that a caller puts together for a request.
#pragma once

#include <pks/detail/config.hpp>

#include <boost/json/fwd.hpp>

#include <memory>
#include <string_view>

namespace pks::inline v0::detail {

/// Members in the order in which they were first set. May hold secrets: its storage is cleansed when it is given back.
class json_body
{
public:
    json_body() noexcept = default;
    PKS_DECL json_body(json_body const& other);
    json_body(json_body&& other) noexcept = default;
    PKS_DECL json_body& operator=(json_body const& other);
    json_body& operator=(json_body&& other) noexcept = default;
    ~json_body() = default;

    /// To change. What is assigned to a member is copied into the storage.
    PKS_DECL boost::json::object& members();
    PKS_DECL boost::json::object const& get() const;

    /// Empty where the member is none or no text.
    PKS_DECL std::string_view text(std::string_view name) const;

    PKS_DECL void set(std::string_view name, std::string_view text);

private:
    struct deleter
    {
        PKS_DECL void operator()(boost::json::object* object) const noexcept;
    };
    // The object is named here only, so that users of the values include no more of Boost.JSON than its names.
    std::unique_ptr<boost::json::object, deleter> object_;
};

} // namespace pks::inline v0::detail

#ifdef PKS_HEADER_ONLY
#include <pks/impl/json_body.ipp>
#endif
