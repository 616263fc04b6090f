package io.github.waroutes.limit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.TestGateway;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import redis.embedded.RedisServer;

/** A real Redis server on a free port. */
class LocalRedis implements AutoCloseable {

    private final int port = TestGateway.freePort();
    private final RedisServer server;
    private final List<RedissonClient> clients = new ArrayList<>();
    private final RedissonClient client;

    LocalRedis() throws IOException {
        server = RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"").build();
        server.start();
        client = another();
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    RedissonClient client() {
        return client;
    }

    RedissonClient another() {
        Config config = new Config();
        config.setCodec(StringCodec.INSTANCE);
        config.useSingleServer().setAddress(url()).setConnectionMinimumIdleSize(1).setConnectionPoolSize(8)
                .setTimeout(500).setRetryAttempts(1);
        RedissonClient another = Redisson.create(config);
        clients.add(another);
        return another;
    }

    void stopServer() throws IOException {
        server.stop();
    }

    @Override
    public void close() throws IOException {
        clients.forEach(RedissonClient::shutdown);
        server.stop();
    }
}
