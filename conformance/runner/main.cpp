// pks-conform: plays recorded exchanges and suites to the library and says what differs.
#include "runner/program.hpp"

int main(int argc, char** argv)
{
    return conform::run_program(argc, argv);
}
