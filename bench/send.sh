#!/usr/bin/env bash
# Sends per second through the send routes, next to a bare loop over the same HTTP client: bench/send.sh [seconds of a round] [rounds]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $root/target/app/whatsapp-cloud-routes.jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
# the log goes to a file, as in production it does not go to this terminal
log=$(mktemp "${TMPDIR:-/tmp}/send-load.XXXXXX.log")
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
"$java" ${JAVA_OPTS:-} -cp "$root/target/app/whatsapp-cloud-routes.jar" "$root/bench/SendLoad.java" "$@" >"$log"
