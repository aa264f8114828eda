# What the peers of bench/validate share: where they are built, and their arguments.

here=$(dirname "$(realpath "$0")")
source "$here/../../../../test/peers/lib.sh"

cache=$(cache_of "bench-$peer")

# Sets `data` and `contestants`.
read_arguments() {
  local usage="usage: $peer/run [--install] FOLDER [CONTESTANT...]"
  if [[ ${1:-} == --install ]]; then
    install=yes
    shift
  fi
  [[ ${1:-} != -h && ${1:-} != --help ]] || { echo "$usage"; exit 0; }
  [[ -d ${1:-} ]] || { echo "$usage" >&2; exit 2; }
  data=$(realpath "$1")
  contestants=("${@:2}")
}
