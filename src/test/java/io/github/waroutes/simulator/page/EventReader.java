package io.github.waroutes.simulator.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A reader of {@code GET /simulator/events} over a bare socket, so that it can also be a slow one. */
final class EventReader implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    final List<Event> events = new CopyOnWriteArrayList<>();
    final List<String> head = new CopyOnWriteArrayList<>();
    volatile boolean ended;
    /** Whether the stream ended as a chunked body should, and was not cut. */
    volatile boolean complete;
    volatile long lastId = -1;
    private final Socket socket = new Socket();
    private final URI url;

    /** One event. */
    record Event(long id, String name, JsonNode data) {
    }

    private EventReader(String url) {
        this.url = URI.create(url);
    }

    /** Reads from now on. */
    static EventReader of(String url, String... headers) throws IOException {
        EventReader reader = new EventReader(url);
        reader.ask("/simulator/events", 0, headers);
        reader.read();
        return reader;
    }

    /** Reads from now on what is about one user. */
    static EventReader about(String user, String url, String... headers) throws IOException {
        EventReader reader = new EventReader(url);
        reader.ask("/simulator/events?user=" + user, 0, headers);
        reader.read();
        return reader;
    }

    /** Asks, and reads nothing until {@link #read}. */
    static EventReader idle(String url) throws IOException {
        EventReader reader = new EventReader(url);
        reader.ask("/simulator/events", 2048);
        return reader;
    }

    List<Event> named(String name) {
        return events.stream().filter(event -> event.name().equals(name)).toList();
    }

    private void ask(String path, int buffer, String... headers) throws IOException {
        if (buffer > 0) {
            socket.setReceiveBufferSize(buffer);
        }
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), 5000);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    }

    void read() {
        Thread thread = new Thread(this::readAll, "event-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void readAll() {
        try (InputStream in = new BufferedInputStream(socket.getInputStream())) {
            String line;
            while (!(line = line(in)).isEmpty()) {
                head.add(line);
            }
            StringBuilder text = new StringBuilder();
            int length;
            // chunked transfer coding: a length in hex, so many bytes, an empty line
            while ((length = Integer.parseInt(line(in), 16)) > 0) {
                text.append(new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
                line(in);
                take(text);
            }
            complete = true;
        } catch (IOException | RuntimeException e) {
            // the end, too
        }
        ended = true;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next;
        while ((next = in.read()) != '\n') {
            if (next < 0) {
                throw new IOException("cut off");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    /** A character of the text is a byte still, as a chunk may end anywhere. */
    private void take(StringBuilder text) throws IOException {
        int begin = 0;
        int end;
        while ((end = text.indexOf("\n\n", begin)) >= 0) {
            String name = null;
            JsonNode data = null;
            String[] lines = text.substring(begin, end).split("\n");
            begin = end + 2;
            for (String line : lines) {
                if (line.startsWith("id: ")) {
                    lastId = Long.parseLong(line.substring(4));
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = JSON.readTree(line.substring(6).getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            if (name != null) {
                events.add(new Event(lastId, name, data));
            }
        }
        text.delete(0, begin);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
