// The entry of every Boost.Test program.
#define BOOST_TEST_MODULE pks
#ifdef PKS_BOOST_FROM_SOURCE
#include <boost/test/included/unit_test.hpp>
#else
#include <boost/test/unit_test.hpp>
#endif
