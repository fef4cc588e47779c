#!/bin/sh
# Makes the packages in target/packages; ./dev package builds the program first, and then calls this.
# Stdout has the name of each file. Needs Linux with GNU tar, and no network. The same commit, the same
# JDK and the same tools give the same bytes, except the image's, which has a startup cache.
set -eu
umask 022
export LC_ALL=C TZ=UTC0

here=$(CDPATH= cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$(dirname "$here")")
out=$root/target/packages
work=$root/target/packages.work
cd "$root"

# The modules of Java that Parlour uses. jdeps names most of them; PostgreSQL's driver also uses
# java.naming, and jcmd and jfr let an operator look into a running process.
modules=java.base,java.desktop,java.naming,java.net.http,java.security.jgss,java.sql,jdk.management
modules=$modules,jdk.unsupported,jdk.jcmd,jdk.jfr

main() {
  case ${1-} in
    version) # for tests: prints the version of the packages
      commit_of_sources
      echo "$version"
      exit
      ;;
    launcher) # for tests: prints the packaged launcher
      commit_of_sources
      launcher
      exit
      ;;
  esac
  [ "$(uname -s)" = Linux ] || die 'packages are made on Linux.'
  jdk=$(./parlour --java-home)
  commit_of_sources
  rm -rf "$out" "$work"
  mkdir -p "$out" "$work"
  unzip -p target/parlour.jar META-INF/sbom/parlour.cdx.json >"$work/jar.json" ||
    die 'the jar has no bill of materials, because it was built offline: build it again with a network.'
  unzip -p target/parlour.jar parlour/browser/packages.cdx.json >"$work/pages.json"
  program "$work/$name"
  archive
  if command -v dpkg-deb >/dev/null; then
    debian_package
  else
    echo 'package: there is no dpkg-deb, so no .deb is made' >&2
  fi
  if command -v buildah >/dev/null; then
    "$here/image.sh" "$version" "$out/parlour-$version-oci.tar" "$work/image"
  else
    echo 'package: there is no buildah, so no image is made' >&2
  fi
  bill_of_materials
  cp target/npm/*.tgz "$out"
  (cd "$out" && sha256sum -- * >"$work/SHA256SUMS" && mv "$work/SHA256SUMS" .)
  rm -rf "$work"
  for file in "$out"/*; do echo "target/packages/${file##*/}"; done
}

# A snapshot is older than its release, and newer than the snapshots of earlier commits, as Debian's tools
# compare versions.
commit_of_sources() {
  version=$(sed -n 's,^  <version>\(.*\)</version>$,\1,p' pom.xml)
  if commit=$(git rev-parse --short=8 HEAD 2>/dev/null); then
    : "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
    [ -z "$(git status --porcelain --untracked-files=no)" ] || commit=$commit.changed
  else
    commit=unknown
    : "${SOURCE_DATE_EPOCH:=$(date -d "$(sed -n 's,.*<project.build.outputTimestamp>\(.*\)</.*,\1,p' pom.xml)" +%s)}"
  fi
  export SOURCE_DATE_EPOCH
  case $version in
    *-SNAPSHOT) version=${version%-SNAPSHOT}~$(date -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S).$commit ;;
  esac
  version=${PARLOUR_PACKAGE_VERSION:-$version}
  printf '%s\n' "$version" | grep -Eqx '[0-9][A-Za-z0-9.+~]*' ||
    die "\"$version\" is not a version: begin with a digit, then digits, letters, dots, + and ~."
  case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    ppc64le) architecture=ppc64el ;;
    riscv64 | s390x) architecture=$(uname -m) ;;
    *) die "Debian's name of the processor $(uname -m) is not known: add it to $0." ;;
  esac
  name=parlour-$version-linux-$architecture
}

# The folder that the archive holds, and that the .deb installs in /usr/lib and /usr/share.
program() {
  mkdir -p "$1/bin" "$1/lib" "$1/share/man/man1" "$1/share/completions" "$1/share/doc"
  if [ -L "$jdk/lib/security/cacerts" ]; then
    echo "package: the archive trusts the CA certificates of this machine, because $jdk/lib/security/cacerts" >&2
    echo 'package: is a link. Build packages for other machines with an unpacked JDK (JAVA_HOME).' >&2
  fi
  "$jdk/bin/jlink" --add-modules "$modules" --no-header-files --no-man-pages --compress zip-0 \
    --output "$1/runtime" >&2
  needs_only_the_c_library "$1/runtime"
  install -m 0644 target/parlour.jar "$1/lib/parlour.jar"
  touch -d "@$SOURCE_DATE_EPOCH" "$1/lib/parlour.jar"
  launcher >"$1/bin/parlour"
  chmod 0755 "$1/bin/parlour"
  "$1/runtime/bin/java" -cp "$1/lib/parlour.jar" parlour.cli.ManPages "$1/share/man/man1" \
    "$(date -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)" "$version"
  "$1/bin/parlour" completion bash >"$1/share/completions/parlour.bash"
  "$1/bin/parlour" completion zsh >"$1/share/completions/_parlour"
  "$1/bin/parlour" completion fish >"$1/share/completions/parlour.fish"
  cp deploy/parlour.service deploy/packages/parlour.yaml "$1/share"
  # As in a checkout, so that links between documents work. The examples have the place of Debian's.
  cp -R docs "$1/share/doc"
  cp README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md STYLE.md LICENSE "$1/share/doc"
  mkdir "$1/share/doc/examples"
  for example in deploy/*; do
    [ "$example" = deploy/packages ] || cp -R "$example" "$1/share/doc/examples"
  done
  ln -s examples "$1/share/doc/deploy"
  cp LICENSE "$1/LICENSE"
  chmod -R u+w,go=u-w "$1"
}

# The JDK of a distribution links libraries of its release, which other machines have not. The libraries
# for windows and sound also do so in other JDKs; Parlour does not load them. Sets the oldest C library
# that the runtime works with.
needs_only_the_c_library() {
  foreign=$(for file in "$1/bin/java" "$1"/lib/*.so "$1"/lib/server/*.so; do
    case ${file##*/} in libawt_xawt.so | libjawt.so | libsplashscreen.so | libjsound.so) continue ;; esac
    ldd "$file" | sed -n "\\,$1,d; s,^[[:space:]]*\\([^ ]*\\) => .*,\\1,p"
  done | grep -Evx '(libc|libm|libdl|libpthread|librt|libjvm|ld-linux.*)\.so(\.[0-9]+)?' | sort -u | tr '\n' ' ')
  [ -z "$foreign" ] ||
    die "the Java of this JDK works only where these libraries are: $foreign; build with Temurin (JAVA_HOME)."
  libc=$(cat "$1/bin/java" "$1"/lib/*.so "$1"/lib/server/*.so | grep -aoE 'GLIBC_[0-9]+\.[0-9]+' |
    sed 's/GLIBC_//' | sort -uV | tail -n 1)
}

# With the functions of ./parlour that both launchers need, so that both start Java alike.
launcher() {
  sed "s/@VERSION@/$version/" "$here/launcher.sh"
  for function in speak_utf8 run run_with_cache folder_of say; do
    sed -n "/^$function() [{(]\$/,/^[})]\$/p" parlour
    echo
  done
  echo 'main "$@"'
}

archive() {
  same_times "$work/$name"
  (cd "$work" && tar --sort=name --format=gnu --owner=0 --group=0 --numeric-owner -cf - "$name") |
    gzip -9n >"$out/$name.tar.gz"
}

debian_package() {
  deb=$work/deb
  mkdir -p "$deb/DEBIAN" "$deb/usr/lib/parlour/lib" "$deb/usr/bin" "$deb/usr/share/doc" \
    "$deb/usr/share/man" "$deb/usr/share/bash-completion/completions" \
    "$deb/usr/share/zsh/vendor-completions" "$deb/usr/share/fish/vendor_completions.d" \
    "$deb/lib/systemd/system" "$deb/etc/parlour" "$deb/etc/ca-certificates/update.d"
  from=$work/$name
  cp -R "$from/bin" "$from/runtime" "$deb/usr/lib/parlour"
  cp "$from/lib/parlour.jar" "$deb/usr/lib/parlour/lib"
  ln -sf /var/lib/parlour/authorities "$deb/usr/lib/parlour/runtime/lib/security/cacerts"
  ln -s /var/cache/parlour/parlour.aot "$deb/usr/lib/parlour/lib/parlour-$version.aot"
  install -m 0755 "$here/command.sh" "$deb/usr/bin/parlour"
  install -m 0755 "$here/authorities.sh" "$deb/etc/ca-certificates/update.d/parlour"
  cp -R "$from/share/man/man1" "$deb/usr/share/man/man1"
  gzip -9n "$deb"/usr/share/man/man1/*
  sed '1{/^#!/d;}' "$from/share/completions/parlour.bash" >"$deb/usr/share/bash-completion/completions/parlour"
  cp "$from/share/completions/_parlour" "$deb/usr/share/zsh/vendor-completions/_parlour"
  cp "$from/share/completions/parlour.fish" "$deb/usr/share/fish/vendor_completions.d/parlour.fish"
  cp "$from/share/parlour.service" "$deb/lib/systemd/system"
  cp "$from/share/parlour.yaml" "$deb/etc/parlour"
  cp -R "$from/share/doc" "$deb/usr/share/doc/parlour"
  debian_changelog | gzip -9n >"$deb/usr/share/doc/parlour/changelog.gz"
  cp "$here/debian/copyright" "$deb/usr/share/doc/parlour/copyright"
  sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@LIBC@/$libc/" -e "s/@SIZE@/$(size_of "$deb")/" "$here/debian/control" >"$deb/DEBIAN/control"
  cp "$here/debian/conffiles" "$deb/DEBIAN"
  install -m 0755 "$here/debian/preinst" "$here/debian/postinst" "$here/debian/prerm" "$here/debian/postrm" "$deb/DEBIAN"
  (cd "$deb" && find . -path ./DEBIAN -prune -o -type f ! -path './etc/*' -print | sort | sed 's,^\./,,' |
    tr '\n' '\0' | xargs -0 md5sum >DEBIAN/md5sums)
  same_times "$deb"
  dpkg-deb --root-owner-group -Zxz -z3 --build "$deb" "$out/parlour_${version}_$architecture.deb" >&2
}

# In KiB, of the files alone: the size of a folder depends on the file system.
size_of() {
  find "$1" -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }'
}

# In Debian's form, which tools read; what changed is in CHANGELOG.md beside it.
debian_changelog() {
  printf 'parlour (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n' "$version" \
    "$(sed -n 's/^Maintainer: //p' "$here/debian/control")" "$(date -R -d "@$SOURCE_DATE_EPOCH")"
}

same_times() {
  find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# The jar's own, the packages in its pages, and the Java that is packaged with it.
bill_of_materials() {
  node "$here/sbom.mjs" "$work/jar.json" "$work/pages.json" "$jdk/release" "$work/$name/runtime/release" "$version" \
    >"$out/$name.cdx.json"
}

die() {
  echo "package: $1" >&2
  exit 1
}

main "$@"
