package io.github.waroutes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.redisson.api.RedissonClient;
import org.redisson.api.redisnode.RedisNode;
import org.redisson.api.redisnode.RedisNodes;
import redis.embedded.RedisServer;

/**
 * A real Redis server on a free port, and connections to it that end with it. Registered as an extension in a static field
 * there is one for the test class, otherwise one for each test.
 */
public final class TestRedis
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, AutoCloseable {

    private final List<AutoCloseable> clients = new ArrayList<>();
    private RedisServer server;
    private RedisConnection connection;
    private String url;
    private boolean ofTheClass;
    private String frozen;

    /** One that a test closes itself. */
    public static TestRedis started() {
        TestRedis redis = new TestRedis();
        redis.start();
        return redis;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ofTheClass = true;
        start();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!ofTheClass) {
            start();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (!ofTheClass) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    private void start() {
        int port = TestPorts.free();
        url = "redis://127.0.0.1:" + port;
        try {
            server = RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"").build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        startServer();
        connection = newConnection();
    }

    public String url() {
        return url;
    }

    /** The connection that the tests share. */
    public RedisConnection connection() {
        return connection;
    }

    /** The client of that connection. */
    public RedissonClient client() {
        return connection.ask(client -> client);
    }

    /** A further connection as the bundle makes it, as another process has one. */
    public RedisConnection newConnection() {
        RedisConnection another = new RedisConnection();
        another.setUrl(url);
        if (ofTheClass) {
            // a class that shares one is not about time-outs; the machine may do much else
            another.setTimeout(10_000);
        }
        clients.add(another);
        return another;
    }

    public void empty() {
        client().getKeys().flushall();
    }

    /** Starts the server again, on its port, with nothing in it. */
    public void startServer() {
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the server; who is connected is not told. */
    public void stopServer() {
        try {
            server.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The server's process stops in its tracks: it is connected to, and says nothing. */
    public void freeze() {
        String pid = client().getRedisNodes(RedisNodes.SINGLE).getInstance().info(RedisNode.InfoSection.SERVER).get("process_id");
        signal("STOP", pid);
        frozen = pid;
    }

    /** It goes on, and answers what it was asked meanwhile. */
    public void thaw() {
        if (frozen != null) {
            signal("CONT", frozen);
            frozen = null;
        }
    }

    private static void signal(String signal, String pid) {
        try {
            if (new ProcessBuilder("kill", "-" + signal, pid).start().waitFor() != 0) {
                throw new IllegalStateException("kill -" + signal);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        thaw();
        try {
            for (AutoCloseable client : clients) {
                client.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            clients.clear();
            stopServer();
        }
    }
}
