package io.github.waroutes.simulator.media;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.github.waroutes.simulator.common.AtStart;
import io.github.waroutes.simulator.common.Refusal;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import io.vertx.core.Vertx;
import io.vertx.ext.web.FileUpload;
import io.vertx.ext.web.RoutingContext;
import jakarta.activation.DataHandler;
import jakarta.activation.FileDataSource;
import java.io.File;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.attachment.AttachmentMessage;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/** {@code POST /{version}/{phoneNumberId}/media}: the HTTP server has written the file to disk, where it stays. */
public class Uploads extends AtStart {

    private static final String REQUEST = "simulator-request";

    private final MediaStore files;

    public Uploads(MediaStore files) {
        this.files = files;
    }

    /** Camel gives the type suggested by the file's name; only the HTTP server knows the content type of the part. */
    @Override
    protected void atStart(CamelContext started) {
        for (VertxPlatformHttpRouter router : started.getRegistry().findByType(VertxPlatformHttpRouter.class)) {
            router.route("/graph/*").order(-1).handler(request -> {
                Vertx.currentContext().putLocal(REQUEST, request);
                request.next();
            });
        }
    }

    /**
     * Keeps the multipart part {@code file}, and deletes whatever else was uploaded.
     *
     * <p>Its type is that of the part: Meta does not look at the form field {@code type}.
     *
     * @param product {@code messaging_product}: whatsapp
     * @return {@code {"id":"…"}}
     */
    public String upload(@Header("messaging_product") String product, Exchange exchange) throws IOException {
        Map<String, DataHandler> parts = exchange.getMessage(AttachmentMessage.class).getAttachments();
        try {
            if (!"whatsapp".equals(product)) {
                throw Refusal.invalidParameter("messaging_product must be \"whatsapp\"");
            }
            if (parts == null || !parts.containsKey("file")
                    || !(parts.get("file").getDataSource() instanceof FileDataSource source)) {
                throw Refusal.invalidParameter("file is missing: send a multipart/form-data body with the part 'file'");
            }
            File file = source.getFile();
            String mimeType = typeOfPart();
            OptionalLong maximum = MediaTypes.maximum(mimeType);
            if (maximum.isEmpty()) {
                throw Refusal.graph(400, 100, null, "(#100) Param file must be a file with one of the following types: "
                        + MediaTypes.names() + ". Received file of type '" + shown(mimeType) + "'.", null);
            }
            if (file.length() == 0 || file.length() > maximum.getAsLong()) {
                throw Refusal.graph(400, 131053, null, "(#131053) Media upload error",
                        "A file of this type must have 1 to " + maximum.getAsLong() + " bytes");
            }
            MediaStore.Media kept = files.keep(mimeType, file.toPath());
            files.own(kept.id(), exchange.getProperty(SimulatedNumbers.NUMBER, SimulatedNumber.class).accountId());
            files.metadata().note(kept.id(), kept.sha256(), source.getName(), null);
            return JsonNodeFactory.instance.objectNode().put("id", kept.id()).toString();
        } finally {
            if (parts != null) {
                parts.values().forEach(Uploads::delete);
            }
        }
    }

    private static String typeOfPart() {
        RoutingContext request = Vertx.currentContext().getLocal(REQUEST);
        return request.fileUploads().stream().filter(part -> part.name().equals("file")).map(FileUpload::contentType).findFirst().orElse(null);
    }

    private static String shown(String mimeType) {
        return mimeType == null || mimeType.isBlank() ? "application/octet-stream"
                : mimeType.length() > 100 ? mimeType.substring(0, 100) : mimeType;
    }

    private static void delete(DataHandler part) {
        if (part.getDataSource() instanceof FileDataSource source) {
            source.getFile().delete();
        }
    }
}
