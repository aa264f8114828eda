# pks::compiled and pks::testing_compiled, from the headers alone: in this build as in that of whoever finds the package.
# The bodies are compiled in the user's build, with the user's flags, standard library and sanitizers.
include_guard(GLOBAL)

# Asio stands in an object of its own: a program that already compiles Asio's bodies never pulls it from the archive.
foreach(pks_part IN ITEMS asio pks testing)
    set(pks_${pks_part}_source ${CMAKE_CURRENT_BINARY_DIR}/pks-compiled/${pks_part}.cpp)
endforeach()
file(CONFIGURE OUTPUT ${pks_asio_source}
     CONTENT "#include <boost/asio/impl/src.hpp>\n#include <boost/asio/ssl/impl/src.hpp>\n")
file(CONFIGURE OUTPUT ${pks_pks_source} CONTENT "#include <pks/src.hpp>\n")
file(CONFIGURE OUTPUT ${pks_testing_source} CONTENT "#include <pks/testing/src.hpp>\n")

add_library(pks_compiled STATIC EXCLUDE_FROM_ALL ${pks_asio_source} ${pks_pks_source})
add_library(pks::compiled ALIAS pks_compiled)
target_link_libraries(pks_compiled PUBLIC pks::pks)
target_compile_definitions(pks_compiled PUBLIC PKS_SEPARATE_COMPILATION BOOST_ASIO_SEPARATE_COMPILATION)

add_library(pks_testing_compiled STATIC EXCLUDE_FROM_ALL ${pks_testing_source})
add_library(pks::testing_compiled ALIAS pks_testing_compiled)
target_link_libraries(pks_testing_compiled PUBLIC pks::testing pks::compiled)
