# What the peer programs share: their arguments, missing tools, and one line for each check.

peer=$(basename "$(dirname "$(realpath "$0")")")
cache_of() { # PEER : where what it fetches and builds is kept
  echo "${PKS_PEERS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pks-peers}/$1"
}
cache=$(cache_of "$peer")
uaa_url=
ca_file=
api_url=
issuer=
install=no
passed=0
failed=0

peer_usage() {
  cat <<U
usage: $peer/run URL CA_FILE [--api URL] [--issuer URL] [--install]

  URL           of the UAA, https only
  CA_FILE       PEM file of the CA that signed its certificate
  --api URL     the PKS API, for the peers that speak to it
  --issuer URL  issuer of the tokens                          URL/oauth/token
  --install     install the tools that are missing

exit  0 all passed, 1 a check failed, 2 usage or the UAA does not answer, 3 tools are missing
U
}

stop_with() { # exit status, text
  echo "$peer: $2" >&2
  exit "$1"
}

read_arguments() {
  local places=()
  while (( $# )); do
    case $1 in
      --api|--issuer)
        (( $# > 1 )) || stop_with 2 "$1 needs a value"
        if [[ $1 == --api ]]; then api_url=${2%/}; else issuer=$2; fi
        shift ;;
      --install) install=yes ;;
      -h|--help) peer_usage; exit 0 ;;
      -*) peer_usage >&2; exit 2 ;;
      *) places+=("$1") ;;
    esac
    shift
  done
  (( ${#places[@]} == 2 )) || { peer_usage >&2; exit 2; }
  uaa_url=${places[0]%/}
  ca_file=$(realpath "${places[1]}")
  [[ -r $ca_file ]] || stop_with 2 "cannot read $ca_file"
  [[ $uaa_url =~ ^https://(\[[0-9a-fA-F:]+\]|[^/:]+)(:([0-9]+))?(/.*)?$ ]] || stop_with 2 "not an https URL: $uaa_url"
  uaa_host=${BASH_REMATCH[1]}
  uaa_port=${BASH_REMATCH[3]:-443}
  : "${issuer:=$uaa_url/oauth/token}"
}

is_command() { command -v "$1" >/dev/null 2>&1; }

# need_packages COMMAND PACKAGE ... : one line that says what to install, or the installation itself.
need_packages() {
  local missing=()
  while (( $# )); do
    is_command "$1" || missing+=("$2")
    shift 2
  done
  (( ${#missing[@]} == 0 )) || install_or_name "${missing[@]}"
}

install_or_name() { # packages ...
  [[ $install == yes ]] || stop_with 3 "missing: $*; apt-get install --yes --no-install-recommends $*"
  apt_install "$@" || stop_with 3 "could not install $*"
}

apt_install() {
  local as_root=()
  (( EUID == 0 )) || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" >&2 && return
  "${as_root[@]}" apt-get update >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" >&2
}

# build_once STAMP FUNCTION WHAT : runs FUNCTION unless the cache already holds the result for this very STAMP.
# What is fetched from a registry is fetched only on request, so that a plain run stays without network.
build_once() {
  [[ -f $cache/stamp && $(<"$cache/stamp") == "$1" ]] && return
  [[ $install == yes ]] || stop_with 3 "missing: $3; run again with --install"
  mkdir -p "$cache"
  exec 8>"$cache/lock"
  flock 8
  if [[ ! -f $cache/stamp || $(<"$cache/stamp") != "$1" ]]; then
    rm -f "$cache/stamp"
    if ! ( "$2" ) >"$cache/build.log" 2>&1; then
      tail -n 20 "$cache/build.log" >&2
      stop_with 3 "could not fetch or build $3"
    fi
    echo "$1" >"$cache/stamp"
  fi
  exec 8>&-
}

# check NAME FUNCTION : FUNCTION sets `reason` and returns non-zero when something is not as it should be.
check() {
  reason=
  if "$2"; then
    echo "ok $1"
    (( ++passed ))
  else
    echo "not ok $1: ${reason:-failed}"
    (( ++failed ))
  fi
}

finish() {
  echo "$passed passed, $failed failed"
  (( failed == 0 && passed > 0 ))
}
