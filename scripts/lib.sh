# shellcheck shell=bash
# What scripts/demo and scripts/test share: headings, and the set-up of the machine.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# The schema registry of the local bus runs on this one or a newer one; Kafka on older ones too.
readonly java_needed=21

heading() {
  printf '\n== %s\n' "$*" >&2
}

fail() {
  printf '\n%s: %s\n' "$0" "$*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null
}

# set_up PROGRAM...: makes sure of Rust, a Java that is new enough, a C compiler, OpenSSL's headers and these programs.
# Installs what is missing where that takes no question, else says the command and ends.
set_up() {
  need_rust
  local missing=() program java_is_missing=
  for program in cc make pkg-config "$@"; do
    have "$program" || missing+=("$(package_of "$program")")
  done
  # The client for records is built against the system's OpenSSL.
  pkg-config --exists openssl 2>/dev/null || missing+=(libssl-dev)
  has_java || java_is_missing=yes
  if [[ ${missing[*]} || $java_is_missing ]]; then
    install_packages "$java_is_missing" "${missing[@]}"
  fi
}

# obtain_tool NAME VERSION: puts this version of a program of cargo's onto the PATH. It is built once and kept in the cache.
obtain_tool() {
  local root=${BUSCTL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/busctl}/tools/$1-$2
  if [[ ! -x $root/bin/$1 ]]; then
    heading "Installing $1 $2"
    cargo install "$1" --version "$2" --locked --root "$root" || return
  fi
  PATH=$root/bin:$PATH
}

package_of() {
  case $1 in
    cc) echo build-essential ;;
    mvn) echo maven ;;
    ps) echo procps ;;
    *) echo "$1" ;;
  esac
}

need_rust() {
  if ! have cargo && [[ -r $HOME/.cargo/env ]]; then
    # shellcheck source=/dev/null
    . "$HOME/.cargo/env"
  fi
  local install="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . ~/.cargo/env"
  have cargo || fail "Rust is missing. Install it, then run this again:
  $install"
  local wanted version
  wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
  version=$(cargo --version | cut -d' ' -f2)
  if ! printf '%s\n' "$wanted" "$version" | sort -VC; then
    have rustup && install="rustup update stable"
    fail "Rust $wanted or newer is needed; cargo here is $version. Run this, then try again:
  $install"
  fi
}

# Looks where busctl does: what the user chose, then where systems and version managers keep theirs.
has_java() {
  local home version
  for home in "${JAVA_HOME:-}" "$(home_on_path)" /usr/lib/jvm/* /usr/java/* /opt/* /opt/java/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.asdf/installs/java/* "$HOME"/.local/share/mise/installs/java/* \
    "$HOME"/.jenv/versions/* "$HOME"/.jdks/*; do
    [[ -x $home/bin/java && -r $home/release ]] || continue
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    ((${version:-0} >= java_needed)) && return
  done
  # A version manager's shim hides its home.
  have java || return
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
  ((${version:-0} >= java_needed))
}

home_on_path() {
  local program
  program=$(command -v java) && dirname "$(dirname "$(readlink -f "$program")")"
}

# install_packages JAVA_IS_MISSING PACKAGE...: JAVA_IS_MISSING is empty where a Java is there.
install_packages() {
  local java_is_missing=$1 packages=("${@:2}") java
  have apt-get || fail "missing on this machine: ${packages[*]}${java_is_missing:+ Java $java_needed or newer}
Install them, then run this again."
  local as_root=() may_install=yes
  if ((EUID != 0)); then
    as_root=(sudo)
    { have sudo && sudo -n true 2>/dev/null; } || may_install=
  fi
  if [[ $may_install ]]; then
    heading "Installing packages"
    # A source that does not answer need not matter for what is missing.
    "${as_root[@]}" apt-get update -q || true
  fi
  if [[ $java_is_missing ]]; then
    java=$(java_package) || fail "$(no_java_package "${packages[@]}")"
    packages+=("$java")
  fi
  local command=(apt-get install -y --no-install-recommends "${packages[@]}")
  [[ $may_install ]] || fail "missing on this machine: ${packages[*]}. Run this, then try again:
  sudo apt-get update && sudo ${command[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${command[@]}" ||
    fail "the packages could not be installed; the command was: ${as_root[*]} ${command[*]}"
}

# The oldest Java of the system's packages that is new enough.
java_package() {
  apt-cache pkgnames openjdk- | sed -n 's/^openjdk-\([0-9]*\)-jre-headless$/\1/p' | sort -n |
    awk -v needed="$java_needed" '$1 >= needed { print "openjdk-" $1 "-jre-headless"; found = 1; exit }
      END { exit !found }'
}

no_java_package() {
  local system key=/etc/apt/keyrings/adoptium.asc source="https://packages.adoptium.net/artifactory"
  system=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  cat <<END
Java $java_needed or newer is missing, and the package sources of this machine have none. Adoptium has one; run this,
then try again:
  sudo apt-get update && sudo apt-get install -y curl ca-certificates $*
  sudo mkdir -p ${key%/*}
  curl -fsSL $source/api/gpg/key/public | sudo tee $key >/dev/null
  echo "deb [signed-by=$key] $source/deb $system main" | sudo tee /etc/apt/sources.list.d/adoptium.list
  sudo apt-get update && sudo apt-get install -y temurin-$java_needed-jre
END
}
