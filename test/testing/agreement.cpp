// Shows 200 and more tokens of every kind to a running UAA and to pks::validator: whatever /check_token refuses is
// refused, but for revoked tokens that a mode cannot know of; whatever it accepts is accepted, unless the table says
// why not.
#include "mixed_tokens.hpp"
#include "running_uaa.hpp"

#include <pks/jose/jose_errc.hpp>
#include <pks/policy/token_errc.hpp>
#include <pks/testing/pks_api.hpp>
#include <pks/validator.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "runner/error_name.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <future>
#include <iomanip>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace testing_recorded;
using pks::jose_errc;
using pks::token_errc;
using pks::validation;
using pks::policy::introspection_endpoint;

// ---- what is expected ----

struct mode
{
    std::string_view name;
    validation how;
    introspection_endpoint asks;
};

constexpr std::array modes{
    mode{"offline", validation::offline, introspection_endpoint::introspect},
    mode{"first/introspect", validation::offline_first, introspection_endpoint::introspect},
    mode{"first/check_token", validation::offline_first, introspection_endpoint::check_token},
    mode{"online/introspect", validation::online, introspection_endpoint::introspect},
    mode{"online/check_token", validation::online, introspection_endpoint::check_token},
};

// How a validator finds out, as a set.
enum modes_of : unsigned { offline = 1, offline_first = 2, online = 4, all_modes = 7 };

constexpr unsigned bit_of(mode const& m)
{
    return m.how == validation::offline ? offline : m.how == validation::online ? online : offline_first;
}

// The UAA accepts, and the validator does not.
struct stricter
{
    std::string_view group;
    unsigned where;
    pks::error_code error;
    std::string_view reason;
};

std::vector<stricter> const& all_stricter()
{
    static std::vector<stricter> const table{
        {groups::other_audience, all_modes, token_errc::wrong_audience,
            "/check_token is not told who asks; whoever gets a token for somebody else must not accept it"},
        {groups::opaque_other_audience, offline_first | online, token_errc::wrong_audience,
            "as of a JWT, once the UAA has said what the token holds"},
        {groups::id_token, all_modes, token_errc::id_token,
            "an ID token says who somebody is and grants nothing; the UAA does not tell it from an access token"},
        {groups::opaque, offline, jose_errc::not_compact, "an opaque token says nothing without the UAA"},
        {groups::opaque_other_audience, offline, jose_errc::not_compact,
            "an opaque token says nothing without the UAA"},
        {groups::loose_base64, offline | offline_first, jose_errc::invalid_base64url,
            "RFC 7515 §2 has no padding, RFC 4648 §3.5 lets spare bits be refused: one token, one spelling"},
    };
    return table;
}

// The UAA refuses, and the validator cannot know. All tokens of such a group come out so, in these modes.
struct unaware
{
    std::string_view group;
    unsigned where;
};

constexpr std::array all_unaware{
    unaware{groups::revoked_with_user, offline | offline_first},
    unaware{groups::revoked_with_client, offline | offline_first},
    unaware{groups::revoked_refreshed, offline},
    unaware{groups::revoked_by_id, offline},
};

// There are no other groups than these.
constexpr std::array accepted_by_uaa{groups::user, groups::client, groups::refreshed, groups::opaque,
    groups::other_audience, groups::opaque_other_audience, groups::id_token, groups::loose_base64};

constexpr std::array refused_by_uaa{groups::refresh_token, groups::expired, groups::revoked_opaque,
    groups::revoked_by_id, groups::revoked_with_user, groups::revoked_with_client, groups::revoked_refreshed,
    groups::altered_header, groups::altered_payload, groups::altered_signature, groups::algorithm, groups::key,
    groups::spliced, groups::no_token};

// ---- asking ----

std::string form_encoded(std::string_view text)
{
    std::ostringstream out;
    out << std::hex << std::uppercase << std::setfill('0');
    for (char const c : text)
        out << '%' << std::setw(2) << static_cast<unsigned>(static_cast<unsigned char>(c));
    return out.str();
}

// Whether a token is accepted, and whose it is then: a user's name, or else a client's id.
struct answer
{
    pks::error_code refusal;
    std::string name;
};

answer ask_uaa(running_uaa& uaa, std::string const& token)
{
    // pks_client and its secret.
    auto const got = uaa.ask(
        "POST", "/check_token", "Basic cGtzX2NsaWVudDpwa3MtY2xpZW50LXNlY3JldA==", "token=" + form_encoded(token));
    if (got.status == 200) {
        auto const claims = boost::json::parse(got.body).as_object();
        return {{}, std::string(claims.at(claims.contains("user_name") ? "user_name" : "client_id").as_string())};
    }
    // UAA 77.18 answers 500 for a header `typ` that is not JWT.
    BOOST_TEST_REQUIRE((got.status == 400 || got.status == 500), got.status << ": " << got.body);
    return {token_errc::inactive, {}};
}

// Tells it from the thread that runs the validator.
class told
{
public:
    explicit told(std::shared_ptr<std::promise<answer>> to) : to_(std::move(to)) {}

    void operator()(pks::error_code ec, pks::identity const& whose) const
    {
        to_->set_value({ec, ec ? std::string() : std::string(whose.name())});
    }

private:
    std::shared_ptr<std::promise<answer>> to_;
};

std::future<answer> validate(pks::validator v, std::string const& token)
{
    auto const promise = std::make_shared<std::promise<answer>>();
    auto out = promise->get_future();
    v.async_validate_token(token, told(promise));
    return out;
}

std::vector<pks::validator> validators(running_uaa& uaa)
{
    std::vector<pks::validator> out;
    for (auto const& m : modes) {
        pks::validator_options options(uaa.url(), uaa.trust());
        options.rules = pks::testing::pks_api::rules(options.rules.issuer);
        options.how = m.how;
        options.asks = m.asks;
        options.as = pks::client_authentication::basic("pks_client", pks::secret("pks-client-secret"));
        options.clock = uaa.clock();
        options.fetch_deadline = std::chrono::minutes(5);
        out.emplace_back(uaa.executor(), std::move(options));
    }
    return out;
}

// ---- comparing ----

class comparison
{
public:
    void count(std::string_view group, answer const& uaa)
    {
        auto& row = table_[group];
        ++row.tokens;
        row.good += uaa.refusal ? 0 : 1;
    }

    void compare(std::string_view group, answer const& uaa, std::size_t i, answer const& said)
    {
        auto const& m = modes[i];
        auto const ec = said.refusal;
        bool const good = !uaa.refusal;
        auto const where = bit_of(m);
        auto const* const refusal = find_stricter(group, where);
        bool const must_accept = good ? refusal == nullptr : is_unaware(group, where);
        auto const context = std::string(group) + ", " + std::string(m.name) + ": " +
            (ec ? conform::name_of(ec) : "accepted") + ", and the UAA " + (good ? "accepts" : "refuses");
        BOOST_CHECK_MESSAGE(must_accept == !ec, context);
        // Any other failure would say that it could not be found out.
        BOOST_CHECK_MESSAGE(!ec || ec == pks::condition::unauthorized, context);
        if (good && !ec)
            BOOST_TEST(said.name == uaa.name, context);
        if (good && refusal) {
            BOOST_CHECK_MESSAGE(refusal->error == ec, context);
            used_.insert(refusal);
        }
        table_[group].accepted[i] += ec ? 0 : 1;
    }

    void expect_complete() const
    {
        int tokens = 0;
        for (auto const& [group, row] : table_)
            tokens += row.tokens;
        BOOST_TEST(tokens >= 200);
        expect(accepted_by_uaa, true);
        expect(refused_by_uaa, false);
        BOOST_TEST(table_.size() == accepted_by_uaa.size() + refused_by_uaa.size());
        for (auto const& line : all_stricter())
            BOOST_CHECK_MESSAGE(used_.contains(&line), "nothing was refused that is " << line.group);
    }

    std::string text() const
    {
        std::ostringstream out;
        out << std::left << std::setw(34) << "accepted by" << std::right << std::setw(8) << "tokens" << std::setw(8)
            << "UAA";
        for (auto const& m : modes)
            out << std::setw(20) << m.name;
        for (auto const& [group, row] : table_) {
            out << '\n'
                << std::left << std::setw(34) << group << std::right << std::setw(8) << row.tokens << std::setw(8)
                << row.good;
            for (auto const n : row.accepted)
                out << std::setw(20) << n;
        }
        return out.str();
    }

private:
    struct sums
    {
        int tokens = 0;
        int good = 0; // for the UAA
        std::array<int, modes.size()> accepted{};
    };

    template <class Groups>
    void expect(Groups const& some, bool good) const
    {
        for (auto const group : some) {
            auto const at = table_.find(group);
            BOOST_CHECK_MESSAGE(at != table_.end(), "no token: " << group);
            if (at != table_.end())
                BOOST_TEST(at->second.good == (good ? at->second.tokens : 0), group);
        }
    }

    static stricter const* find_stricter(std::string_view group, unsigned where)
    {
        for (auto const& line : all_stricter())
            if (line.group == group && (line.where & where) != 0)
                return &line;
        return nullptr;
    }

    static bool is_unaware(std::string_view group, unsigned where)
    {
        return std::any_of(all_unaware.begin(), all_unaware.end(),
            [&](unaware const& line) { return line.group == group && (line.where & where) != 0; });
    }

    std::map<std::string_view, sums> table_;
    std::set<stricter const*> used_;
};

void expect_agreement(running_uaa& uaa)
{
    auto const tokens = mixed_tokens(uaa);
    auto const asked = validators(uaa);
    comparison all;
    for (auto const& [group, token] : tokens) {
        BOOST_TEST_CHECKPOINT(group);
        std::vector<std::future<answer>> said;
        for (auto const& v : asked)
            said.push_back(validate(v, token));
        auto const by_uaa = ask_uaa(uaa, token);
        all.count(group, by_uaa);
        for (std::size_t i = 0; i < modes.size(); ++i)
            all.compare(group, by_uaa, i, said[i].get());
    }
    all.expect_complete();
    BOOST_TEST_MESSAGE(uaa.url() << ", " << tokens.size() << " tokens:\n" << all.text());
}

} // namespace

BOOST_AUTO_TEST_SUITE(testing_agreement)

BOOST_AUTO_TEST_CASE(with_the_embedded_uaa_4_30)
{
    running_uaa uaa(pks::testing::uaa_generation::v4_30);
    expect_agreement(uaa);
}

BOOST_AUTO_TEST_CASE(with_the_embedded_uaa_77_18)
{
    running_uaa uaa(pks::testing::uaa_generation::v77_18);
    expect_agreement(uaa);
}

BOOST_AUTO_TEST_CASE(with_a_real_uaa)
{
    auto const* const url = std::getenv("PKS_TEST_UAA");
    auto const* const ca = std::getenv("PKS_TEST_CA");
    if (!url || !ca) {
        BOOST_TEST_MESSAGE("skipped: agreement with a real UAA (test/run --only live starts one)");
        return;
    }
    running_uaa uaa(url, ca);
    expect_agreement(uaa);
}

BOOST_AUTO_TEST_SUITE_END()
