# What the scripts of bench/validate, micro and load share: their options, python, the build. Sourced with `usage`, a
# function, and `known`, the contestants, in place.

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(dirname "$bench")
. "$root/test/packages.sh"

json=
svg=
seconds=1
runs=5
install=no
strict=no
only=()

wrong_usage() {
    usage >&2
    exit 2
}

# take_options OPTION... : those of each script alone are left to `own_option NAME VALUE`, which fails where there is none.
take_options() {
    while (($#)); do
        case $1 in
            -h | --help) usage; exit 0 ;;
            --install) install=yes; shift; continue ;;
            --strict) strict=yes; shift; continue ;;
        esac
        (($# > 1)) || wrong_usage
        case $1 in
            --json) json=$(realpath -m -- "$2") ;;
            --svg) svg=$(realpath -m -- "$2") ;;
            --seconds) [[ $2 =~ ^([0-9]+|[0-9]*\.[0-9]+)$ && $2 =~ [1-9] ]] || wrong_usage; seconds=$2 ;;
            --runs) [[ $2 =~ ^[1-9][0-9]{0,3}$ ]] || wrong_usage; runs=$2 ;;
            --only)
                [[ " $known " == *" $2 "* ]] || { echo "no contestant $2" >&2; exit 2; }
                only+=("$2")
                ;;
            *) own_option "$1" "$2" || wrong_usage ;;
        esac
        shift 2
    done
}

# need_python GROUP : sets `python`. The python3 that comes first need not be the one that Debian's matplotlib belongs to.
need_python() {
    local each needed=${svg:+, matplotlib}
    python=
    for each in python3 /usr/bin/python3; do
        "$each" -c "import json$needed" 2>/dev/null && python=$each && return
    done
    echo "missing: python3$needed; Debian: $(packages_of "$1")" >&2
    exit 3
}

# build_programs TARGET... : into $build/bin.
build_programs() {
    build=${PKS_BENCH_BUILD:-$root/build/bench}
    mkdir -p "$build"
    local settings=(-D CMAKE_BUILD_TYPE=Release -D CMAKE_CXX_FLAGS_RELEASE='-O2 -DNDEBUG' -D PKS_TESTS=OFF
        -D PKS_INSTALL=OFF)
    if ! { cmake -S "$root" -B "$build" -G Ninja "${settings[@]}" && cmake --build "$build" --target "$@"; } \
        >"$build/build.log" 2>&1; then
        tail -n 40 "$build/build.log" >&2
        echo "could not be built: $*" >&2
        exit 3
    fi
}

# The options of contest.py, in `options`.
contest_options() {
    local name
    options=(--seconds "$seconds" --runs "$runs")
    [[ -z $json ]] || options+=(--json "$json")
    [[ -z $svg ]] || options+=(--svg "$svg")
    [[ $install == no ]] || options+=(--install)
    [[ $strict == no ]] || options+=(--strict)
    for name in "${only[@]}"; do
        options+=(--only "$name")
    done
}
