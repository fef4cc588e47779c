#!/bin/sh
# Starts Parlour on the Java that is beside it; every argument goes to Parlour. Try: parlour help
#
# PARLOUR_JAVA_OPTS adds JVM options, for example PARLOUR_JAVA_OPTS='-Xmx512m'.
set -eu

main() {
  home=$(dirname "$(folder_of "$0")")
  java=$home/runtime
  jar=$home/lib/parlour.jar
  cache=$home/lib/parlour-@VERSION@.aot
  case ${1-} in
    --cache) # makes the startup cache, as the file that the next argument names, or at its place
      make_cache "${2-$cache}"
      exit
      ;;
    up | serve)
      if [ ! "$cache" -nt "$jar" ] && [ ! -L "$cache" ] && [ -w "$home/lib" ]; then
        say 'making the startup cache (once for each version, some seconds)…'
        rm -f "$home"/lib/parlour*.aot # those of older versions
        make_cache "$cache" || say 'there is no startup cache: Parlour works, and starts take longer.'
      fi
      ;;
  esac
  speak_utf8
  if [ -r "$cache" ] && [ "$cache" -nt "$jar" ]; then
    run_with_cache ${PARLOUR_JAVA_OPTS-} -jar "$jar" "$@"
  else
    run ${PARLOUR_JAVA_OPTS-} -jar "$jar" "$@"
  fi
}

# Java records the classes that it loads and links while it plays the demo, and the next start takes them
# from this startup cache. Java accepts it only for the same jar at the same place, so it is made where
# Parlour is installed.
make_cache() {
  log=$(mktemp "${TMPDIR:-/tmp}/parlour-cache.XXXXXX")
  status=0
  (run -XX:AOTCacheOutput="$1.$$" -jar "$jar" demo) >"$log" 2>&1 && mv "$1.$$" "$1" || status=1
  [ "$status" = 0 ] || tail -n 1 "$log" >&2
  rm -f "$log" "$1.$$" "$1.$$.config"
  return "$status"
}

