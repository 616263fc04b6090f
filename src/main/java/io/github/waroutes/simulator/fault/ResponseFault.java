package io.github.waroutes.simulator.fault;

import io.github.waroutes.simulator.common.Refusal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Faults in the transport of one HTTP response. The route answers as usual; what it writes is delayed, dropped or cut off in the
 * pipeline of the connection, so no thread waits.
 */
public final class ResponseFault {

    private static final long INSTALL_MILLIS = 5_000;

    private ResponseFault() {
    }

    /** Delays the response. */
    public static void slow(Exchange exchange, long millis) {
        install(exchange, new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) {
                context.executor().schedule(() -> context.writeAndFlush(part, promise), millis, TimeUnit.MILLISECONDS);
                if (part instanceof LastHttpContent) {
                    // not before: removing a handler does not cancel what it has scheduled
                    context.pipeline().remove(this);
                }
            }
        });
    }

    /** Drops the response, and closes the connection after this time. */
    public static void none(Exchange exchange, long millis) {
        Channel channel = install(exchange, new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) {
                ReferenceCountUtil.release(part);
                promise.trySuccess();
            }
        });
        channel.eventLoop().schedule(() -> channel.close(), millis, TimeUnit.MILLISECONDS);
    }

    /** Resets the connection instead of responding. */
    public static void cut(Exchange exchange) {
        install(exchange, new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) {
                ReferenceCountUtil.release(part);
                promise.trySuccess();
                // a response can be written in several parts
                if (context.channel().isActive()) {
                    // with SO_LINGER 0 a close sends a reset
                    context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                    context.channel().close();
                }
            }
        });
    }

    private static Channel install(Exchange exchange, ChannelOutboundHandlerAdapter handler) {
        if (!(exchange.getMessage() instanceof HttpMessage message)
                || !(message.getRequest().connection() instanceof HttpServerConnection connection)) {
            throw new IllegalStateException("Faults of an answer need platform-http on Vert.x, before the body is replaced");
        }
        if (message.getRequest().version() == HttpVersion.HTTP_2) {
            throw Refusal.plain(505, "Faults of a connection need HTTP/1.1: over HTTP/2 other requests share it");
        }
        ChannelHandlerContext server = connection.channelHandlerContext();
        // on the event loop, and awaited: added from this thread it could come after the response
        boolean added = server.channel().eventLoop()
                .submit(() -> server.pipeline().addBefore(server.name(), null, handler)).awaitUninterruptibly(INSTALL_MILLIS);
        if (!added) {
            throw Refusal.plain(503, "The fault could not be set up in time");
        }
        return server.channel();
    }
}
