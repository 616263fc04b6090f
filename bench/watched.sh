# What growth, nodes and soak.sh share. It builds the gateway if it is missing, compiles the sources that a program needs into a temporary folder, and
# runs it there until it ends or is told to; whatever it started goes with it.
#   watched MAIN HEAP "more sources" arguments...
# Environment: APP  the directory with app and simulator, if it is not target
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${APP:-$root/target}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
program=

finish() {
    code=$?
    trap - EXIT INT TERM
    if [[ -n $program ]]; then
        kill "$program" 2>/dev/null || true
        wait "$program" 2>/dev/null || true
    fi
    rm -rf "$directory"
    exit "$code"
}

watched() {
    local main=$1 heap=$2 more=$3 source sources=() code=0
    shift 3
    if [[ ! -f $target/app/whatsapp-cloud-routes.jar || ! -f $target/simulator/whatsapp-simulator.jar ]]; then
        (cd "$root" && mvn -q -B package -DskipTests)
    fi
    echo "load average $(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || echo unknown), $(nproc) processors, $("$java" -version 2>&1 | head -1)"
    # the HTTP server makes a directory for uploads where it is started
    directory=$(mktemp -d "${TMPDIR:-/tmp}/${main,,}.XXXXXX")
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    for source in Plot Watched $more "$main"; do
        sources+=("$root/bench/$source.java")
    done
    "${java}c" -d "$directory/classes" "${sources[@]}"
    mkdir "$directory/room"
    "$java" "-Xmx$heap" -XX:+UseSerialGC "-Dbench.broker=$root/bench/ChaosBroker.java" -cp "$directory/classes" "$main" --target "$target" --room "$directory/room" "$@" &
    program=$!
    wait "$program" || code=$?
    program=
    exit "$code"
}
