#!/bin/sh
# Fetches and builds the peers that ./dev bench compares Parlour with, into target/peers: Keycloak's
# distribution, and Spring Authorization Server with the one program in this folder. What is there
# already is kept. With the argument keycloak only that one. Maven and the JDK are those that ./parlour finds.
set -eu

keycloak=26.7.3
dependency=org.apache.maven.plugins:maven-dependency-plugin:3.9.0

home=$(CDPATH= cd "$(dirname "$0")/.." && pwd -P)
cd "$home"
peers=target/peers
built=$peers/keycloak-$keycloak/built
spring=bench/spring-authorization-server

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
