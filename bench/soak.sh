#!/usr/bin/env bash
# Users talk to the gateway for an hour while Graph fails now and then: was anything lost, doubled or out of order, and does anything grow?
#   bench/soak.sh                         500 users, 30 messages a second, 60 minutes
#   bench/soak.sh --minutes 5 --rate 50   shorter; bench/soak.sh --help lists the options
# Environment: APP_JAVA_OPTS  options for the gateway's JVM (-Xmx256m)
#              APP            the directory with app and simulator, if it is not target
# Properties of the gateway come from the environment too. Exit codes: 0 clean and flat, 1 not, 2 it could not be measured.
set -euo pipefail
source "$(dirname "$0")/watched.sh"
watched Soak 128m "" "$@"
