package io.github.waroutes.flows;

import java.io.IOException;
import java.io.StringWriter;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;

/** Keys in the forms that {@code openssl} writes. */
public final class PemFiles {

    private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

    private PemFiles() {
    }

    public static KeyPair pair() {
        return pair("RSA", 2048);
    }

    static KeyPair pair(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As {@code openssl genrsa} of today: {@code BEGIN PRIVATE KEY}. */
    public static String pkcs8(KeyPair pair) {
        return pem(new JcaPKCS8GeneratorOf(pair, null, null).get());
    }

    /** As {@code openssl rsa -pubout}. */
    public static String publicPem(KeyPair pair) {
        return pem(pair.getPublic()).replace("\r", "");
    }

    /** As {@code openssl genrsa -des3} and {@code -aes128} of today: {@code BEGIN ENCRYPTED PRIVATE KEY}. */
    static String pkcs8(KeyPair pair, ASN1ObjectIdentifier cipher, String passphrase) {
        return pem(new JcaPKCS8GeneratorOf(pair, cipher, passphrase).get());
    }

    /** As {@code openssl genrsa -traditional}: {@code BEGIN RSA PRIVATE KEY}. */
    static String pkcs1(KeyPair pair) throws IOException {
        return pem(new JcaMiscPEMGenerator(pair.getPrivate()));
    }

    /** As {@code openssl genrsa -traditional -des3}: {@code Proc-Type: 4,ENCRYPTED}. */
    static String pkcs1(KeyPair pair, String passphrase) throws IOException {
        return pem(new JcaMiscPEMGenerator(pair.getPrivate(), new JcePEMEncryptorBuilder("DES-EDE3-CBC").setProvider(PROVIDER).build(passphrase.toCharArray())));
    }

    static String pem(Object what) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(what);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    private record JcaPKCS8GeneratorOf(KeyPair pair, ASN1ObjectIdentifier cipher, String passphrase) {

        PKCS8Generator get() {
            try {
                return new JcaPKCS8Generator(pair.getPrivate(), cipher == null ? null
                        : new JceOpenSSLPKCS8EncryptorBuilder(cipher).setProvider(PROVIDER).setPassword(passphrase.toCharArray()).build());
            } catch (IOException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
