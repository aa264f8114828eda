// Bodies of data.hpp.
#include "data.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace bench {

std::vector<std::string> const& token_data::sets()
{
    static std::vector<std::string> const names = {
        "rs256", "es256", "eddsa", "large", "forged_signature", "forged_alg", "forged_dots"};
    return names;
}

std::string token_data::family_of(std::string_view set)
{
    return set == "es256" || set == "eddsa" ? std::string(set) : "rs256";
}

token_data::token_data(std::filesystem::path folder) : folder_(std::move(folder))
{
    auto const rules = boost::json::parse(read("rules.json")).as_object();
    auto const text = [&rules](char const* name) { return std::string(rules.at(name).as_string()); };
    uaa_ = text("uaa");
    issuer_ = text("issuer");
    audience_ = text("audience");
    scope_ = text("scope");
    for (auto const& set : sets()) {
        auto& to = tokens_[set];
        std::istringstream lines(read(set + ".tokens"));
        for (labelled_token one; lines >> one.kid >> one.text;)
            to.push_back(one);
    }
}

std::vector<labelled_token> const& token_data::tokens(std::string_view set) const
{
    return tokens_.find(set)->second;
}

std::string token_data::jwks(std::string const& family) const
{
    return read(family + ".jwks");
}

std::string token_data::saved_keys(std::string const& family) const
{
    return read(family + ".saved");
}

std::string token_data::public_pem(std::string const& kid) const
{
    return read(kid + ".pem");
}

std::map<std::string, std::string> token_data::public_pems(std::vector<std::string> const& sets) const
{
    std::map<std::string, std::string> out;
    for (auto const& set : sets)
        for (auto const& token : tokens(set))
            if (!out.contains(token.kid))
                out.emplace(token.kid, public_pem(token.kid));
    return out;
}

std::string token_data::read(std::string const& file) const
{
    std::ifstream in(folder_ / file, std::ios::binary);
    if (!in)
        throw std::runtime_error("cannot read " + (folder_ / file).string());
    return std::string(std::istreambuf_iterator<char>(in), {});
}

} // namespace bench
