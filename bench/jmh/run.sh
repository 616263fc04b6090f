#!/usr/bin/env bash
# What single beans cost, with JMH: bench/jmh/run.sh [JMH's options], as in bench/jmh/run.sh limiter -prof gc; without any about a minute
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
app=$(realpath -m "${APP:-$root/target/app}")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $app/whatsapp-cloud-routes.jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi
mvn -q -B -f "$root/bench/jmh/pom.xml" "-Dapp=$app" package
echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
exec "$java" -cp "$root/target/jmh/classes:$root/target/jmh/lib/*:$app/whatsapp-cloud-routes.jar" org.openjdk.jmh.Main "$@"
