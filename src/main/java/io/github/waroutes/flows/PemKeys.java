package io.github.waroutes.flows;

import java.io.IOException;
import java.io.StringReader;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.ArrayList;
import java.util.List;

import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;

/**
 * Reads private keys as {@code openssl genrsa} writes them, with a passphrase or without, old form (PKCS#1) and new (PKCS#8). The JDK reads
 * neither the old form nor what {@code -des3} gives, which Meta's guide asks for.
 */
final class PemKeys {

    /** Only for these calls: the process's own list of providers stays as it is. */
    private static final Provider PROVIDER = new BouncyCastleProvider();

    private PemKeys() {
    }

    /**
     * The RSA keys in a PEM text, in its order; certificates and public keys in it are passed over.
     *
     * @param passphrase null if there is none
     * @throws IllegalArgumentException in the rest of a sentence, without anything of the text
     */
    static List<RSAPrivateCrtKey> read(String pem, String passphrase) {
        List<RSAPrivateCrtKey> keys = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                PrivateKeyInfo info = privateKey(found, passphrase);
                if (info != null) {
                    keys.add(rsa(new JcaPEMKeyConverter().getPrivateKey(info)));
                }
            }
        } catch (IOException | OperatorCreationException | PKCSException e) {
            throw new IllegalArgumentException(passphrase == null ? "is not PEM" : "is not PEM, or whatsapp.flows.private-key-passphrase is not its passphrase");
        }
        return keys;
    }

    private static PrivateKeyInfo privateKey(Object found, String passphrase) throws IOException, OperatorCreationException, PKCSException {
        if (found instanceof PrivateKeyInfo info) {
            return info;
        }
        if (found instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        boolean encrypted = found instanceof PKCS8EncryptedPrivateKeyInfo || found instanceof PEMEncryptedKeyPair;
        if (encrypted && passphrase == null) {
            throw new IllegalArgumentException("has a passphrase. Give it in whatsapp.flows.private-key-passphrase");
        }
        if (found instanceof PKCS8EncryptedPrivateKeyInfo info) {
            return info.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder().setProvider(PROVIDER).build(passphrase.toCharArray()));
        }
        if (found instanceof PEMEncryptedKeyPair pair) {
            return pair.decryptKeyPair(new JcePEMDecryptorProviderBuilder().setProvider(PROVIDER).build(passphrase.toCharArray())).getPrivateKeyInfo();
        }
        return null;
    }

    private static RSAPrivateCrtKey rsa(PrivateKey key) {
        if (key instanceof RSAPrivateCrtKey rsa) {
            return rsa;
        }
        throw new IllegalArgumentException("is no RSA key");
    }
}
