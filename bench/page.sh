#!/usr/bin/env bash
# What 500 people at the simulator's page cost the gateway: bench/page.sh [seconds of a round] [rounds]; JAVA_OPTS go to the JVM
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $root/target/simulator/whatsapp-simulator.jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
# the log goes to a file, as in production it does not go to this terminal; a file without a name is gone when its writer is
log=$(mktemp "${TMPDIR:-/tmp}/page-load.XXXXXX.log")
exec 3> "$log"
rm -f "$log"
# exec: whoever stops this script stops the program
# shellcheck disable=SC2086
exec "$java" ${JAVA_OPTS:-} -cp "$root/target/simulator/whatsapp-simulator.jar" "$root/bench/PageLoad.java" "$@" >&3 3>&-
