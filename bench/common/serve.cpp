// Bodies of serve.hpp.
#include "serve.hpp"

#include <boost/json/serialize.hpp>
#include <boost/version.hpp>
#include <openssl/crypto.h>

#include <iostream>

namespace json = boost::json;

json::object bench::machine()
{
    json::object out;
    out["compiler"] =
#ifdef __clang__
        "clang " __clang_version__;
#else
        "g++ " __VERSION__;
#endif
    out["openssl"] = OpenSSL_version(OPENSSL_VERSION_STRING);
    out["boost"] = std::to_string(BOOST_VERSION / 100000) + '.' + std::to_string(BOOST_VERSION / 100 % 1000) + '.' +
        std::to_string(BOOST_VERSION % 100);
    return out;
}

std::string bench::version()
{
    return PKS_BENCH_VERSION;
}

int bench::serve(json::object const& about, measurement const& measure)
{
    std::cout << json::serialize(about) << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream order(line);
        auto const got = measure(order);
        if (!got) {
            std::cerr << "cannot do: " << line << '\n';
            return 2;
        }
        std::cout << json::serialize(*got) << std::endl;
    }
    return 0;
}
