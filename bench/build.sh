#!/bin/sh
# Fetches and builds the peers that ./dev bench compares Parlour with, into target/peers: Keycloak's
# distribution, and Spring Authorization Server with the one program in this folder. What is there
# already is kept. With the argument keycloak only that one, with ejabberd only Debian's package of ejabberd,
# which it installs. Maven and the JDK are those that ./parlour finds.
set -eu

keycloak=26.7.3
dependency=org.apache.maven.plugins:maven-dependency-plugin:3.9.0

home=$(CDPATH= cd "$(dirname "$0")/.." && pwd -P)
cd "$home"
peers=target/peers
built=$peers/keycloak-$keycloak/built
spring=bench/spring-authorization-server

# Debian's package starts a server when it is installed; the bench needs only the program. So this writes
# a /usr/sbin/policy-rc.d that forbids the start, and deletes it afterwards. A policy that is there already
# stays, and then decides.
ejabberd() {
  if [ -d /usr/share/ejabberd/sql ] && ls -d /usr/lib/erlang/lib/p1_sqlite3-* >/dev/null 2>&1; then return; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo 'bench/build.sh: ejabberd and erlang-p1-sqlite3 are missing; run it as root on Debian, or install both packages' >&2
    exit 1
  fi
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    trap 'rm -f $policy' EXIT
    trap 'exit 129' HUP # a shell that a signal ends runs no EXIT trap
    trap 'exit 130' INT
    trap 'exit 143' TERM
    chmod +x $policy
  fi
  apt-get -q -o Acquire::http::Timeout=10 install -y --no-install-recommends ejabberd erlang-p1-sqlite3 >&2
}

if [ "${1-}" = ejabberd ]; then
  ejabberd
  exit
fi

if [ ! -f "$built" ]; then
  rm -rf "$peers/keycloak-$keycloak"
  ./parlour --maven -B -ntp -q $dependency:unpack \
    -Dartifact=org.keycloak:keycloak-quarkus-dist:$keycloak:tar.gz -DoutputDirectory="$peers" \
    -Dmdep.overWriteReleases=true
  # Once, as its documentation asks for production: what is decided here is not decided at a start.
  JAVA_HOME=$(./parlour --java-home) "$peers/keycloak-$keycloak/bin/kc.sh" build --db=dev-file \
    --health-enabled=false --metrics-enabled=false
  : >"$built"
fi
ln -sfn "keycloak-$keycloak" "$peers/keycloak"
if [ "${1-}" = keycloak ]; then exit; fi

./parlour --maven -B -ntp -q -f $spring/pom.xml compile $dependency:build-classpath \
  -Dmdep.outputFile="$home/$peers/spring.classpath"
