package io.github.waroutes.operate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What operators changed, one JSON object a line; on disk before the change is made. Each is a log event too. */
public class AuditLog {

    private static final Logger LOG = LoggerFactory.getLogger("whatsapp");

    private final ObjectMapper json = new ObjectMapper();
    private Path file;

    /** @param file the lines are appended to it; it is made if it is missing */
    public void setFile(String file) {
        this.file = Path.of(file);
    }

    /** @throws ManagementException 503 if it cannot be written; nothing may be changed then */
    synchronized void write(String action, Map<String, ?> about) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at", Instant.now().toString());
        line.put("action", action);
        line.putAll(about);
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
                channel.write(ByteBuffer.wrap((json.writeValueAsString(line) + '\n').getBytes(StandardCharsets.UTF_8)));
                channel.force(false);
            }
        } catch (IOException e) {
            throw new ManagementException(503, "The audit log " + file + " cannot be written (whatsapp.management.audit-file), so nothing was changed.");
        }
        LOG.atInfo().addKeyValue("event", "whatsapp.management.changed").addKeyValue("action", action).addKeyValue("about", about.get("queue"))
                .log("whatsapp.management.changed");
    }
}
