package io.github.waroutes.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.WhatsAppMessageException;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.bouncycastle.openssl.PKCS8Generator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of the Flows endpoint, in every form that openssl writes, and what is said of those that cannot be used. */
class FlowKeysTest {

    private static final KeyPair PAIR = PemFiles.pair();
    private static final KeyPair OLD = PemFiles.pair();

    @TempDir
    Path directory;

    private static FlowKeys keys(String privateKey, String passphrase) {
        FlowKeys keys = new FlowKeys();
        keys.setPrivateKey(privateKey);
        keys.setPassphrase(passphrase);
        keys.setHandler("direct:my-flow");
        keys.read();
        return keys;
    }

    private String file(String name, String pem) throws IOException {
        return Files.writeString(directory.resolve(name), pem).toString();
    }

    @Test
    void everyFormOfOpensslIsRead() throws IOException {
        for (String pem : List.of(PemFiles.pkcs8(PAIR), PemFiles.pkcs1(PAIR))) {
            assertThat(keys(pem, "").all()).as(pem.substring(0, 30)).containsExactly((java.security.interfaces.RSAPrivateCrtKey) PAIR.getPrivate());
        }
        for (String pem : List.of(PemFiles.pkcs8(PAIR, PKCS8Generator.DES3_CBC, "open sesame"), PemFiles.pkcs8(PAIR, PKCS8Generator.AES_256_CBC, "open sesame"),
                PemFiles.pkcs1(PAIR, "open sesame"))) {
            assertThat(keys(pem, "open sesame").all()).as(pem.substring(0, 40)).hasSize(1);
            assertThatIllegalArgumentException().isThrownBy(() -> keys(pem, "")).withMessageContaining("whatsapp.flows.private-key-passphrase");
            assertThatIllegalArgumentException().isThrownBy(() -> keys(pem, "wrong")).withMessageContaining("is not its passphrase");
        }
    }

    @Test
    void severalComeFromFilesInTheirOrderOrInOneText() throws IOException {
        String files = file("new.pem", PemFiles.pkcs8(PAIR)) + " , file:" + file("old.pem", PemFiles.pem(PAIR.getPublic()) + PemFiles.pkcs1(OLD));
        assertThat(keys(files, "").all()).extracting(key -> key.getModulus()).containsExactly(modulus(PAIR), modulus(OLD));
        assertThat(keys(PemFiles.pkcs8(PAIR) + PemFiles.pkcs8(OLD), "").all()).hasSize(2);
        assertThat(keys(PemFiles.pkcs8(PAIR).replace("\n", "\\n"), "").all()).as("in one line").hasSize(1);
    }

    private static java.math.BigInteger modulus(KeyPair pair) {
        return ((java.security.interfaces.RSAKey) pair.getPrivate()).getModulus();
    }

    @Test
    void whatCannotBeUsedIsToldWithoutAnythingOfIt() throws IOException {
        String missing = directory.resolve("missing.pem").toString();
        assertThatIllegalArgumentException().isThrownBy(() -> keys(missing, "")).withMessageContaining("is not there");
        assertThatIllegalArgumentException().isThrownBy(() -> keys(directory.toString(), "")).withMessageContaining("cannot be read");
        String publicKey = file("public.pem", PemFiles.pem(PAIR.getPublic()));
        assertThatIllegalArgumentException().isThrownBy(() -> keys(publicKey, "")).withMessageContaining("has no private key");
        String small = file("small.pem", PemFiles.pkcs8(PemFiles.pair("RSA", 1024)));
        assertThatIllegalArgumentException().isThrownBy(() -> keys(small, "")).withMessageContaining("2048");
        String elliptic = file("ec.pem", PemFiles.pkcs8(PemFiles.pair("EC", 256)));
        assertThatIllegalArgumentException().isThrownBy(() -> keys(elliptic, "")).withMessageContaining("RSA");
        String broken = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0IHdvcmRz\n-----END PRIVATE KEY-----\n";
        assertThatIllegalArgumentException().isThrownBy(() -> keys(broken, "")).withMessageContaining("is not PEM").withMessageNotContaining("c2Vj");
        FlowKeys nobodyAnswers = new FlowKeys();
        nobodyAnswers.setPrivateKey(PemFiles.pkcs8(PAIR));
        assertThatIllegalArgumentException().isThrownBy(nobodyAnswers::read).withMessageContaining("whatsapp.flows.on-request");
    }

    @Test
    void thePublicKeyIsTheOneThatOpensslWouldTell() throws Exception {
        FlowKeys keys = keys(PemFiles.pkcs8(PAIR) + PemFiles.pkcs8(OLD), "");
        assertThat(keys.publicKey()).isEqualTo(PemFiles.pem(PAIR.getPublic()).replace("\r", ""));
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        keys.upload(exchange);
        assertThat(exchange.getMessage().getBody()).isEqualTo(Map.of("business_public_key", keys.publicKey()));
    }

    @Test
    void whatMetaHasIsComparedWithTheFirstKey() {
        FlowKeys keys = keys(PemFiles.pkcs8(PAIR), "");
        assertThat(keys.compared(Map.of("data", List.of(Map.of("business_public_key", keys.publicKey().replace("\n", "\r\n"),
                "business_public_key_signature_status", "VALID"))))).contains(entry("current", true), entry("business_public_key_signature_status", "VALID"));
        assertThat(keys.compared(Map.of("business_public_key", PemFiles.pem(OLD.getPublic())))).contains(entry("current", false));
        assertThat(keys.compared(Map.of("data", List.of()))).containsOnly(entry("current", false));
    }

    @Test
    void withoutAKeyThereIsNone() {
        FlowKeys keys = keys("", "");
        assertThat(keys.areThere()).isFalse();
        assertThatThrownBy(keys::publicKey).isInstanceOf(WhatsAppMessageException.class).hasMessageContaining("whatsapp.flows.private-key");
    }
}
