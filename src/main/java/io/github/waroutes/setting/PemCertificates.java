package io.github.waroutes.setting;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** Certificates in a PEM file that a setting names. */
public final class PemCertificates {

    private PemCertificates() {
    }

    /**
     * @param setting the setting's key, for the message
     * @param file    its value, perhaps with {@code file:} before it
     * @return at least one
     * @throws IllegalArgumentException if there is none, in words for an operator
     */
    public static List<X509Certificate> read(String setting, String file) {
        Path path = Path.of(file.strip().replaceFirst("^file:(//)?", ""));
        try (InputStream in = Files.newInputStream(path)) {
            List<X509Certificate> found = CertificateFactory.getInstance("X.509").generateCertificates(in).stream().map(X509Certificate.class::cast).toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException(setting + ' ' + file + " has no certificate. Give a PEM file, with -----BEGIN CERTIFICATE----- in it.");
            }
            return found;
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(setting + ' ' + file + " is not there. Give the PEM file's path.", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(setting + ' ' + file + " cannot be read (" + e.getMessage() + ").", e);
        } catch (CertificateException e) {
            throw new IllegalArgumentException(setting + ' ' + file + " is no PEM file of certificates. Give one, with -----BEGIN CERTIFICATE----- in it.", e);
        }
    }
}
