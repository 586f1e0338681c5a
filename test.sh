#!/usr/bin/env bash
# Installs what the tests need (Debian packages), builds, checks the format and runs all tests.
#
#   ./test.sh            everything that fits into a few minutes
#   ./test.sh --slow     also the long matrix: 200 kill points, ten minutes of polling
#   ./test.sh PROJECT    one test project, such as Router.Tests
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 LC_ALL=C.UTF-8

target=GlusterBus.sln
for word in "$@"; do
  case $word in
    --slow) export GLUSTERBUS_SLOW=1 ;;
    *) target=tests/GlusterBus.${word#GlusterBus.} ;;
  esac
done

# what:package of what the tests start as private child processes; what is a program, a file, or a module of Debian's own Python
needed=(glusterd:glusterfs-server ip:iproute2 tini:tini nsenter:util-linux python3:python3 dbus-daemon:dbus-daemon dbus-monitor:dbus-bin busctl:systemd
  gdbus:libglib2.0-bin setpriv:util-linux rabbitmqctl:rabbitmq-server
  redis-server:redis-server redis-sentinel:redis-sentinel redis-cli:redis-tools openssl:openssl
  amqp-consume:amqp-tools jq:jq "import pika:python3-pika" "import gi:python3-gi" "import aiosmtpd:python3-aiosmtpd" systemd-analyze:systemd
  gcc:gcc /usr/include/stdlib.h:libc6-dev
  prometheus-alertmanager:prometheus-alertmanager snmptrap:snmp snmptrapd:snmptrapd chromium:chromium
  systemd-nspawn:systemd-container)
is_there() {
  case $1 in
    import\ *) /usr/bin/python3 -c "$1" 2>/dev/null ;;
    /*) [ -e "$1" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}
missing=()
for pair in "${needed[@]}"; do
  is_there "${pair%%:*}" || missing+=("${pair##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}" >&2
  if [ "$(id -u)" -ne 0 ]; then
    echo "test.sh: these packages are missing and only root can install them: ${missing[*]}" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
fi

dotnet build "$target" -c Release -v q --nologo
if [ "$target" = GlusterBus.sln ]; then
  # Style and analyzers have spoken in the build, as errors; what is left are blanks and line ends.
  dotnet format whitespace GlusterBus.sln --verify-no-changes --no-restore -v q
fi
case $target in
  # Its tests would build it, too, but meanwhile others would run.
  GlusterBus.sln | *Pipeline.Tests) compose/node-program.sh ;;
esac

results=$(mktemp)
trap 'rm -f "$results"' EXIT
status=0
dotnet test "$target" -c Release --no-build --nologo -m:1 2>&1 | tee "$results" || status=1
awk -v status=$status '
  /Failed: +[0-9]+, Passed: +[0-9]+/ { match($0, /Failed: +[0-9]+/); f += substr($0, RSTART + 7, RLENGTH - 7); match($0, /Passed: +[0-9]+/); p += substr($0, RSTART + 7, RLENGTH - 7)
    match($0, /Skipped: +[0-9]+/); s += substr($0, RSTART + 8, RLENGTH - 8) }
  END { if (status != 0 && f == 0) f = 1; printf "%d passed, %d failed, %d skipped\n", p, f, s; exit (f > 0 || p == 0) }' "$results"
