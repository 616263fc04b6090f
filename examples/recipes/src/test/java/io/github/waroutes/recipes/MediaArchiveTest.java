package io.github.waroutes.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.waroutes.junit.SimulatedUser;
import io.github.waroutes.junit.SimulatedWhatsApp;
import io.github.waroutes.junit.WhatsAppSimulator;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.domain.StorageMetadata;
import org.jclouds.blobstore.options.ListContainerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@WhatsAppSimulator
class MediaArchiveTest {

    private static final String NAME = "\\d{4}/\\d\\d/\\d\\d/\\w+\\.";

    @TempDir
    Path directory;

    @Test
    void filesAreKeptInAFolder(SimulatedWhatsApp whatsapp, SimulatedUser kim) throws Exception {
        Path archive = directory.resolve("archive");
        try (Recipe recipe = new Recipe("media-archive", whatsapp, directory).with("archive.directory", archive).start()) {
            kim.sendsDocument("../../bill.pdf");
            kim.receives("Thank you, we have received your file.");
            kim.sendsVoice("when do you open on Saturday");
            kim.receivesMatching(".*Saturday.*");

            List<String> names;
            try (Stream<Path> files = Files.walk(archive)) {
                names = files.filter(Files::isRegularFile).map(file -> archive.relativize(file).toString()).toList();
            }
            assertThat(names).hasSize(4).anyMatch(name -> name.matches(NAME + "pdf")).anyMatch(name -> name.matches(NAME + "ogg"));
            String pdf = names.stream().filter(name -> name.endsWith("pdf")).findAny().orElseThrow();
            assertThat(archive.resolve(pdf)).isNotEmptyFile();
            assertThat(new ObjectMapper().readTree(archive.resolve(pdf.replace(".pdf", ".json")).toFile()).at("/document/filename").asText())
                    .isEqualTo("../../bill.pdf");
        }
    }

    @Test
    void filesAreKeptInAnS3Bucket(SimulatedWhatsApp whatsapp, SimulatedUser kim) throws Exception {
        // this server does not know the checksums that Amazon's client adds of late
        System.setProperty("aws.requestChecksumCalculation", "WHEN_REQUIRED");
        Properties store = new Properties();
        store.setProperty("jclouds.filesystem.basedir", Files.createDirectory(directory.resolve("s3")).toString());
        try (BlobStoreContext context = ContextBuilder.newBuilder("filesystem-nio2").credentials("key", "secret").overrides(store).build(BlobStoreContext.class)) {
            BlobStore blobs = context.getBlobStore();
            blobs.createContainerInLocation(null, "files");
            S3Proxy s3 = S3Proxy.builder().blobStore(blobs).endpoint(URI.create("http://127.0.0.1:0")).awsAuthentication(AuthenticationType.AWS_V4, "key", "secret").build();
            s3.start();
            try (Recipe recipe = new Recipe("media-archive", whatsapp, directory).with("archive.to", "s3").with("archive.s3.url", "http://127.0.0.1:" + s3.getPort())
                    .with("archive.s3.bucket", "files").with("archive.s3.access-key", "key").with("archive.s3.secret-key", "secret").start()) {
                kim.sendsImage("my cat");
                kim.receives("Thank you, we have received your file.");

                List<String> names = blobs.list("files", ListContainerOptions.Builder.recursive()).stream().map(StorageMetadata::getName).filter(name -> name.contains(".")).toList();
                assertThat(names).hasSize(2);
                String picture = names.stream().filter(name -> !name.endsWith("json")).findAny().orElseThrow();
                assertThat(picture).matches(NAME + "(jpeg|png)");
                assertThat(blobs.blobMetadata("files", picture).getContentMetadata().getContentType()).startsWith("image/");
                assertThat(blobs.blobMetadata("files", picture).getContentMetadata().getContentLength()).isPositive();
                assertThat(new ObjectMapper().readTree(blobs.getBlob("files", picture.replaceAll("\\.\\w+$", ".json")).getPayload().openStream()).at("/image/caption").asText())
                        .isEqualTo("my cat");
            } finally {
                s3.stop();
            }
        }
    }
}
