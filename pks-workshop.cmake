# How this project builds its own programs: never read by a project that uses the library.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# A unit that instantiates Beast takes a gigabyte and more, so memory bounds the jobs as much as the cores do.
cmake_host_system_information(RESULT pks_cores QUERY NUMBER_OF_LOGICAL_CORES)
cmake_host_system_information(RESULT pks_memory QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR pks_jobs "${pks_memory} / 1536 + 1")
if(pks_jobs GREATER pks_cores)
    set(pks_jobs ${pks_cores})
endif()
set_property(GLOBAL PROPERTY JOB_POOLS compile=${pks_jobs} link=1)
set(CMAKE_JOB_POOL_COMPILE compile)
set(CMAKE_JOB_POOL_LINK link)

find_program(PKS_CCACHE ccache)
if(PKS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PKS_CCACHE})
endif()

include(CheckLinkerFlag)
foreach(linker IN ITEMS mold lld)
    check_linker_flag(CXX -fuse-ld=${linker} PKS_LINKER_${linker})
    if(PKS_LINKER_${linker})
        add_link_options(-fuse-ld=${linker})
        break()
    endif()
endforeach()

if(PKS_SANITIZE)
    add_compile_options(-fsanitize=${PKS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${PKS_SANITIZE})
    # Asio's reference counts order the end of an object with a fence, which the thread sanitizer does not know.
    if(PKS_SANITIZE MATCHES "thread")
        add_compile_definitions(BOOST_ASIO_DISABLE_STD_ATOMIC)
    endif()
endif()

# Linked by every program of ours; the library's own targets never carry it.
add_library(pks_warnings INTERFACE)
target_compile_options(pks_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
