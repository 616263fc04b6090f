package io.github.waroutes.simulator;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import jakarta.activation.DataHandler;
import jakarta.activation.FileDataSource;
import java.io.File;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.attachment.AttachmentMessage;
import org.apache.camel.spi.Registry;

/** {@code POST /{version}/{phoneNumberId}/media}: the HTTP server has put the file on disk, and there it stays. */
public class SimulatorUploads {

    /**
     * Keeps the multipart part {@code file}, and deletes whatever else was uploaded.
     *
     * @param product  {@code messaging_product}: whatsapp
     * @param type     the file's mime type; the part's own if missing
     * @param partType the part's mime type
     * @return {@code {"id":"…"}}
     */
    public String upload(@Header("messaging_product") String product, @Header("type") String type,
            @Header("CamelFileContentType") String partType, Exchange exchange, Registry registry) throws IOException {
        Map<String, DataHandler> parts = exchange.getMessage(AttachmentMessage.class).getAttachments();
        try {
            if (!"whatsapp".equals(product)) {
                throw SimulatorFault.invalidParameter("messaging_product must be \"whatsapp\"");
            }
            if (parts == null || !parts.containsKey("file")
                    || !(parts.get("file").getDataSource() instanceof FileDataSource source)) {
                throw SimulatorFault.invalidParameter("file is missing: send a multipart/form-data body with the part 'file'");
            }
            File file = source.getFile();
            String mimeType = type == null ? partType : type;
            OptionalLong maximum = MediaTypes.maximum(mimeType);
            if (maximum.isEmpty()) {
                throw SimulatorFault.invalidParameter("file must be of one of these types: " + MediaTypes.names());
            }
            if (file.length() == 0 || file.length() > maximum.getAsLong()) {
                throw SimulatorFault.graph(400, 131053, null, "(#131053) Media upload error",
                        "A file of this type must have 1 to " + maximum.getAsLong() + " bytes");
            }
            String id = SimulatorState.in(registry).keepFile(mimeType, file.toPath()).id();
            return JsonNodeFactory.instance.objectNode().put("id", id).toString();
        } finally {
            if (parts != null) {
                parts.values().forEach(SimulatorUploads::delete);
            }
        }
    }

    private static void delete(DataHandler part) {
        if (part.getDataSource() instanceof FileDataSource source) {
            source.getFile().delete();
        }
    }
}
