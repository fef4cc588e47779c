#!/bin/sh
# Starts Parlour on the Java that is beside it; every argument goes to Parlour. Try: parlour help
#
# PARLOUR_JAVA_OPTS adds JVM options, for example PARLOUR_JAVA_OPTS='-Xmx512m'.
set -eu

main() {
  home=$(dirname "$(folder_of "$0")")
  java=$home/runtime
  jar=$home/lib/parlour.jar
  cache=$home/lib/parlour.aot
  case ${1-} in
    --cache) # makes what speeds up a start, as the file that the next argument names
      make_cache "$2"
      exit
      ;;
    up | serve)
      if [ ! -e "$cache" ] && [ ! -L "$cache" ] && [ -w "$home/lib" ]; then
        say 'learning to start faster (once, some seconds)…'
        make_cache "$cache" || say 'that did not work, and does no harm.'
      fi
      ;;
  esac
  speak_utf8
  if [ -r "$cache" ]; then
    run -XX:AOTCache="$cache" ${PARLOUR_JAVA_OPTS-} -jar "$jar" "$@"
  else
    run ${PARLOUR_JAVA_OPTS-} -jar "$jar" "$@"
  fi
}

# What Java learns of the program while it plays the demo: it finds classes loaded and linked at the
# next start. It is good for one jar at one place and one Java, so it is made where Parlour is installed.
make_cache() {
  log=$(mktemp "${TMPDIR:-/tmp}/parlour-cache.XXXXXX")
  status=0
  (run -XX:AOTCacheOutput="$1.$$" -jar "$jar" demo) >"$log" 2>&1 && mv "$1.$$" "$1" || status=1
  [ "$status" = 0 ] || tail -n 1 "$log" >&2
  rm -f "$log" "$1.$$" "$1.$$.config"
  return "$status"
}

