#!/bin/sh
# The commands of Parlour. For root they work on the service of this machine: with its settings, and as
# its user, because the service could not use files that belong to root. Another user's commands do not
# read the service's settings.
set -eu

case $(id -un) in
  root | parlour) export PARLOUR_CONFIG="${PARLOUR_CONFIG-/etc/parlour/parlour.yaml}" ;;
esac
if [ "$(id -u)" = 0 ]; then
  exec setpriv --reuid parlour --regid parlour --init-groups /usr/lib/parlour/bin/parlour "$@"
fi
exec /usr/lib/parlour/bin/parlour "$@"
