#!/bin/sh
# Builds the widget and the pages into target/browser, when anything that they are made of is newer.
# Called by Maven; needs Node 20 or newer, and npm. With a clean checkout it first gets esbuild.
set -eu

cd "$(dirname "$0")"
built=../target/browser
made_of='src pages package-lock.json build.mjs build.sh'

main() {
  # shellcheck disable=SC2086 # these are several
  if [ -f "$built/webchat.js" ] && [ -z "$(find $made_of -newer "$built/webchat.js" | head -n 1)" ]; then
    exit
  fi
  need_node
  if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    # A developer's tools stay.
    [ -d node_modules/vitest ] && omit='' || omit=--omit=dev
    # shellcheck disable=SC2086 # none, or one
    npm ci $omit --no-fund --no-audit --loglevel=error
    touch node_modules/.package-lock.json
  fi
  node build.mjs
}

need_node() {
  if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
    echo "Node 20 or newer, with npm, is needed to build the widget; found: \
$(node --version 2>/dev/null || echo 'no node')$(command -v npm >/dev/null || echo ', no npm')." >&2
    echo 'Remedy: run ./parlour, which lists everything that is missing and how to install it.' >&2
    exit 1
  fi
}

main
