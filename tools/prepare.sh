# Sourced by ./zoo and tools/test: makes ready what they need. Everything is safe to repeat and silent when all is there.
# Needs $root.

say() { printf '%s\n' "$*" >&2; }
refuse() { say "error: $1"; say "try:   $2"; exit 1; }

require_sdk() {
  case $(dotnet --version 2> /dev/null) in
    10.*) ;;
    *) refuse ".NET SDK 10 is not there" "install it (https://dot.net), then repeat" ;;
  esac
  command -v npm > /dev/null || refuse "npm is not there" "install Node.js 20, then repeat"
}

# The Debian packages that hold what is missing of the programs a platform runs on. A server given by address is not missing.
servers_missing() {
  local missing=()
  [ -n "${ConnectionStrings__postgres:-}${ZOO_POSTGRES_BIN:-}" ] || command -v postgres > /dev/null \
    || compgen -G '/usr/lib/postgresql/*/bin/postgres' > /dev/null || missing+=(postgresql)
  [ -n "${ConnectionStrings__redis:-}${ZOO_REDIS_SERVER:-}" ] || command -v redis-server > /dev/null || missing+=(redis-server)
  { command -v setpriv && command -v flock && command -v prlimit; } > /dev/null || missing+=(util-linux)
  echo "${missing[*]}"
}

# What the tests need beside that; with --long: what the long ones do, too.
test_programs_missing() {
  local missing=()
  [ "${1:-}" != --long ] || command -v rclone > /dev/null || missing+=(rclone)
  command -v git > /dev/null || missing+=(git)
  command -v strace > /dev/null || missing+=(strace)
  command -v git-lfs > /dev/null || missing+=(git-lfs)
  command -v skopeo > /dev/null || missing+=(skopeo)
  command -v curl > /dev/null || missing+=(curl)
  command -v unzip > /dev/null || missing+=(unzip)
  command -v python3 > /dev/null || missing+=(python3)
  { command -v radosgw && command -v radosgw-admin && command -v ceph && command -v ceph-mon && command -v ceph-osd; } > /dev/null || missing+=(ceph-mon ceph-osd ceph-common radosgw)
  if grep -qs Microsoft.Playwright "$root"/tests/*/*.csproj; then
    command -v chromium > /dev/null || missing+=(chromium)
  fi
  echo "${missing[*]}"
}

# The peers that figures are held against.
peers_missing() {
  local missing=()
  command -v curl > /dev/null || missing+=(curl)
  command -v nginx > /dev/null || missing+=(nginx-light)
  command -v wrk > /dev/null || missing+=(wrk)
  command -v docker-registry > /dev/null || missing+=(docker-registry)
  echo "${missing[*]}"
}

# $1: package names in one string.
install_missing() {
  [ -n "$1" ] || return 0
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    say "error: not installed: $1"
    say "try:   sudo apt-get install --no-install-recommends $1"
    say "       or give addresses of running servers: ConnectionStrings__postgres='Host=...;Username=...;Password=...'"
    say "       ConnectionStrings__redis='host:6379,password=...' ConnectionStrings__meilisearch='Endpoint=http://...;MasterKey=...'"
    exit 1
  fi
  say "installing $1 ..."
  # The programs are wanted, not the system's services: apt must not start them now, nor the machine at its next boot.
  local policy=/usr/sbin/policy-rc.d log
  log=$(mktemp)
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod 755 $policy
    trap "rm -f $policy" EXIT
  fi
  # A fresh machine has no package lists yet; an old one may have stale ones.
  # shellcheck disable=SC2086
  apt_install $1 > "$log" 2>&1 || { apt-get update -qq && apt_install $1; } > "$log" 2>&1 \
    || { cat "$log" >&2; refuse "apt could not install: $1" "install them by hand, then repeat"; }
  if command -v systemctl > /dev/null; then
    case " $1 " in *" postgresql "*) systemctl disable -q postgresql >> "$log" 2>&1 || true ;; esac
    case " $1 " in *" docker-registry "*) systemctl disable -q docker-registry >> "$log" 2>&1 || true ;; esac
    case " $1 " in *" radosgw "*) systemctl disable -q ceph.target ceph-mon.target ceph-osd.target ceph-radosgw.target ceph-crash.service >> "$log" 2>&1 || true ;; esac
    case " $1 " in *" redis-server "*) systemctl disable -q redis-server >> "$log" 2>&1 || true ;; esac
  fi
  rm -f "$log"
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

# build_once NAME "PATHS" PROJECT...: builds the projects in Release, unless no file below the paths (or among the root's build
# files) has come, gone or changed since they were built under this name.
build_once() {
  local stamp=$root/.tools/built-$1 paths=$2 log state
  shift 2
  [ "$(sources "$paths")" != "$(cat "$stamp" 2> /dev/null)" ] || return 0
  mkdir -p "$root/.tools"
  (
    flock 9
    state=$(sources "$paths")
    [ "$state" != "$(cat "$stamp" 2> /dev/null)" ] || exit 0
    say "building ..."
    log=$(mktemp)
    for project in "$@"; do
      (cd "$root" && dotnet build "$project" -c Release -v quiet -nologo > "$log" 2>&1) \
        || { cat "$log" >&2; rm -f "$log"; refuse "$project does not build" "mend what the lines above say"; }
    done
    rm -f "$log"
    "$root/tools/precompile"
    echo "$state" > "$stamp"
  ) 9> "$root/.tools/.build.lock" || exit 1
}

# built NAME "PATHS": another build made these too, so build_once has nothing to do for them.
built() { sources "$2" > "$root/.tools/built-$1"; }

# One hash over name, size and time of every source file. Builds write lock files themselves, so those do not count.
sources() {
  # shellcheck disable=SC2086
  (cd "$root" && find Directory.* BannedSymbols.txt .editorconfig $1 \
    \( -name bin -o -name obj -o -name node_modules -o -path services/Web/wwwroot/ui \) -prune \
    -o -type f ! -name packages.lock.json -printf '%p %s %T@\n') | sort | sha256sum
}
