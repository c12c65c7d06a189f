# Shell functions that install what the project needs, on Debian and its kin. To be sourced after
# steps.sh, from the root of the repository.
#
# What is there is asked of dpkg, so that nothing is fetched, and no root needed, the second time.

# What the module is built from and loaded into. apache2-bin is httpd without a service that starts.
MODULE_PACKAGES=(
  g++ cmake ninja-build pkg-config
  apache2-bin apache2-dev
  libtiff-dev libopenjp2-7-dev libjpeg-dev libpng-dev zlib1g-dev libwebp-dev libavif-dev libzimg-dev
  liblcms2-dev libxxhash-dev libsodium-dev libseccomp-dev libexpected-dev nlohmann-json3-dev
)
# What makes the sample and test pictures.
PICTURE_PACKAGES=(libvips-tools libopenjp2-tools libjpeg-turbo-progs python3 python3-numpy python3-pil)
# What the tests run on top of it.
CHECK_PACKAGES=(
  libgtest-dev libgmock-dev
  clang libclang-rt-dev clang-format clang-tidy
  python3-pytest python3-pytest-xdist curl nghttp2-client strace procps openssl memcached
  libtiff-tools openjph-tools libavif-bin libimage-exiftool-perl
  python3-prometheus-client python3-matplotlib
  chromium-headless-shell
)

# node_packages: prints what is missing to install the viewers from npm; node may have come from
# elsewhere than Debian.
node_packages() {
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}

# missing_packages PACKAGE...: prints those that are not installed.
missing_packages() {
  comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^ii *//p' | sort -u)
}

# install_packages PACKAGE...: installs what is missing, or says what to do.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    printf 'This is not Debian: taking for granted that the equivalents of these are installed:\n'
    printf '  %s\n' "$*"
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0

  local install=(env DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "${missing[@]}")
  local update=(apt-get update)
  if ((EUID != 0)); then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
      sudo -v || true  # asks for the password here, where it can be seen
      install=(sudo "${install[@]}")
      update=(sudo "${update[@]}")
    else
      printf 'These packages are missing, and only root can install them:\n\n'
      printf '  apt-get install --no-install-recommends %s\n\n' "${missing[*]}"
      fail "Then run this again."
    fi
  fi
  printf 'Missing packages: %s\n' "${missing[*]}"
  step "Reading the list of packages" build/log/apt-update.log "${update[@]}"
  step "Installing ${#missing[@]} packages" build/log/apt-install.log "${install[@]}"
}

# install_node_modules FOLDER INTO: what FOLDER/package-lock.json names, into INTO/node_modules,
# unless that is what is there.
install_node_modules() {
  local folder=$1 into=$2
  cmp -s "$folder/package-lock.json" "$into/installed-package-lock.json" && return
  mkdir -p "$into"
  cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" "$into/"
  step "Installing from npm for $folder/" "build/log/npm-${folder//\//-}.log" \
    npm ci --ignore-scripts --prefix "$into"
  cp "$folder/package-lock.json" "$into/installed-package-lock.json"
}

# configure_build FOLDER OPTION...: runs cmake, with ninja where the folder is new.
configure_build() {
  local folder=$1
  shift
  if [[ -f $folder/CMakeCache.txt ]]; then
    cmake -S . -B "$folder" "$@"
  else
    cmake -S . -B "$folder" -G Ninja "$@"
  fi
}
