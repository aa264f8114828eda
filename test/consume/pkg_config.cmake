# Builds and runs the program with a line of compiler and pkg-config.
if(NOT PKG_CONFIG)
    message(FATAL_ERROR "pkg-config is missing")
endif()
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/share/pkgconfig)
execute_process(
    COMMAND ${PKG_CONFIG} --cflags --libs pks
    OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "pkg-config --cflags --libs pks: ${flags}")
separate_arguments(flags UNIX_COMMAND "${flags}")
file(MAKE_DIRECTORY ${OUTPUT})
foreach(unit IN ITEMS program report)
    execute_process(
        COMMAND ${LAUNCHER} ${COMPILER} -std=c++20 ${flags} -c ${SOURCE}/${unit}.cpp -o ${OUTPUT}/${unit}.o
        COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(
    COMMAND ${COMPILER} ${OUTPUT}/program.o ${OUTPUT}/report.o -o ${OUTPUT}/consumer ${flags} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${OUTPUT}/consumer COMMAND_ERROR_IS_FATAL ANY)
