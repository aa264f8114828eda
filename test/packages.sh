# Debian packages, by what they are for, and how to get those that are missing. Sourced by every script that needs some.

# Debian 12 has two releases of Boost and the newer one only by number; later systems have a newer one by name.
boost_packages() {
    local release=
    . /etc/os-release 2>/dev/null || true
    [[ ${VERSION_CODENAME:-} == bookworm ]] && release=1.81
    echo "libboost${release}-dev libboost-json${release}-dev libboost-test${release}-dev" \
        "libboost-program-options${release}-dev"
}

# packages_of GROUP
packages_of() {
    case $1 in
        build) echo "g++ cmake ninja-build libssl-dev $(boost_packages)" ;;
        consume) echo "pkgconf" ;;
        faster) echo "ccache mold" ;;
        sanitizers) echo "clang-19 libclang-rt-19-dev lld-19" ;;
        libcxx) echo "clang-19 libc++-19-dev libc++abi-19-dev lld-19" ;;
        pip) echo "python3 python3-pip python3-venv" ;;
        root) echo "mmdebstrap" ;;
        format) echo "clang-format-19" ;;
        live) echo "openjdk-17-jdk-headless maven openssl unzip util-linux" ;;
        bench) echo "libjwt-dev libcjose-dev libjansson-dev libcpp-jwt-dev nlohmann-json3-dev pkgconf python3" \
            "python3-matplotlib" ;;
        bench_load) echo "wrk nghttp2-client libcurl4-openssl-dev python3 python3-matplotlib nodejs" ;;
        balancer) echo "haproxy" ;;
        certificates) echo "ca-certificates" ;;
        *) echo "no package group $1" >&2; return 1 ;;
    esac
}

# On a system without dpkg nothing is missing as far as this can tell, and CMake finds out the rest.
missing_packages() { # GROUP...
    command -v dpkg-query >/dev/null 2>&1 || return 0
    local group package
    for group; do
        for package in $(packages_of "$group"); do
            [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
        done
    done | sort -u | xargs
}

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 3
    fi
}

apt_install() { # PACKAGE...
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" </dev/null
}

# Installs what is missing. 3 where that cannot be done, after the line that does it.
need_packages() { # GROUP...
    local missing log
    missing=$(missing_packages "$@")
    [[ -n $missing ]] || return 0
    log=$(mktemp)
    # A machine that was never updated knows no package, and one updated long ago knows files that are gone.
    # shellcheck disable=SC2086
    if { apt_install $missing || { as_root apt-get update && apt_install $missing; }; } >"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    grep -E '^(E|W): ' "$log" | tail -n 3 >&2
    rm -f "$log"
    echo "missing: $missing" >&2
    echo "as root: apt-get update && apt-get install --yes --no-install-recommends $missing" >&2
    return 3
}
