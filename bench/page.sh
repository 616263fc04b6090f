#!/usr/bin/env bash
# What 500 readers of the simulator's page and 500 talking users cost the gateway: bench/page.sh [seconds of a round] [rounds]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $root/target/app/whatsapp-cloud-routes.jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
# the log goes to a file, as in production it does not go to this terminal
log=$(mktemp "${TMPDIR:-/tmp}/page-load.XXXXXX.log")
"$java" -cp "$root/target/app/whatsapp-cloud-routes.jar" "$root/bench/PageLoad.java" "$@" 2>&1 | tee "$log" | grep --line-buffered -v '^{'
rm -f "$log"
