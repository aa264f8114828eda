// bench_validate: makes the tokens, and serves the contestants that are libraries of C and C++ to drive.py.
#include "common/serve.hpp"
#include "contestants.hpp"
#include "make_data.hpp"
#include "measure.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;

int usage(std::ostream& to)
{
    to << "usage: bench_validate make FOLDER TOKENS\n"
          "       bench_validate serve FOLDER [CONTESTANT...]\n\n"
          "make writes the tokens and keys. serve writes a line of JSON about the contestants, after each of them has\n"
          "judged every token; then, for each line `CONTESTANT CASE THREADS SECONDS`, one with what it measured.\n";
    return 2;
}

int serve(bench::token_data const& data, std::vector<std::string> const& only)
{
    using maker = std::unique_ptr<bench::contestant> (*)(bench::token_data const&);
    std::pair<char const*, maker> const makers[] = {{"pks", bench::make_pks}, {"openssl_raw", bench::make_openssl_raw},
        {"libjwt", bench::make_libjwt}, {"cjose", bench::make_cjose}, {"cpp_jwt", bench::make_cpp_jwt}};
    std::vector<std::unique_ptr<bench::contestant>> contestants;
    for (auto const& [name, make] : makers)
        if (only.empty() || std::find(only.begin(), only.end(), name) != only.end())
            if (auto made = make(data))
                contestants.push_back(std::move(made));

    json::array about, wrong;
    for (auto const& each : contestants) {
        json::array cases;
        for (auto const& name : each->cases()) {
            if (auto const count = bench::count_wrong(*each, bench::token_case(name), data))
                wrong.push_back(json::string(each->name() + ' ' + name + ": " + std::to_string(count)));
            cases.push_back(json::string(name));
        }
        about.push_back({{"name", each->name()}, {"version", each->version()}, {"cases", std::move(cases)},
            {"threads", std::max(1u, std::thread::hardware_concurrency())}});
    }
    auto const measure = [&](std::istringstream& words) -> std::optional<json::object> {
        std::string name, of_case;
        unsigned threads = 0;
        double seconds = 0;
        words >> name >> of_case >> threads >> seconds;
        auto const who = std::find_if(
            contestants.begin(), contestants.end(), [&name](auto const& each) { return each->name() == name; });
        if (!words || threads == 0 || who == contestants.end())
            return {};
        auto const got =
            bench::measure(**who, bench::token_case(of_case), data, threads, std::chrono::duration<double>(seconds));
        json::object out{{"tokens_per_second", got.tokens_per_second}, {"cpu_us", got.cpu_us},
            {"allocations", got.allocations}, {"wrong", got.wrong}};
        return out;
    };
    json::object const said{
        {"contestants", std::move(about)}, {"wrong", std::move(wrong)}, {"machine", bench::machine()}};
    return bench::serve(said, measure);
}

} // namespace

int main(int argc, char** argv)
{
    std::vector<std::string> const arguments(argv + 1, argv + argc);
    try {
        if (arguments.size() == 3 && arguments[0] == "make") {
            std::size_t tokens = 0;
            auto const& text = arguments[2];
            auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), tokens);
            if (ec != std::errc() || end != text.data() + text.size() || tokens == 0)
                return usage(std::cerr);
            bench::make_data(arguments[1], tokens);
            return 0;
        }
        if (arguments.size() >= 2 && arguments[0] == "serve")
            return serve(bench::token_data(arguments[1]), {arguments.begin() + 2, arguments.end()});
        return usage(std::cerr);
    } catch (std::exception const& failure) {
        std::cerr << "bench_validate: " << failure.what() << '\n';
        return 3;
    }
}
