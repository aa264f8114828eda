// Members of a JSON object: their types, absence and null, and the first that does not fit.
#include <pks/proto/json_members.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using pks::proto::json_members;
using texts = std::vector<std::string>;

boost::json::object const sample =
    boost::json::parse(R"({"text":"a\u0000\u00e9","empty":"","true":true,"false":false,"int":-7,"zero":0,
        "max":9223372036854775807,"min":-9223372036854775808,"big":9223372036854775808,"double":1.5,"exponent":1e2,
        "null":null,"texts":["a","","b"],"none":[],"mixed":["a",1],"nulls":["a",null],
        "object":{"x":1},"array":[1,{}]})")
        .as_object();

// Reads one member and tells the complaint.
template <class Read>
std::string complaint(Read read)
{
    json_members members(sample);
    read(members);
    BOOST_TEST(members.ok() == members.bad().empty());
    return members.bad();
}

} // namespace

BOOST_AUTO_TEST_SUITE(proto_json_members)

BOOST_AUTO_TEST_CASE(what_has_its_type_is_read)
{
    json_members members(sample);
    BOOST_TEST((members.text("text") == std::string("a\0\xc3\xa9", 4)));
    BOOST_TEST(members.text("empty") == "");
    BOOST_TEST(members.flag("true"));
    BOOST_TEST(!members.flag("false"));
    BOOST_TEST((members.integer("int") == std::int64_t{-7}));
    BOOST_TEST((members.integer("zero") == std::int64_t{0}));
    BOOST_TEST((members.integer("max") == INT64_MAX));
    BOOST_TEST((members.integer("min") == INT64_MIN));
    BOOST_TEST((members.texts("texts") == texts{"a", "", "b"}));
    BOOST_TEST((members.texts("none") == texts()));
    BOOST_REQUIRE(members.object("object"));
    BOOST_TEST(members.object("object") == &sample.at("object").as_object());
    BOOST_TEST(members.array("array") == &sample.at("array").as_array());
    BOOST_TEST(members.ok());
    BOOST_TEST(members.bad() == "");
}

BOOST_AUTO_TEST_CASE(absent_and_null_read_as_empty)
{
    json_members members(sample);
    for (auto const* name : {"absent", "null", "", "TEXT"}) {
        BOOST_TEST(members.text(name) == "");
        BOOST_TEST(!members.flag(name));
        BOOST_TEST((members.integer(name) == std::nullopt));
        BOOST_TEST((members.texts(name) == texts()));
        BOOST_TEST((members.object(name) == nullptr));
        BOOST_TEST((members.array(name) == nullptr));
    }
    BOOST_TEST(members.ok());
}

BOOST_AUTO_TEST_CASE(other_types_are_refused)
{
    for (auto const* name : {"true", "int", "double", "texts", "object"})
        BOOST_TEST(complaint([name](auto& m) { BOOST_TEST(m.text(name) == ""); }) == name);
    for (auto const* name : {"text", "zero", "double", "none", "object"})
        BOOST_TEST(complaint([name](auto& m) { BOOST_TEST(!m.flag(name)); }) == name);
    for (auto const* name : {"text", "true", "double", "exponent", "big", "texts", "object"})
        BOOST_TEST(complaint([name](auto& m) { BOOST_TEST((m.integer(name) == std::nullopt)); }) == name);
    for (auto const* name : {"text", "true", "int", "object"})
        BOOST_TEST(complaint([name](auto& m) { BOOST_TEST((m.texts(name) == texts())); }) == name);
    for (auto const* name : {"mixed", "nulls"})
        BOOST_TEST(complaint([name](auto& m) { m.texts(name); }) == name);
    for (auto const* name : {"text", "true", "int", "texts"})
        BOOST_TEST(complaint([name](auto& m) { BOOST_TEST((m.object(name) == nullptr)); }) == name);
    for (auto const* name : {"text", "true", "int", "object"})
        BOOST_TEST(complaint([name](auto& m) { BOOST_TEST((m.array(name) == nullptr)); }) == name);
}

BOOST_AUTO_TEST_CASE(the_first_misfit_is_kept)
{
    json_members members(sample);
    members.text("int");
    members.flag("text");
    members.refuse("text");
    BOOST_TEST(members.bad() == "int");
    BOOST_TEST(!members.ok());
    // Reading goes on.
    BOOST_TEST((members.integer("int") == std::int64_t{-7}));

    json_members refused(sample);
    refused.refuse("exp");
    BOOST_TEST(refused.bad() == "exp");
    BOOST_TEST(!refused.ok());
}

BOOST_AUTO_TEST_SUITE_END()
