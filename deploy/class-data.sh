#!/bin/sh
# Makes app.jsa, an archive of the gateway's loaded classes (AppCDS), beside its jar: class-data.sh DIRECTORY
# A start with -XX:SharedArchiveFile=DIRECTORY/app.jsa takes less time and memory. It is good for this Java and these jars only: make it again
# after an update of either. The gateway runs for that moment with made-up settings, in a temporary folder, on loopback; nothing is sent.
set -eu
app=$(cd "$1" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
env WHATSAPP_PHONE_NUMBER_ID=1 WHATSAPP_ACCESS_TOKEN=none WHATSAPP_APP_SECRET=none WHATSAPP_VERIFY_TOKEN=none \
  WHATSAPP_GRAPH_URL=http://127.0.0.1:9 CAMEL_SERVER_HOST=127.0.0.1 CAMEL_MANAGEMENT_HOST=127.0.0.1 \
  CAMEL_SERVER_PORT="${CAMEL_SERVER_PORT:-8080}" CAMEL_MANAGEMENT_PORT="${CAMEL_MANAGEMENT_PORT:-9876}" \
  java -XX:ArchiveClassesAtExit="$place/app.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off -jar "$app/whatsapp-cloud-routes.jar" >log 2>&1 &
gateway=$!
until grep -q whatsapp.client.initialized log; do
  if ! kill -0 "$gateway" 2>/dev/null; then
    cat log >&2
    exit 1
  fi
  sleep 1
done
kill -TERM "$gateway"
wait "$gateway" || [ $? -eq 143 ]
mv -f app.jsa "$app/app.jsa"
chmod 644 "$app/app.jsa"
