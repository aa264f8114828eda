# Sourced after lib.sh: npm jose, in the cache.

jose_source=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

fetch_jose() {
  rm -rf "$cache/node_modules"
  cp "$jose_source/package.json" "$jose_source/package-lock.json" "$cache/"
  cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier
}

install_jose() { # sets jose_folder, where modules are looked up from
  local cache tools=(node nodejs) major
  cache=$(cache_of jose)
  [[ -f $cache/stamp ]] || tools+=(npm npm)
  need_packages "${tools[@]}"
  build_once "$(sha256sum <"$jose_source/package-lock.json")" fetch_jose 'npm package jose'
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  (( major >= 18 )) || stop_with 3 "node $major is too old, 18 is needed; Debian package: nodejs"
  jose_folder=$cache
}
