#!/usr/bin/env bash
# Users talk to the gateway for an hour while Graph fails now and then: was anything lost, doubled or out of order, and does anything grow?
#   bench/soak.sh                         500 users, 30 messages a second, 60 minutes
#   bench/soak.sh --minutes 5 --rate 50   shorter; bench/soak.sh --help lists the options
# Environment: APP_JAVA_OPTS  options for the gateway's JVM (-Xmx256m)
#              APP            the directory with app and simulator, if it is not target
# Properties of the gateway come from the environment too. Exit codes: 0 clean and flat, 1 not, 2 it could not be measured.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
target=${APP:-$root/target}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $target/app/whatsapp-cloud-routes.jar || ! -f $target/simulator/whatsapp-simulator.jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"

# the HTTP server makes a directory for uploads where it is started
directory=$(mktemp -d "${TMPDIR:-/tmp}/soak.XXXXXX")
soak=
finish() {
    code=$?
    trap - EXIT INT TERM
    if [[ -n $soak ]]; then
        kill "$soak" 2>/dev/null || true
        wait "$soak" 2>/dev/null || true
    fi
    rm -rf "$directory"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"${java}c" -d "$directory/classes" "$root/bench/Plot.java" "$root/bench/Watched.java" "$root/bench/Soak.java"
mkdir "$directory/room"
"$java" -Xmx128m -XX:+UseSerialGC -cp "$directory/classes" Soak --target "$target" --room "$directory/room" "$@" &
soak=$!
code=0
wait "$soak" || code=$?
soak=
exit "$code"
