#!/bin/sh
# Makes the OCI image from the archive in target/packages by deploy/Containerfile, without a network: its base is a
# root with a shell and the C library of this machine, instead of an image of Debian that somebody would have to
# fetch. build.sh calls this. Arguments: the version, the file to make, a folder to work in.
set -eu
umask 022
export LC_ALL=C

here=$(CDPATH= cd "$(dirname "$0")" && pwd -P)
home=$(dirname "$(dirname "$here")")

# What deploy/Containerfile, the launcher, the health checks, and somebody who looks into a container need.
commands='bash cat chgrp chmod chown cp date dirname env id ln ls mkdir mktemp mv readlink rm rmdir sh sleep tail'

main() {
  version=$1
  image=$2
  base=$3/base
  storage=$3/storage
  root_of_this_machine
  from=$(buildah_here from scratch)
  buildah_here copy --quiet "$from" "$base" / >/dev/null
  buildah_here commit --quiet "$from" parlour-base >/dev/null
  # The lines of the Containerfile fetch nothing, so their network is that of this machine, without bridges.
  buildah_here bud --quiet --pull-never --isolation chroot --format oci --build-arg BASE=localhost/parlour-base \
    --label "org.opencontainers.image.version=$version" --tag parlour -f "$home/deploy/Containerfile" "$home" >&2
  buildah_here push --quiet localhost/parlour "oci-archive:$image:parlour:$(echo "$version" | tr '~+' '--')"
  buildah_here rm --all >/dev/null
  buildah_here rmi --all --force >/dev/null
}

# With a storage of its own: the images of this machine's user stay as they are.
buildah_here() {
  buildah --root "$storage" --runroot "$storage.run" --storage-driver vfs "$@"
}

# The commands and the libraries that they and Java need, in the folders of a system whose /bin is /usr/bin.
root_of_this_machine() {
  mkdir -p "$base/etc" "$base/opt" "$base/usr/bin" "$base/usr/lib" "$base/usr/lib64" "$base/usr/local/bin" "$base/var/lib" \
    "$base/dev" "$base/proc" "$base/run" "$base/sys" "$base/tmp"
  chmod 1777 "$base/tmp"
  for folder in bin lib lib64; do ln -s "usr/$folder" "$base/$folder"; done
  echo 'root:x:0:0:root:/:/bin/sh' >"$base/etc/passwd"
  echo 'root:x:0:' >"$base/etc/group"
  echo 'hosts: files dns' >"$base/etc/nsswitch.conf"
  for command in $commands; do
    file=$(command -v "$command") || die "there is no $command"
    install -m 0755 "$file" "$base/usr/bin/$command"
    echo "$file"
  done >"$base.files"
  c_library=$(dirname "$(ldd "$(command -v bash)" | sed -n 's,.* => \(.*/libc\.so\.6\) .*,\1,p')")
  {
    xargs ldd <"$base.files" | sed -n 's|^[[:space:]]*\(.* => \)\{0,1\}\(/[^ ]*\) (.*|\2|p'
    # Those that Java and its native libraries name, and in older C libraries the look-up of names.
    for library in libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libnss_files.so.2 libnss_dns.so.2; do
      if [ -e "$c_library/$library" ]; then echo "$c_library/$library"; fi
    done
  } | sort -u >"$base.libraries"
  grep -q '/libc\.so' "$base.libraries" || die 'ldd does not name the C library of this machine.'
  while IFS= read -r library; do
    install -D -m 0755 "$library" "$base$library"
    echo "$library"
  done <"$base.libraries" >>"$base.files"
  if [ -d /usr/lib/locale/C.utf8 ]; then
    mkdir "$base/usr/lib/locale"
    cp -RL /usr/lib/locale/C.utf8 "$base/usr/lib/locale"
  fi
  if command -v dpkg-query >/dev/null; then packages; fi
}

# Names the packages of Debian, for those who look for known faults in an image, and keeps their licences.
packages() {
  mkdir -p "$base/var/lib/dpkg/status.d"
  cp /etc/os-release "$base/etc"
  # A file's package knows it by the name with or without /usr.
  while IFS= read -r file; do
    for name in "$file" "${file#/usr}" "/usr$file" "$(readlink -f "$file")"; do
      dpkg-query --search "$name" 2>/dev/null || true
    done
  done <"$base.files" | sed -n 's|^\([^ :]*\)\(:[^ ]*\)\{0,1\}: /.*|\1|p' | sort -u >"$base.packages"
  while IFS= read -r package; do
    dpkg-query --status "$package" >"$base/var/lib/dpkg/status.d/$package"
    if [ -e "/usr/share/doc/$package/copyright" ]; then
      install -D -m 0644 "/usr/share/doc/$package/copyright" "$base/usr/share/doc/$package/copyright"
    fi
  done <"$base.packages"
}

die() {
  echo "package: $1" >&2
  exit 1
}

main "$@"
