#!/usr/bin/env bash
# What it costs to note an attempt to send: bench/attempts.sh [seconds of a round] [threads] [directory]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $root/target/app/whatsapp-cloud-routes.jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
# shellcheck disable=SC2086
"$java" ${JAVA_OPTS:-} -cp "$root/target/app/whatsapp-cloud-routes.jar" "$root/bench/AttemptLoad.java" "$@"
