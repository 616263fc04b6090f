package io.github.waroutes.media;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.Variable;
import org.apache.camel.WrappedFile;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.hc.client5.http.entity.mime.HttpMultipartMode;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The request of {@code POST /{phone-number-id}/media}, and its answer (Meta, "Media", "Upload media", 2026). A file is read from
 * disk, in pieces: once for its hash and once for Meta.
 */
public class MediaUpload {

    private static final Logger LOG = LoggerFactory.getLogger(MediaUpload.class);
    // RFC 9110, 8.3.1
    private static final Pattern MIME = Pattern.compile("[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+(\\s*;\\s*[a-z0-9-]+=[a-z0-9\"._,+-]+)*");
    private static final Pattern MEDIA_ID = Pattern.compile("[0-9A-Za-z_-]{1,128}");
    private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9._ -]");
    private static final int LONGEST_NAME = 100;

    private final MediaFiles files;
    private final MediaLimits limits;
    private String phoneNumberId;

    public MediaUpload(MediaFiles files, MediaLimits limits) {
        this.files = files;
        this.limits = limits;
    }

    /** @param phoneNumberId the business number that uploads unless the headers name another */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /**
     * Finds out what the body is: the variables {@code whatsappMediaKind}, one of {@link MediaKind}, and
     * {@code whatsappMediaFilename}, the name to show for it, or null.
     */
    public void describe(Exchange exchange) {
        Message in = exchange.getMessage();
        String given = in.getHeader(OutboundHeaders.MEDIA_FILENAME, String.class);
        File file = file(in.getBody());
        String mime = bare(mimeType(in, file));
        // a temporary file's name says nothing
        boolean named = file != null && file.getName().endsWith('.' + MediaKind.extension(mime));
        exchange.setVariable("whatsappMediaKind", kind(in, mime).toString());
        exchange.setVariable("whatsappMediaFilename", given != null && !given.isBlank() ? given : named ? file.getName() : null);
    }

    /**
     * Makes the body an {@link Upload}, in the variable {@code whatsappUpload}. A stream becomes a temporary file, which is deleted
     * when the exchange is done.
     *
     * @throws io.github.waroutes.error.WhatsAppMediaException if there is no file, or Meta would not take it
     */
    public void prepare(Exchange exchange) {
        // what an earlier download left there would be named in an error
        exchange.removeVariable("whatsappMediaId");
        Message in = exchange.getMessage();
        File file = file(in.getBody());
        String mimeType = mimeType(in, file);
        MediaKind kind = kind(in, bare(mimeType));
        HashedFile hashed = file != null ? hash(file.toPath(), kind) : spool(exchange, kind);
        String number = in.getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
        exchange.setVariable("whatsappUpload", new Upload(hashed, number == null || number.isBlank() ? phoneNumberId : number,
                mimeType, plain(in.getHeader(OutboundHeaders.MEDIA_FILENAME, String.class), bare(mimeType)), kind));
    }

    /** The request's body; the file is read while it is sent. */
    public HttpEntity multipart(@Variable("whatsappUpload") Upload upload) {
        return MultipartEntityBuilder.create()
                // RFC 7578, 4.8: no charset there, and 4.4: plain fields need no type
                .setContentType(ContentType.create("multipart/form-data"))
                .setMode(HttpMultipartMode.LEGACY)
                .addTextBody("messaging_product", "whatsapp")
                .addTextBody("type", upload.mimeType())
                .addBinaryBody("file", upload.file().path().toFile(), ContentType.parse(upload.mimeType()), upload.filename())
                .build();
    }

    /**
     * The id that Meta gave the file.
     *
     * @throws io.github.waroutes.error.WhatsAppMediaException if the file changed on its way: nobody knows what Meta has got
     * @throws WhatsAppServiceException                        if the answer names no id
     */
    public String mediaId(@Variable("whatsappUpload") Upload upload, @Variable("whatsappUploadAnswer") Map<String, Object> answer) {
        if (!upload.file().isUnchanged()) {
            throw MediaLimits.failure("The file changed while it was uploaded. Give a file that nobody writes to any more");
        }
        String id = answer.get("id") == null ? "" : answer.get("id").toString();
        if (!MEDIA_ID.matcher(id).matches()) {
            throw notUnderstood("The answer to an upload holds no media id");
        }
        return id;
    }

    /** @throws WhatsAppServiceException if the answer does not say that the file was deleted */
    public void requireDeleted(@Variable("whatsappDeleted") Map<String, Object> answer) {
        if (!"true".equals(String.valueOf(answer.get("success")))) {
            throw notUnderstood("The answer to a deletion does not say that the file was deleted");
        }
    }

    private MediaKind kind(Message in, String mime) {
        return limits.kind(in.getHeader(OutboundHeaders.MEDIA_KIND, String.class), mime);
    }

    private static String mimeType(Message in, File file) {
        String given = in.getHeader(OutboundHeaders.MEDIA_TYPE, String.class);
        if (given == null || given.isBlank()) {
            String name = in.getHeader(OutboundHeaders.MEDIA_FILENAME, file == null ? "" : file.getName(), String.class);
            given = MediaKind.typeOf(name).orElseThrow(() -> MediaLimits.failure(
                    "The file's type is not known. Set the header WhatsAppMediaType, as in image/jpeg"));
        }
        String type = given.trim().toLowerCase(Locale.ROOT);
        if (!MIME.matcher(type).matches()) {
            throw MediaLimits.failure("The header WhatsAppMediaType is no mime type. Give one such as image/jpeg");
        }
        return type;
    }

    private static String bare(String mimeType) {
        return mimeType.split(";", 2)[0].trim();
    }

    private static File file(Object body) {
        Object file = body instanceof WrappedFile<?> wrapped ? wrapped.getFile() : body;
        return file instanceof Path path ? path.toFile() : file instanceof File plain ? plain : null;
    }

    private HashedFile hash(Path file, MediaKind kind) {
        try {
            // a file that is too large need not be read to be refused
            limits.requireSize(kind, Files.size(file), files.head(file));
            return files.hash(file);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private HashedFile spool(Exchange exchange, MediaKind kind) {
        if (exchange.getMessage().getBody() instanceof StreamCache cache) {
            cache.reset();
        }
        try (InputStream content = exchange.getMessage().getBody(InputStream.class)) {
            if (content == null) {
                throw MediaLimits.failure("There is nothing to upload. Give a File, a Path, an InputStream or a byte[] as the body");
            }
            HashedFile file = files.spool(content, limits.most(kind, files.maxBytes()));
            exchange.getExchangeExtension().addOnCompletion(new Delete(file.path()));
            limits.requireSize(kind, file.size(), file.head());
            return file;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    // not the failure's own words, nor itself as the cause: both quote the file's name
    private static RuntimeException unreadable(IOException failure) {
        return MediaLimits.failure("The file to upload cannot be read (" + failure.getClass().getSimpleName()
                + "). Give a file or a stream that this process may read");
    }

    /** The name within the request, where only letters that need no encoding are safe; what people see is in the message. */
    private static String plain(String filename, String mime) {
        String name = filename == null ? "" : filename.substring(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
        name = ending(NOT_PLAIN.matcher(name).replaceAll("_").trim(), mime);
        name = name.substring(Math.max(0, name.length() - LONGEST_NAME)).trim();
        return name;
    }

    /** The name as files of the type end: Meta goes by it, and a wrong one becomes the error 131053 when the file is sent. */
    private static String ending(String name, String mime) {
        String extension = MediaKind.extension(mime);
        int dot = name.lastIndexOf('.');
        if (name.isEmpty() || dot == 0) {
            return "file." + extension;
        }
        if (MediaKind.of(mime).isEmpty() || MediaKind.isExtension(name.substring(dot + 1), mime)) {
            return name;
        }
        boolean another = dot > 0 && MediaKind.typeOf(name).isPresent();
        return (another ? name.substring(0, dot) : name) + '.' + extension;
    }

    private static WhatsAppServiceException notUnderstood(String why) {
        return new WhatsAppServiceException(ErrorDetails.builder(why).statusCode(200).retryClass(RetryClass.TRANSIENT)
                .scope(ErrorScope.SERVICE).outcomeUnknown(true).build());
    }

    private static final class Delete extends SynchronizationAdapter {

        private final Path file;

        Delete(Path file) {
            this.file = file;
        }

        @Override
        public void onDone(Exchange done) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.warn("A temporary media file was not deleted: {}", file.getFileName(), e);
            }
        }
    }
}
