#!/bin/sh
# Tests the .deb in a clean root, made of Debian's packages: installs an older one there, starts it without
# a JDK, chats, upgrades it, looks for what was stored, removes and purges it. ./dev package test builds both
# and runs this. Argument: the older .deb; without it, the same program stands in for it. With the argument image, it
# tests the image instead: starts its archive by buildah, chats, stops it, and finds the chat in the next container.
#
# Needs root, mmdebstrap and access to Debian's archive. No systemd runs in the root, so the service's own
# line is started as the service's user; what only systemd does (its sandbox, restarts) is not tested. The image needs
# only root and buildah, which starts it in a chroot: its user, files, environment and entry point are tested, and
# what only namespaces and cgroups do (a read-only root, limits, published ports) is not.
set -eu
export LC_ALL=C

here=$(CDPATH= cd "$(dirname "$0")" && pwd -P)
home=$(dirname "$(dirname "$here")")
suite=${PARLOUR_TEST_SUITE:-bookworm}
port=${PARLOUR_TEST_PORT:-18080}

main() {
  [ "$(id -u)" = 0 ] || die 'only root can make a root.'
  case ${1-}${2-} in image | insideimage) maker=buildah ;; *) maker=mmdebstrap ;; esac
  for tool in "$maker" curl setpriv unshare; do
    command -v "$tool" >/dev/null || die "$tool is missing (packages $maker, curl, util-linux)."
  done
  # In namespaces of its own, so that its mounts and its processes end with it.
  if [ "${1-}" != inside ]; then exec unshare --mount-proc --pid --fork --kill-child sh "$0" inside "$@"; fi
  work=$(mktemp -d "${TMPDIR:-/tmp}/parlour-package.XXXXXX")
  trap 'cleaned' EXIT
  root=$work/root
  container=
  if [ "$maker" = buildah ]; then
    image
    exit
  fi
  new=$(ls "$home"/target/packages/parlour_*.deb)
  older "${2-}"
  clean_root
  refuses_an_earlier_installation
  installs
  chats
  upgrades
  restores
  moves
  removes
  says 'all well'
}

image() {
  archive=$(ls "$home"/target/packages/parlour-*-oci.tar)
  (cd "${archive%/*}" && grep -F " ${archive##*/}" SHA256SUMS | sha256sum -c -) >"$work/sums" || die "$(cat "$work/sums")"
  install -d -o 10001 -g 10001 -m 0700 "$work/volume"
  says 'starts the image by buildah run in a chroot: namespaces and cgroups are NOT tested'
  contains
  of_config='{{.OCIv1.Config.User}} {{.OCIv1.Config.Volumes}} {{.OCIv1.Config.ExposedPorts}}'
  config=$(buildah_here inspect --format "$of_config" "$container")
  [ "$config" = '10001:10001 map[/var/lib/parlour:{}] map[8080/tcp:{} 8081/tcp:{}]' ] || die "the image has $config"
  inside sh -euc '[ "$(id -u):$(id -g)" = 10001:10001 ]
    for place in / /etc /opt/parlour /opt/parlour/lib /usr /var/lib; do [ ! -w "$place" ]; done
    ls /opt/parlour/lib/parlour-*.aot' >/dev/null || die 'another user, a writable program, or no startup cache'
  serves_image
  chats
  stops
  says 'another container over the same volume finds the chat'
  contains
  serves_image
  refreshes
  is_in_the_ledger || die "the refusal $reference is lost: $(cat "$work/refusals")"
  signs_in
  stops
  says 'all well'
}

# A new container of the archive, with nothing of the one before.
contains() {
  container=$(buildah_here from --quiet "oci-archive:$archive")
}

buildah_here() {
  buildah --root "$work/storage" --runroot "$work/storage.run" --storage-driver vfs "$@"
}

# The image's own entry point and command, which have no spaces.
serves_image() {
  of_config='{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}{{range .OCIv1.Config.Cmd}}{{.}} {{end}}'
  # shellcheck disable=SC2046 # the line has several words
  inside $(buildah_here inspect --format "$of_config" "$container") >"$work/service.log" 2>&1 &
  service=$!
  gets_ready
}

# A package with an older version and other settings; of the older program, if there is one.
older() {
  if [ -n "$1" ]; then
    says "the older version is ${1##*/}"
  else
    says 'the older version is the present program: an upgrade of the data is NOT tested'
  fi
  dpkg-deb --raw-extract "${1:-$new}" "$work/older"
  [ -n "$1" ] || sed -i 's/^Version: .*/Version: 0.0.1/' "$work/older/DEBIAN/control"
  echo '# An older file of settings.' >>"$work/older/etc/parlour/parlour.yaml"
  old=$work/parlour_older.deb
  dpkg-deb --root-owner-group -Znone --build "$work/older" "$old" >/dev/null
}

clean_root() {
  says "a root of Debian ($suite)"
  mmdebstrap --quiet --variant=minbase --include=adduser,ca-certificates "$suite" "$root" >&2
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  if inside sh -c 'command -v java' || [ -d "$root/usr/lib/jvm" ]; then die 'the root has a Java'; fi
  everything >"$work/before"
}

refuses_an_earlier_installation() {
  says 'refuses to install beside the former deploy/parlour.service'
  cp "$old" "$new" "$root/tmp"
  mkdir -p "$root/etc/parlour" "$root/var/lib/parlour"
  for file in etc/parlour/master.key var/lib/parlour/scoped-auth.db etc/systemd/system/parlour.service; do
    echo 'ExecStart=/usr/bin/java -jar /opt/parlour/parlour.jar serve' >"$root/$file"
    refused "/$file"
    rm "$root/$file"
  done
  rmdir "$root/etc/parlour" "$root/var/lib/parlour"
}

# The package is not installed, and the message names the file.
refused() {
  if inside dpkg --install "/tmp/${new##*/}" >"$work/dpkg.log" 2>&1; then die "installed beside $1"; fi
  grep -qF "an earlier installation without this package is here: $1" "$work/dpkg.log" ||
    die "no remedy: $(cat "$work/dpkg.log")"
  [ ! -e "$root/usr/lib/parlour/runtime" ] || die "unpacked beside $1"
}

installs() {
  says 'installs the older version'
  begin=$(date +%s.%N)
  package --install "/tmp/${old##*/}"
  says "installed in $(echo "$(date +%s.%N) $begin" | awk '{ printf "%.1f", $1 - $2 }') s"
  [ -f "$root/var/cache/parlour/parlour.aot" ] || die 'there is no startup cache'
  [ "$(inside stat -c '%U %G %a' /var/cache/parlour/parlour.aot)" = 'root parlour 640' ] ||
    die 'other users load the startup cache'
  [ -L "$root/etc/systemd/system/multi-user.target.wants/parlour.service" ] || die 'the service is not enabled'
  [ "$(inside stat -c '%U %a' /var/lib/parlour/data)" = 'parlour 700' ] || die 'the data folder is not private'
  inside parlour version | grep -q Java || die 'no version'
  inside test -s /usr/share/man/man1/parlour-serve.1.gz || die 'no manual page'
  inside test -s /usr/share/doc/parlour/examples/monitoring/alerts.yml || die 'no rules for alerts'
  inside bash -c '. /usr/share/bash-completion/completions/parlour && complete -p parlour' >/dev/null ||
    die 'no completion'
  trusts_what_the_machine_trusts
  serves
}

no_link_is_dead() {
  (
    cd "$root/usr/share/doc/parlour"
    find . -name '*.md' | while IFS= read -r page; do
      grep -o ']([^)# ]*' "$page" | sed 's/^](//; /:/d; /^$/d' | sort -u | while IFS= read -r link; do
        [ -e "${page%/*}/$link" ] || echo "$page: $link"
      done
    done
  ) >"$work/dead"
  [ ! -s "$work/dead" ] || die "dead links: $(cat "$work/dead")"
}

trusts_what_the_machine_trusts() {
  inside openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=The shop itself' -days 2 -keyout /tmp/key \
    -out /usr/local/share/ca-certificates/shop.crt 2>/dev/null
  inside sh -c 'umask 077 && update-ca-certificates' >/dev/null 2>&1
  inside setpriv --reuid parlour --regid parlour --clear-groups \
    /usr/lib/parlour/runtime/bin/keytool -list -v -cacerts -storepass changeit 2>/dev/null |
    grep -q 'CN=The shop itself' || die 'a CA certificate of the machine is not trusted'
  rm "$root/usr/local/share/ca-certificates/shop.crt"
  inside update-ca-certificates --fresh >/dev/null 2>&1
}

# Starts what the unit starts, as its user and with its environment, and waits until it is ready.
serves() {
  unit=$root/lib/systemd/system/parlour.service
  sed -n 's/^Environment=//p' "$unit" | sed 's/^"\(.*\)"$/\1/' >"$work/environment"
  set -- "PARLOUR_PUBLIC_PORT=$port" "PARLOUR_INTERNAL_PORT=$((port + 1))" PATH=/usr/bin:/bin
  while IFS= read -r variable; do set -- "$variable" "$@"; done <"$work/environment"
  # shellcheck disable=SC2046 # the line has several words
  chroot "$root" setpriv --reuid parlour --regid parlour --init-groups --no-new-privs --bounding-set=-all \
    env -i "$@" $(sed -n 's/^ExecStart=//p' "$unit") >"$work/service.log" 2>&1 &
  service=$!
  gets_ready
}

gets_ready() {
  tries=0
  until curl -fsS -o "$work/ready" "http://127.0.0.1:$port/health/ready" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$service" 2>/dev/null; then
      cat "$work/service.log" >&2
      die 'the service does not get ready'
    fi
    sleep 0.2
  done
}

# The program itself gets the signal: buildah would not pass it on.
stops() {
  program=$service
  while children=$(cat "/proc/$program/task"/*/children) && [ -n "$children" ]; do program=${children%% *}; done
  kill "$program"
  wait "$service" || die "the service ended with $?: $(tail -n 5 "$work/service.log")"
}

chats() {
  says 'a guest chats'
  inside parlour accounts create --name 'The shop' >/dev/null
  desk=$(inside parlour addresses create --name 'Front desk' --json | sid IG)
  key=$(inside parlour deployments create --name Shop --address "$desk" --json | sid CV)
  password=$(inside parlour agents create ann --role admin --json | sed -n 's/.*"password": *"\([^"]*\)".*/\1/p')
  curl -fsS "http://127.0.0.1:$port/webchat.js" | grep -q . || die 'no widget'
  guest Init -d "{\"deploymentKey\":\"$key\"}"
  token=$(sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' "$work/answer")
  guest 'Media?Filename=a.png&ClientId=2' -H 'Content-Type: image/png' \
    --data-binary "@$home/docs/pictures/widget.png"
  grep -q '"preview' "$work/answer" || die 'no preview: Java lacks its images'
  file=$(sid ME <"$work/answer")
  guest Messages -d "{\"body\":\"Is it open on Sundays?\",\"client_id\":\"1\",\"media_sids\":[\"$file\"]}"
  refreshes
  refuses_a_thief
  signs_in
}

refuses_a_thief() {
  status=$(curl -sS -o "$work/refusal" -w '%{http_code}' "http://127.0.0.1:$port/v2/Webchat/Token/Refresh" \
    -H 'Origin: https://shop.example.com' -H 'Content-Type: application/json' -A 'curl of a thief' \
    -d "{\"deploymentKey\":\"$key\",\"token\":\"$token\"}")
  [ "$status" = 403 ] || die "the thief got $status: $(cat "$work/refusal")"
  reference=$(sed -n 's/.*"trace_id": *"\([^"]*\)".*/\1/p' "$work/refusal")
  tries=0
  until is_in_the_ledger; do # it is written beside the request
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || die "the refusal $reference is not in the ledger: $(cat "$work/refusals")"
    sleep 0.2
  done
}

is_in_the_ledger() {
  inside parlour refusals --since 1d --json >"$work/refusals" 2>&1
  grep -q "$reference" "$work/refusals"
}

# The agent whose account the older version created.
signs_in() {
  curl -fsS -o "$work/answer" "http://127.0.0.1:$port/inbox/api/sign-in" -H 'Sec-Fetch-Site: same-origin' \
    -H 'Content-Type: application/json' -d "{\"name\":\"ann\",\"password\":\"$password\"}" ||
    die "the agent cannot sign in: $(tail -n 20 "$work/service.log")"
}

# The guest reloads the page, and finds the message and its file.
refreshes() {
  guest Token/Refresh -d "{\"deploymentKey\":\"$key\",\"token\":\"$token\"}"
  token=$(sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' "$work/answer")
  guest Messages
  grep -q 'Is it open on Sundays' "$work/answer" || die 'the message is lost'
  guest "Media/$file"
  link=$(sed -n 's|.*"content_direct_temporary": *"\([a-z]*://[^/]*\)\{0,1\}\(/[^"]*\)".*|\2|p' "$work/answer")
  curl -fsS "http://127.0.0.1:$port$link" | cmp -s - "$home/docs/pictures/widget.png" || die "the file $file is lost"
}

upgrades() {
  says 'upgrades'
  stops
  echo 'log.level: debug' >>"$root/etc/parlour/parlour.yaml"
  # A certificate that cannot be read, a folder that the service's user had, and what it left in it.
  printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' >>"$root/etc/ssl/certs/ca-certificates.crt"
  inside chown parlour /var/lib/parlour
  inside ln -s /etc/parlour/parlour.yaml /var/lib/parlour/authorities.new
  package --unpack --force-confdef --force-confold "/tmp/${new##*/}"
  if inside parlour accounts list --json >"$work/accounts" 2>"$work/refused"; then
    if ! grep -q '^[[{]' "$work/accounts" || grep -q aot "$work/accounts"; then
      die "not JSON: $(cat "$work/accounts")"
    fi
  else # only the service changes tables
    grep -q 'Start the server of this version once' "$work/refused" ||
      die "no command works between the two steps: $(cat "$work/refused")"
  fi
  package --configure --force-confdef --force-confold parlour
  grep -q 'skipped certificate' "$work/dpkg.log" || die "no warning: $(cat "$work/dpkg.log")"
  [ "$(inside stat -c '%U %a' /var/lib/parlour)" = 'root 755' ] || die 'root writes into a folder of the service'
  inside update-ca-certificates --fresh >/dev/null 2>&1
  [ "$(inside dpkg-query -W -f '${Version}' parlour)" = "$(dpkg-deb -f "$new" Version)" ] || die 'not upgraded'
  grep -q '^log.level: debug$' "$root/etc/parlour/parlour.yaml" || die 'the changed settings are lost'
  serves
  refreshes
  is_in_the_ledger || die "the upgrade lost the refusal $reference: $(cat "$work/refusals")"
  signs_in
  no_link_is_dead
}

# With the commands of docs/operating.md, except those of systemd and the one that ends every session.
restores() {
  says 'restores a backup'
  stops
  inside install -d -o parlour -m 0700 /var/backups/parlour
  inside parlour backup /var/backups/parlour/2026-11-29 >"$work/backup.log" 2>&1 || die "no backup: $(cat "$work/backup.log")"
  sed -n '/^### Restore with the package/,/^### Back up/p' "$home/docs/operating.md" | sed -n '/^```sh$/,/^```$/p' |
    sed '/^```/d; /systemctl/d; /end-all/d; s/^sudo //' >"$root/tmp/restore.sh"
  grep -q 'parlour restore' "$root/tmp/restore.sh" || die 'docs/operating.md has no commands to restore'
  inside sh -eu /tmp/restore.sh >"$work/restore.log" 2>&1 || die "not restored: $(cat "$work/restore.log")"
  inside rm -r /var/backups/parlour /var/lib/parlour/data.before /tmp/restore.sh
  serves
  refreshes
}

# As docs/operating.md says it, but the other machine is this one without its data.
moves() {
  says 'moves to another machine'
  stops
  inside install -d -o parlour -m 0700 /var/backups/parlour
  inside parlour backup /var/backups/parlour/move >"$work/backup.log" 2>&1 || die "no backup: $(cat "$work/backup.log")"
  inside mkdir /old
  inside mv /var/lib/parlour/data /var/lib/parlour/keys /old
  inside install -d -o parlour -g parlour -m 0700 /var/lib/parlour/data /var/lib/parlour/keys
  inside parlour restore /var/backups/parlour/move >"$work/restore.log" 2>&1 || die "not restored: $(cat "$work/restore.log")"
  inside rm -r /old /var/backups/parlour
  serves
  refreshes
}

removes() {
  says 'removes, installs again, and purges'
  stops
  package --remove parlour
  if inside sh -c 'command -v parlour' >/dev/null; then die 'the command is still there'; fi
  [ -e "$root/etc/parlour/parlour.yaml" ] || die 'removing deleted the settings'
  [ -e "$root/var/lib/parlour/data/conversations.db" ] || die 'removing deleted the data'
  becomes_an_earlier_installation
  refused /etc/parlour/master.key
  moves_an_earlier_installation
  rm "$root/etc/ca-certificates/update.d/parlour" # as an administrator can
  package --install --force-confold "/tmp/${new##*/}"
  serves
  refreshes
  stops
  echo 'of the operator' >"$root/etc/parlour/database-password"
  mkdir "$root/var/lib/parlour/data/media/volume"
  mount -t tmpfs volume "$root/var/lib/parlour/data/media/volume"
  echo 'of the operator' >"$root/var/lib/parlour/data/media/volume/file"
  package --purge parlour
  [ -s "$root/etc/parlour/database-password" ] || die 'purging deleted a file of the operator'
  [ -s "$root/var/lib/parlour/data/media/volume/file" ] || die 'purging deleted the contents of a volume'
  umount "$root/var/lib/parlour/data/media/volume"
  rm -r "$root/etc/parlour" "$root/var/lib/parlour"
  grep -q '^parlour:' "$root/etc/passwd" || die 'purging deleted the user, who can have backups'
  inside deluser --quiet --system parlour
  everything >"$work/after"
  diff "$work/before" "$work/after" >&2 || die 'purging left something'
}

# As the former deploy/parlour.service had its files.
becomes_an_earlier_installation() {
  inside sh -euc 'cd /var/lib/parlour
    rm -f authorities
    mv keys/master.key /etc/parlour
    rm -r keys
    mv data/* .
    rmdir data
    chown parlour: .
    chmod 0700 .
    chown root: /etc/parlour/master.key
    printf "public.host: 127.0.0.1\ntrusted-proxies: 127.0.0.1\n" >/etc/parlour/parlour.yaml
    echo "ExecStart=/usr/bin/java -jar /opt/parlour/parlour.jar serve" >/etc/systemd/system/parlour.service'
}

# With the commands of docs/operating.md, except those of systemd.
moves_an_earlier_installation() {
  says 'moves an earlier installation'
  sed -n '/^## Move from deploy/,/^## /p' "$home/docs/operating.md" | sed -n '/^```sh$/,/^```$/p' |
    sed '/^```/d; /systemctl/d; /apt install/d; s/^sudo //' >"$root/tmp/move.sh"
  grep -q master.key "$root/tmp/move.sh" || die 'docs/operating.md has no commands for the move'
  inside sh -eu /tmp/move.sh >&2 || die 'the commands of docs/operating.md fail'
  rm "$root/root/parlour-before.tar.gz"
}

# All files except those of the package manager, and those that adduser and logs change.
everything() {
  (cd "$root" && find . -xdev ! -path './var/lib/dpkg/*' ! -path './var/log/*' ! -path './tmp/*' \
    ! -path './run/*' ! -path './proc/*' ! -path './dev/*' ! -name '*-' ! -name .pwd.lock | sort)
  grep -h parlour "$root/etc/passwd" "$root/etc/group" || true
}

guest() { # path, more arguments of curl
  path=$1
  shift
  curl -fsS -o "$work/answer" "http://127.0.0.1:$port/v2/Webchat/$path" \
    -H 'Origin: https://shop.example.com' -H 'Content-Type: application/json' \
    -A 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' \
    -H 'x-twilio-sec-usersettings: {"language":"en-GB","cookieEnabled":true,"userTimezone":0}' \
    ${token:+-H "Authorization: Bearer $token"} ${key:+-H "Webchat-Deployment-Key: $key"} "$@" ||
    die "no answer to $path: $(cat "$work/answer" "$work/service.log")"
}

sid() {
  sed -n "s/.*\"\($1[0-9a-f]\{32\}\)\".*/\1/p" | head -n 1
}

inside() {
  if [ -n "$container" ]; then
    buildah_here run --isolation chroot --volume "$work/volume:/var/lib/parlour" --env "PARLOUR_PUBLIC_PORT=$port" \
      --env "PARLOUR_INTERNAL_PORT=$((port + 1))" "$container" -- "$@"
    return
  fi
  chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

package() {
  inside env DEBIAN_FRONTEND=noninteractive dpkg "$@" >"$work/dpkg.log" 2>&1 ||
    die "dpkg $*: $(cat "$work/dpkg.log")"
}

says() {
  echo "package test: $1"
}

die() {
  echo "package test: FAILED: $1" >&2
  exit 1
}

cleaned() {
  umount -R "$root/dev" "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$work"
}

main "$@"
