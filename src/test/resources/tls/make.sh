#!/usr/bin/env bash
# Makes the certificates of this folder, which are for tests only: an authority that stands for Meta's, with one client certificate of the
# webhook's name and one of another; the same name by a stranger's authority; and a server's for localhost.
set -euo pipefail
cd "$(dirname "$0")"
rm -f ./*.p12 ./*.pem
options=(-storepass changeit -storetype PKCS12)

authority() { # file, name
  keytool -genkeypair "${options[@]}" -keystore "$1.p12" -alias ca -keyalg EC -validity 36500 -dname "CN=$2" -ext bc:c=ca:true -ext ku:c=keyCertSign
  keytool -exportcert "${options[@]}" -keystore "$1.p12" -alias ca -rfc >"$1.pem"
}
client() { # file, name, file of the authority
  keytool -genkeypair "${options[@]}" -keystore "$1.p12" -alias client -keyalg EC -validity 36500 -dname "CN=$2, O=Test"
  keytool -certreq "${options[@]}" -keystore "$1.p12" -alias client |
    keytool -gencert "${options[@]}" -keystore "$3.p12" -alias ca -rfc -validity 36500 -ext ku:c=digitalSignature -ext eku=clientAuth >client.pem
  keytool -importcert -noprompt "${options[@]}" -keystore "$1.p12" -alias ca -file "$3.pem"
  keytool -importcert -noprompt "${options[@]}" -keystore "$1.p12" -alias client -file client.pem
  keytool -delete "${options[@]}" -keystore "$1.p12" -alias ca
  rm client.pem
}

authority meta-ca "An authority that stands for Meta's"
authority other-ca "A stranger's authority"
client meta client.webhooks.fbclientcerts.com meta-ca
client other-name client.example.com meta-ca
client other-authority client.webhooks.fbclientcerts.com other-ca
keytool -genkeypair "${options[@]}" -keystore server.p12 -alias server -keyalg EC -validity 36500 -dname CN=localhost -ext san=dns:localhost,ip:127.0.0.1
keytool -exportcert "${options[@]}" -keystore server.p12 -alias server -rfc >server.pem
rm meta-ca.p12 other-ca.p12 other-ca.pem
