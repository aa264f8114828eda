// Makes the certificates that a suite describes, bad ones included.
#pragma once

#include <boost/json/object.hpp>

#include <openssl/types.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conform {

/// What a server shows, and whom its client trusts.
struct certificate_chain
{
    std::shared_ptr<::EVP_PKEY> key;
    std::vector<std::shared_ptr<::X509>> sent; ///< the server's own first
    std::vector<std::shared_ptr<::X509>> trusted;
};

std::string pem_of(::X509* certificate);
std::string pem_of(std::vector<std::shared_ptr<::X509>> const& certificates);

/// Certificates by the names that the suite gives them: an authority's, `leaf:CASE`, and either with `:tampered`. Each
/// is made when it is first needed, and has a key of its own; the servers' own share one for each kind of key.
///
/// Throws suites::suite_error for what the suite does not describe, std::runtime_error where OpenSSL fails.
class certificate_factory
{
public:
    /// `suite`: tls/cases.json.
    explicit certificate_factory(boost::json::object suite);

    /// Of one of the suite's `cases`.
    certificate_chain make(boost::json::object const& one);

    std::shared_ptr<::X509> certificate(std::string const& name);
    std::shared_ptr<::EVP_PKEY> key(std::string const& name);

private:
    boost::json::object describe(std::string const& name) const;
    boost::json::object const& case_of(std::string_view id) const;
    std::shared_ptr<::EVP_PKEY> key_of_kind(std::string const& name, std::string_view kind);
    std::shared_ptr<::X509> build(std::string const& name, boost::json::object const& what);

    boost::json::object suite_;
    std::map<std::string, std::shared_ptr<::EVP_PKEY>> keys_;
    std::map<std::string, std::shared_ptr<::X509>> made_;
};

} // namespace conform
