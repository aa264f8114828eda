// cost: runs a command and prints the CPU seconds and the peak megabytes that it took.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fputs("usage: cost COMMAND ARGUMENT...\n", stderr);
        return 2;
    }
    pid_t const child = ::fork();
    if (child == 0) {
        ::execvp(argv[1], argv + 1);
        std::perror(argv[1]);
        ::_exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || ::wait4(child, &status, 0, &used) != child) {
        std::perror("cost");
        return 3;
    }
    // Of a compiler driver this counts its children too: the sum of their times, the largest of their peaks.
    auto const seconds = static_cast<double>(used.ru_utime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec) / 1e6;
    std::printf("%.3f %.1f\n", seconds, static_cast<double>(used.ru_maxrss) / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
