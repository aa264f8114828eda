// Checks the rules that the source text can break unseen: which layer includes which, and what no header may contain.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

// ---- layers ----

enum class layer {
    detail,
    values,
    proto,
    jose,
    policy,
    net,
    operations,
    handles,
    testing,
};

constexpr char const* layer_names[] = {
    "detail", "values", "proto", "jose", "policy", "net", "operations", "handles", "testing"};

std::string_view name_of(layer l)
{
    return layer_names[static_cast<std::size_t>(l)];
}

// The one-file compilation units and the header of everything stand outside the layers.
bool is_gathering(std::string_view path)
{
    return path == "pks/src.hpp" || path == "pks/testing/src.hpp" || path == "pks/pks.hpp";
}

/// The layer of a header, by its path below include/.
layer layer_of_header(std::string_view path)
{
    auto const starts = [path](std::string_view with) { return path.substr(0, with.size()) == with; };
    if (starts("pks/detail/"))
        return layer::detail;
    if (starts("pks/proto/"))
        return layer::proto;
    if (starts("pks/jose/"))
        return layer::jose;
    if (starts("pks/policy/"))
        return layer::policy;
    if (starts("pks/net/"))
        return layer::net;
    if (starts("pks/testing/"))
        return layer::testing;
    if (starts("pks/uaa/") || starts("pks/async_"))
        return layer::operations;
    for (auto const* const handle : {"pks/client.hpp", "pks/client_operations.hpp", "pks/server_request.hpp",
             "pks/validator.hpp", "pks/identity.hpp", "pks/guard.hpp"})
        if (path == handle)
            return layer::handles;
    return layer::values;
}

class tree
{
public:
    /// `paths`: every header and body, below include/.
    explicit tree(std::vector<std::string> const& paths)
    {
        for (auto const& path : paths)
            if (path.ends_with(".hpp"))
                headers_[stem(path)].push_back(path);
    }

    /// Nothing for a body to which no header, or more than one, belongs.
    std::optional<layer> layer_of(std::string const& path) const
    {
        if (path.ends_with(".hpp"))
            return layer_of_header(path);
        if (path.starts_with("pks/testing/"))
            return layer::testing;
        auto const found = headers_.find(stem(path));
        if (found == headers_.end())
            return {};
        std::optional<layer> out;
        for (auto const& header : found->second) {
            auto const candidate = layer_of_header(header);
            if (candidate == layer::testing)
                continue;
            if (out)
                return {};
            out = candidate;
        }
        return out;
    }

private:
    static std::string stem(std::string const& path)
    {
        return fs::path(path).stem().string();
    }

    std::map<std::string, std::vector<std::string>> headers_;
};

// ---- text ----

std::string read(fs::path const& file)
{
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The text with comments, and what stands inside literals, replaced by blanks; line ends stay.
std::string code_of(std::string_view text)
{
    std::string out(text);
    std::size_t i = 0;
    auto const blank_to = [&](std::size_t end) {
        for (; i < end && i < out.size(); ++i)
            if (out[i] != '\n')
                out[i] = ' ';
    };
    while (i < text.size()) {
        if (text.compare(i, 2, "//") == 0) {
            blank_to(std::min(text.find('\n', i), text.size()));
        } else if (text.compare(i, 2, "/*") == 0) {
            auto const end = text.find("*/", i + 2);
            blank_to(end == text.npos ? text.size() : end + 2);
        } else if (text.compare(i, 2, "R\"") == 0) {
            auto const open = text.find('(', i);
            auto const close = ")" + std::string(text.substr(i + 2, open - i - 2)) + "\"";
            auto const end = text.find(close, open);
            blank_to(end == text.npos ? text.size() : end + close.size());
        } else if (text[i] == '"' ||
            (text[i] == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1]))))) {
            auto end = i + 1;
            while (end < text.size() && text[end] != text[i] && text[end] != '\n')
                end += text[end] == '\\' ? 2u : 1u;
            ++i;
            blank_to(end);
            ++i;
        } else {
            ++i;
        }
    }
    return out;
}

std::vector<std::string> includes_of(std::string_view text)
{
    std::vector<std::string> out;
    std::size_t at = 0;
    while (at < text.size()) {
        auto const end = std::min(text.find('\n', at), text.size());
        auto const line = text.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with("#include"))
            continue;
        auto const open = line.find_first_of("<\"");
        auto const close = line.find_first_of(">\"", open + 1);
        if (open != line.npos && close != line.npos)
            out.emplace_back(line.substr(open + 1, close - open - 1));
    }
    return out;
}

std::size_t line_at(std::string_view text, std::size_t at)
{
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

bool is_word(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

std::size_t find_word(std::string_view code, std::string_view word, std::size_t from)
{
    for (auto at = code.find(word, from); at != code.npos; at = code.find(word, at + 1)) {
        bool const before = at == 0 || !is_word(code[at - 1]);
        bool const after = at + word.size() >= code.size() || !is_word(code[at + word.size()]);
        if (before && after)
            return at;
    }
    return code.npos;
}

// ---- coroutine expressions that g++ 12 gets wrong (test/guard shows which) ----

/// Where the expression that starts here ends: at a `;`, or at the bracket or comma that closes what surrounds it.
std::size_t end_of_expression(std::string_view code, std::size_t at)
{
    int depth = 0;
    for (; at < code.size(); ++at) {
        char const c = code[at];
        if (c == '(' || c == '{' || c == '[')
            ++depth;
        else if (c == ')' || c == '}' || c == ']') {
            if (depth-- == 0)
                return at;
        } else if ((c == ';' || c == ',') && depth == 0)
            return at;
    }
    return at;
}

std::optional<std::string> trouble_of_co_await(std::string_view code, std::size_t at)
{
    auto const expression = code.substr(at, end_of_expression(code, at) - at);
    if (expression.find('{') != expression.npos)
        return "a braced temporary inside a co_await expression";
    if (expression.find('?') != expression.npos)
        return "a ternary around co_await";
    auto start = at;
    while (start > 0 && std::string_view(";{}").find(code[start - 1]) == std::string_view::npos)
        --start;
    if (code.substr(start, at - start).find('?') != std::string_view::npos)
        return "a ternary around co_await";
    auto before = code.find_last_not_of(" \n", at - 1);
    if (at > 0 && before != code.npos && code[before] == '{' && before > 0) {
        auto const word_end = code.find_last_not_of(" \n", before - 1);
        if (word_end != code.npos && is_word(code[word_end])) {
            auto word_start = word_end;
            while (word_start > 0 && is_word(code[word_start - 1]))
                --word_start;
            auto const word = code.substr(word_start, word_end + 1 - word_start);
            bool const block =
                word == "else" || word == "try" || word == "do" || word == "mutable" || word == "noexcept";
            // A named type's or variable's braces; a function's body follows a parenthesis or a template's bracket.
            if (!block && before - word_end == 1)
                return "co_await inside the braces of an initializer";
        }
    }
    return {};
}

std::optional<std::string> trouble_of_co_spawn(std::string_view code, std::size_t at)
{
    auto open = code.find_first_not_of(" \n", at + std::string_view("co_spawn").size());
    if (open == code.npos || code[open] != '(')
        return {};
    for (auto argument = open; argument < code.size() && code[argument] != ')';) {
        auto const start = code.find_first_not_of(" \n", argument + 1);
        if (start != code.npos && code[start] == '[' && code.substr(start, 2) != "[]")
            return "a capturing lambda as a temporary argument of co_spawn";
        argument = end_of_expression(code, argument + 1);
    }
    return {};
}

std::vector<std::string> coroutine_troubles(std::string const& name, std::string_view text)
{
    std::vector<std::string> out;
    auto const code = code_of(text);
    auto const note = [&](std::size_t at, std::optional<std::string> const& trouble) {
        if (trouble)
            out.push_back(name + ":" + std::to_string(line_at(code, at)) + ": " + *trouble);
    };
    for (auto at = find_word(code, "co_await", 0); at != code.npos; at = find_word(code, "co_await", at + 1))
        note(at, trouble_of_co_await(code, at));
    for (auto at = find_word(code, "co_spawn", 0); at != code.npos; at = find_word(code, "co_spawn", at + 1))
        note(at, trouble_of_co_spawn(code, at));
    return out;
}

// ---- the project's files ----

std::vector<std::string> files_below(fs::path const& root, std::vector<std::string> const& endings)
{
    std::vector<std::string> out;
    if (!fs::exists(root))
        return out;
    for (auto const& entry : fs::recursive_directory_iterator(root)) {
        auto const extension = entry.path().extension().string();
        if (entry.is_regular_file() && std::find(endings.begin(), endings.end(), extension) != endings.end())
            out.push_back(entry.path().lexically_relative(root).generic_string());
    }
    std::sort(out.begin(), out.end());
    return out;
}

fs::path const source = PKS_SOURCE_DIR;
fs::path const include = source / "include";

std::vector<std::string> library_files()
{
    return files_below(include, {".hpp", ".ipp"});
}

BOOST_AUTO_TEST_CASE(a_header_belongs_to_the_layer_of_its_folder)
{
    BOOST_TEST((layer_of_header("pks/secret.hpp") == layer::values));
    BOOST_TEST((layer_of_header("pks/detail/config.hpp") == layer::detail));
    BOOST_TEST((layer_of_header("pks/net/operation.hpp") == layer::net));
    BOOST_TEST((layer_of_header("pks/uaa/async_target.hpp") == layer::operations));
    BOOST_TEST((layer_of_header("pks/async_login.hpp") == layer::operations));
    BOOST_TEST((layer_of_header("pks/client.hpp") == layer::handles));
    BOOST_TEST((layer_of_header("pks/testing/control_plane.hpp") == layer::testing));
}

BOOST_AUTO_TEST_CASE(a_body_belongs_to_the_layer_of_its_header)
{
    tree const t({"pks/proto/form.hpp", "pks/impl/form.ipp", "pks/testing/client.hpp", "pks/client.hpp"});
    BOOST_TEST((t.layer_of("pks/impl/form.ipp") == layer::proto));
    BOOST_TEST((t.layer_of("pks/impl/client.ipp") == layer::handles));
    BOOST_TEST((t.layer_of("pks/testing/impl/client.ipp") == layer::testing));
    BOOST_TEST(!t.layer_of("pks/impl/orphan.ipp").has_value());
}

BOOST_AUTO_TEST_CASE(each_file_includes_its_own_layer_and_those_before_it)
{
    auto const files = library_files();
    tree const all(files);
    BOOST_TEST_REQUIRE(!files.empty());
    for (auto const& file : files) {
        if (is_gathering(file))
            continue;
        auto const own = all.layer_of(file);
        BOOST_TEST_CONTEXT(file)
        {
            BOOST_TEST(own.has_value(), "no one header has the name of this body");
            if (!own)
                continue;
            for (auto const& included : includes_of(read(include / file))) {
                if (!included.starts_with("pks/"))
                    continue;
                BOOST_TEST(fs::exists(include / included), "includes <" << included << ">, which does not exist");
                auto const other = all.layer_of(included);
                BOOST_TEST(!is_gathering(included), "includes <" << included << ">, which is for users only");
                if (other)
                    BOOST_TEST(
                        (*other <= *own), name_of(*own) << " includes <" << included << "> of " << name_of(*other));
            }
        }
    }
}

// Also what newer releases of Boost no longer have.
BOOST_AUTO_TEST_CASE(no_header_includes_what_belongs_into_one_unit_or_is_all_of_a_library)
{
    std::vector<std::string> const never = {"boost/json/src.hpp", "boost/asio/impl/src.hpp",
        "boost/asio/ssl/impl/src.hpp", "boost/beast/src.hpp", "boost/asio/coroutine.hpp", "boost/asio/yield.hpp",
        "boost/asio.hpp", "boost/asio/ssl.hpp", "boost/beast.hpp", "boost/json.hpp", "boost/beast/http.hpp",
        "boost/beast/core.hpp", "boost/beast/ssl.hpp", "boost/json/memory_resource.hpp", "bits/stdc++.h"};
    for (auto const& file : library_files())
        for (auto const& included : includes_of(read(include / file)))
            BOOST_TEST((std::find(never.begin(), never.end(), included) == never.end()),
                file << " includes <" << included << ">");
}

BOOST_AUTO_TEST_CASE(the_gathering_files_reach_every_body)
{
    std::vector<std::string> reached;
    std::vector<std::string> ahead = {"pks/src.hpp", "pks/testing/src.hpp"};
    while (!ahead.empty()) {
        auto const file = ahead.back();
        ahead.pop_back();
        for (auto& included : includes_of(read(include / file)))
            if (included.ends_with(".ipp") && std::find(reached.begin(), reached.end(), included) == reached.end()) {
                reached.push_back(included);
                ahead.push_back(std::move(included));
            }
    }
    for (auto const& file : library_files())
        if (file.ends_with(".ipp"))
            BOOST_TEST((std::find(reached.begin(), reached.end(), file) != reached.end()), file << " is in no src.hpp");
}

BOOST_AUTO_TEST_CASE(shapes_that_a_compiler_gets_wrong_are_recognized)
{
    auto const wrong = [](std::string_view text) { return !coroutine_troubles("text", text).empty(); };
    BOOST_TEST(wrong("int n = co_await f({.n = 1}, token);"));
    BOOST_TEST(wrong("co_await f(box{1}, token);"));
    BOOST_TEST(wrong("auto b = box{co_await f()};"));
    BOOST_TEST(wrong("auto x = c ? co_await a() : co_await b();"));
    BOOST_TEST(wrong("co_await f(c ? 1 : 2);"));
    BOOST_TEST(wrong("asio::co_spawn(ex, [t]() -> task { co_return; }, detached);"));
    BOOST_TEST(wrong("co_await g([t] { return 1; });"));
    BOOST_TEST(!wrong("if (x) { co_await f(a, token); }"));
    BOOST_TEST(!wrong("auto run = [](int n) -> task<int> { co_return co_await f(n); };"));
    BOOST_TEST(!wrong("asio::co_spawn(ex, std::move(named), detached);"));
    BOOST_TEST(!wrong("asio::co_spawn(ex, f(std::move(x)), [](std::exception_ptr) {});"));
    BOOST_TEST(!wrong("// co_await f({1})\nauto s = \"co_await f({})\";"));
    BOOST_TEST(!wrong("task<int> f()\n{\n    co_await g();\n}"));
    BOOST_TEST(!wrong("else {\n    co_await g();\n}"));
    BOOST_TEST(!wrong("auto const x = a ? b : c;\nauto y = co_await f(x);"));
}

BOOST_AUTO_TEST_CASE(no_coroutine_of_the_library_has_such_a_shape)
{
    for (auto const& file : library_files())
        for (auto const& trouble : coroutine_troubles(file, read(include / file)))
            BOOST_ERROR(trouble);
}

BOOST_AUTO_TEST_CASE(each_source_opens_with_a_comment_on_its_one_job)
{
    for (auto const* folder : {"include", "test", "bench", "conformance"})
        for (auto const& file : files_below(source / folder, {".hpp", ".ipp", ".cpp"}))
            BOOST_TEST(read(source / folder / file).starts_with("// "), folder << "/" << file);
}

BOOST_AUTO_TEST_CASE(the_top_level_has_no_other_folder)
{
    std::vector<std::string> const known = {"include", "test", "bench", "conformance", "build"};
    for (auto const& entry : fs::directory_iterator(source)) {
        auto const name = entry.path().filename().string();
        if (entry.is_directory() && !name.starts_with("."))
            BOOST_TEST((std::find(known.begin(), known.end(), name) != known.end()), name);
    }
}

} // namespace
