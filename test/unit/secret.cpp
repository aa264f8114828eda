// secret: copies, moves, comparison, no way to a stream, and what is left in memory afterwards.
#include <pks/secret.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace {

using pks::secret;

template <class Stream, class T>
concept streams = requires(Stream& stream, T const& value) { stream << value; };

template <class T>
concept hashes = requires(T const& value) { std::hash<T>()(value); };

static_assert(!streams<std::ostream, secret>);
static_assert(!streams<std::stringstream, secret>);
static_assert(!streams<std::wostream, secret>);
static_assert(!hashes<secret>);

static_assert(!std::is_aggregate_v<secret>);
static_assert(std::is_nothrow_default_constructible_v<secret>);
static_assert(std::is_copy_constructible_v<secret> && std::is_copy_assignable_v<secret>);
static_assert(std::is_nothrow_move_constructible_v<secret> && std::is_nothrow_move_assignable_v<secret>);
static_assert(std::is_nothrow_destructible_v<secret>);

// Neither way is implicit.
static_assert(std::is_constructible_v<secret, std::string_view> && !std::is_convertible_v<std::string_view, secret>);
static_assert(!std::is_convertible_v<char const*, secret> && !std::is_convertible_v<std::string, secret>);
static_assert(!std::is_convertible_v<secret, std::string_view> && !std::is_constructible_v<std::string, secret>);
static_assert(!std::is_constructible_v<std::string_view, secret> && !std::is_convertible_v<secret, bool>);
static_assert(!std::is_assignable_v<secret&, std::string_view> && !std::is_assignable_v<secret&, char const*>);
static_assert(!std::is_constructible_v<bool, secret>);

// What a secret gives back to the heap; looked at while one is watched.
std::size_t watched_size = 0;
std::size_t given_back = 0;
std::size_t given_back_unwiped = 0;

void look_at(char const* memory) noexcept
{
    if (watched_size == 0 || memory == nullptr)
        return;
    ++given_back;
    for (std::size_t i = 0; i < watched_size; ++i)
        if (memory[i] == 'S') {
            ++given_back_unwiped;
            return;
        }
}

// Watches blocks of a size: every array that is given back meanwhile must have it.
class watch
{
public:
    explicit watch(std::size_t size)
    {
        given_back = given_back_unwiped = 0;
        watched_size = size;
    }
    watch(watch const&) = delete;
    watch& operator=(watch const&) = delete;
    ~watch()
    {
        watched_size = 0;
    }
};

constexpr std::size_t size = 100;

} // namespace

void* operator new[](std::size_t n)
{
    if (void* const memory = std::malloc(n == 0 ? 1 : n))
        return memory;
    throw std::bad_alloc();
}

void operator delete[](void* memory) noexcept
{
    look_at(static_cast<char const*>(memory));
    std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    look_at(static_cast<char const*>(memory));
    std::free(memory);
}

BOOST_AUTO_TEST_SUITE(values_secret)

BOOST_AUTO_TEST_CASE(empty)
{
    secret const none;
    BOOST_TEST(none.empty());
    BOOST_TEST(none.reveal() == "");
    BOOST_TEST((none == secret("")));
    BOOST_TEST(secret(std::string_view()).empty());
}

BOOST_AUTO_TEST_CASE(holds_any_octets)
{
    std::string every;
    for (int octet = 0; octet < 256; ++octet)
        every += static_cast<char>(octet);
    secret const s{std::string_view(every)};
    BOOST_TEST(!s.empty());
    BOOST_TEST((s.reveal() == every));
    // A copy of its own.
    every.assign(every.size(), 'x');
    BOOST_TEST((s.reveal().front() == '\0'));
}

BOOST_AUTO_TEST_CASE(copies_are_independent)
{
    secret const a("first");
    secret b(a);
    BOOST_TEST(b.reveal() == "first");
    BOOST_TEST((a.reveal().data() != b.reveal().data()));
    b = secret("second, longer");
    BOOST_TEST(a.reveal() == "first");
    BOOST_TEST(b.reveal() == "second, longer");
    b = a;
    BOOST_TEST(b.reveal() == "first");
    secret const none;
    b = none;
    BOOST_TEST(b.empty());
}

BOOST_AUTO_TEST_CASE(moves_leave_nothing)
{
    secret a("first");
    auto const* const where = a.reveal().data();
    secret b(std::move(a));
    BOOST_TEST(b.reveal() == "first");
    BOOST_TEST((b.reveal().data() == where));
    BOOST_TEST(a.empty());
    BOOST_TEST(a.reveal() == "");
    secret c("other");
    c = std::move(b);
    BOOST_TEST(c.reveal() == "first");
    BOOST_TEST(b.empty());
    b = secret("again");
    BOOST_TEST(b.reveal() == "again");
}

BOOST_AUTO_TEST_CASE(assignment_to_itself)
{
    secret a("first");
    auto& same = a;
    a = same;
    BOOST_TEST(a.reveal() == "first");
    a = std::move(same);
    BOOST_TEST(a.reveal() == "first");
}

BOOST_AUTO_TEST_CASE(comparison)
{
    BOOST_TEST((secret("abc") == secret("abc")));
    BOOST_TEST((secret() == secret()));
    for (auto const* other : {"", "ab", "abcd", "abC", "Abc", "xbc"}) {
        BOOST_TEST(!(secret("abc") == secret(other)), other);
        BOOST_TEST((secret("abc") != secret(other)), other);
    }
    BOOST_TEST((secret(std::string_view("a\0b", 3)) != secret(std::string_view("a\0c", 3))));
    BOOST_TEST((secret(std::string_view("a\0", 2)) != secret("a")));
}

BOOST_AUTO_TEST_CASE(destruction_wipes)
{
    {
        secret const s(std::string(size, 'S'));
        watch const watching(size);
        std::make_unique<secret>(s).reset();
        BOOST_TEST(given_back == 1u);
    }
    BOOST_TEST(given_back_unwiped == 0u);
}

BOOST_AUTO_TEST_CASE(assignment_wipes_what_was_there)
{
    secret const other(std::string(size, 'T'));
    secret moved(std::string(size, 'T'));
    secret a(std::string(size, 'S'));
    secret b(std::string(size, 'S'));
    secret c(std::string(size, 'S'));
    {
        watch const watching(size);
        a = other;
        b = std::move(moved);
        c = secret();
    }
    BOOST_TEST(given_back == 3u);
    BOOST_TEST(given_back_unwiped == 0u);
    BOOST_TEST((a == other));
    BOOST_TEST((b == other));
    BOOST_TEST(c.empty());
}

BOOST_AUTO_TEST_CASE(moves_copy_no_octets)
{
    secret a(std::string(size, 'S'));
    {
        watch const watching(size);
        secret b(std::move(a));
        secret c;
        c = std::move(b);
        a = std::move(c);
    }
    BOOST_TEST(given_back == 0u);
    BOOST_TEST(a.reveal().size() == size);
}

// The watch itself sees what is not wiped.
BOOST_AUTO_TEST_CASE(the_watch_sees)
{
    auto memory = std::make_unique<char[]>(size);
    // Volatile: what is stored right before its end may be left out.
    static_cast<char volatile&>(memory[size - 1]) = 'S';
    {
        watch const watching(size);
        memory.reset();
    }
    BOOST_TEST(given_back_unwiped == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
