#!/usr/bin/env bash
# Users talk to the gateway for a long time: was anything lost, doubled or out of order, how long did answers take, and does memory grow?
#   bench/soak.sh                                          200 users, 50 messages a second, 30 minutes
#   bench/soak.sh --seconds 180 --voice-share 0.1          any option of the load; bench/soak.sh --help lists them
# Environment: APP_JAVA_OPTS  options for the JVM (-Xmx512m)
# The gateway and the simulated Cloud API run in one process. Properties of the gateway come from the environment too.
# Exit codes: 0 clean, 1 not, 2 it could not be measured.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
jar=$root/target/app/whatsapp-cloud-routes.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"

# the HTTP server makes a directory for uploads where it is started
directory=$(mktemp -d "${TMPDIR:-/tmp}/soak.XXXXXX")
trap 'rm -rf "$directory"' EXIT
cd "$directory"
# What the gateway remembers is bounded, but at 100000 messages and more; with less to remember, a leak is easier to see. The ids that the
# broker remembers (100000 of each queue, some 150 bytes each) cannot be set.
for memory in HANDLED_SIZE DELIVERY_SIZE OUTCOME_SIZE DELIVERY_REPORT_SIZE; do
    variable=WHATSAPP_$memory
    export "$variable=${!variable:-5000}"
done

# what comes first is taken back by the same option later
# shellcheck disable=SC2086
"$java" ${APP_JAVA_OPTS:--Xmx512m} -cp "$jar" io.github.waroutes.simulator.load.Load --users 200 --rate 50 --seconds 1800 --ramp 60 "$@"
