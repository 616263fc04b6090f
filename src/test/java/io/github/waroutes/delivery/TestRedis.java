package io.github.waroutes.delivery;

import java.io.IOException;

import io.github.waroutes.TestGateway;
import io.github.waroutes.state.RedisConnection;
import org.redisson.api.RedissonClient;
import redis.embedded.RedisServer;

/** A real Redis server on a free port, and a connection to it as the bundle makes it. */
final class TestRedis implements AutoCloseable {

    private final int port = TestGateway.freePort();
    private final RedisServer server;
    private final RedisConnection connection;

    TestRedis() throws IOException {
        server = RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"").build();
        server.start();
        connection = connection();
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    RedissonClient client() {
        return connection.client();
    }

    RedisConnection connection() {
        RedisConnection another = new RedisConnection();
        another.setUrl(url());
        return another;
    }

    void empty() {
        client().getKeys().flushall();
    }

    @Override
    public void close() throws IOException {
        connection.close();
        server.stop();
    }
}
