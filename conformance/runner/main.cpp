// pks-conform: replays recorded exchanges to the library and says what differs.
#include "runner/program.hpp"

int main(int argc, char** argv)
{
    return conform::run_program(argc, argv);
}
