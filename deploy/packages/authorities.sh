#!/bin/sh
# Makes Java's file of trusted CA certificates from the machine's. The package runs it when it is installed, and
# update-ca-certificates runs it when the machine's CA certificates change. A running service reads the file
# at its next start.
set -eu
umask 022 # every user's Parlour reads the file

java=/usr/lib/parlour/runtime/bin/java
[ -x "$java" ] || exit 0 # this file stays when the package is removed
exec "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp /usr/lib/parlour/lib/parlour.jar parlour.cli.TrustStore \
  /etc/ssl/certs/ca-certificates.crt /var/lib/parlour/authorities
