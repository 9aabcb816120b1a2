#!/usr/bin/env bash
# Does what a README says on a new Debian 12 that has nothing but its essential packages. On Debian, as root, with debootstrap:
#
#   tools/clean_machine.sh [--mirror URL] [--share PATH]… WHAT…
#
# WHAT is a folder, whose README's shell commands are run, or a script of this repository, run with git installed; each gets a
# machine of its own in a folder, with a clone of what is committed here. --mirror says where packages come from, else Debian's
# own server; --share lets the machine see a file or folder of this one, such as pip's configuration. PIP_* are passed on.
set -euo pipefail
[ -n "${CLEAN_MACHINE:-}" ] || CLEAN_MACHINE=1 exec unshare --mount "$0" "$@" # mounts are seen, and end, in here
cd "$(dirname "$0")/.."

mirror=""
shared=()
while [[ "${1:-}" == --* ]]; do
  case "$1" in
    --mirror) mirror=$2 ;;
    --share) shared+=("$(realpath --no-symlinks "$2")") ;;
    *) echo "unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# -gt 0 ] || { echo "usage: $0 [--mirror URL] [--share PATH]… WHAT…" >&2; exit 2; }

work=$(mktemp -d)
trap 'umount -R "$work"; rm -rf --one-file-system "$work"' EXIT
mount --bind "$work" "$work"
debootstrap --variant=minbase bookworm "$work/base" $mirror >"$work/log" || { cat "$work/log" >&2; exit 1; }

# In the machine: commands on standard input, in a folder of the clone.
inside() {
  env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    "${pip[@]}" chroot "$work/machine" bash -c 'cd "$0"; exec bash -euxo pipefail -s' "/root/embedc/$1"
}
mapfile -t pip < <(env | grep '^PIP_' || true)

for what in "$@"; do
  rm -rf --one-file-system "$work/machine"
  cp -a "$work/base" "$work/machine"
  mount -t proc proc "$work/machine/proc"
  cp /etc/resolv.conf /etc/hosts "$work/machine/etc/"
  for path in ${shared[@]+"${shared[@]}"}; do
    if [ -d "$path" ]; then
      mkdir -p "$work/machine$path"
    else
      mkdir -p "$work/machine$(dirname "$path")"
      touch "$work/machine$path"
    fi
    mount --bind -o ro "$path" "$work/machine$path"
  done
  git clone --quiet --no-local . "$work/machine/root/embedc"
  echo "== $what"
  start=$SECONDS
  if [ -d "$what" ]; then
    {
      echo 'sudo() { "$@"; }; apt-get update -qq'
      awk '/^```sh$/ {on = 1; next} /^```$/ {on = 0} on' "$what/README.md"
    } | inside "$what"
  else
    inside . <<<"apt-get update -qq; apt-get install --yes --no-install-recommends git; git config --global --add safe.directory '*'; $what"
  fi
  echo "== $what: done in $((SECONDS - start)) s"
  umount -R "$work/machine/proc"
  for path in ${shared[@]+"${shared[@]}"}; do umount "$work/machine$path"; done
done
