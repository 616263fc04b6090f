#!/usr/bin/env bash
# Starts the gateway on free loopback ports, puts a load on it, stops it, and says what came of it.
#   bench/run.sh                                the target: 3300 webhooks a second for 60 s
#   bench/run.sh --rate 500 --seconds 30        any option of WebhookLoad.java
# Environment: APP_JAVA_OPTS  more options for the gateway's JVM
#              KEEP=1         keep the temporary directory (the gateway's log and its queue)
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
jar=$root/target/app/whatsapp-cloud-routes.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
if [[ ! -f $jar ]]; then
    (cd "$root" && mvn -q -B package -DskipTests)
fi

# below the range from which Linux takes ports for outgoing connections
used=" "
free_port() {
    local candidate
    for _ in $(seq 200); do
        candidate=$((20000 + RANDOM % 12000))
        if [[ $used != *" $candidate "* ]] && ! (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; then
            used+="$candidate "
            port=$candidate
            return
        fi
    done
    echo "There is no free port from 20000 to 31999." >&2
    exit 2
}

directory=$(mktemp -d "${TMPDIR:-/tmp}/webhook-load.XXXXXX")
app=
finish() {
    code=$?
    trap - EXIT INT TERM
    if [[ -n $app ]]; then
        kill "$app" 2>/dev/null || true
        for _ in $(seq 600); do
            kill -0 "$app" 2>/dev/null || break
            sleep 0.1
        done
        kill -9 "$app" 2>/dev/null || true
        wait "$app" 2>/dev/null || true
    fi
    if [[ ${KEEP:-} == 1 ]]; then
        echo "Kept: $directory"
    else
        rm -rf "$directory"
    fi
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port; webhook=$port
free_port; management=$port
free_port; graph=$port

export CAMEL_SERVER_HOST=127.0.0.1 CAMEL_SERVER_PORT=$webhook
export CAMEL_MANAGEMENT_HOST=127.0.0.1 CAMEL_MANAGEMENT_PORT=$management
export WHATSAPP_PHONE_NUMBER_ID=106540352242922
export WHATSAPP_ACCESS_TOKEN=bench-token WHATSAPP_VERIFY_TOKEN=bench-verify-token WHATSAPP_APP_SECRET=bench-secret
export WHATSAPP_GRAPH_URL=http://127.0.0.1:$graph
export WHATSAPP_BROKER_DIRECTORY=$directory/broker WHATSAPP_OUTCOME_DIRECTORY=$directory/outcomes
# the limits do their work, but a number's 80 messages a second would make the drain take an hour
export WHATSAPP_LIMIT_MESSAGES_PER_SECOND=${WHATSAPP_LIMIT_MESSAGES_PER_SECOND:-1000000}
export WHATSAPP_LIMIT_PAIR_BURST=${WHATSAPP_LIMIT_PAIR_BURST:-1000000}

load=("$java" -XX:+UseSerialGC -Xms128m -Xmx256m "$root/bench/WebhookLoad.java"
    --port "$webhook" --stub-port "$graph" --secret "$WHATSAPP_APP_SECRET" --number "$WHATSAPP_PHONE_NUMBER_ID")

for argument in "$@"; do
    if [[ $argument == --help ]]; then
        "$java" "$root/bench/WebhookLoad.java" --help
        exit
    fi
done

echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
# shellcheck disable=SC2086
(cd "$directory" && exec "$java" ${APP_JAVA_OPTS:-} -jar "$jar") >"$directory/app.log" 2>&1 &
app=$!

ready=
for _ in $(seq 300); do
    if ! kill -0 "$app" 2>/dev/null; then
        echo "The gateway did not start:" >&2
        tail -20 "$directory/app.log" >&2
        app=
        exit 2
    fi
    if grep -q '"whatsapp.client.initialized"' "$directory/app.log"; then
        ready=1
        break
    fi
    sleep 0.1
done
if [[ -z $ready ]]; then
    echo "The gateway was not ready within 30 s:" >&2
    tail -20 "$directory/app.log" >&2
    exit 2
fi

code=0
"${load[@]}" --app-pid "$app" "$@" || code=$?
echo "log                 $(wc -l <"$directory/app.log") lines, $(grep -c '"level":"WARN"' "$directory/app.log" || true) warnings," \
    "$(grep -c '"level":"ERROR"' "$directory/app.log" || true) errors"
exit "$code"
