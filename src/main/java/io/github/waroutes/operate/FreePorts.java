package io.github.waroutes.operate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;

/** Stops the start if another process has a port of ours: Camel 4.17.0 only logs that, and runs on without its server. */
public class FreePorts extends MainListenerSupport {

    /** @throws IllegalStateException naming the port's property */
    @Override
    public void afterConfigure(BaseMainSupport main) {
        CamelContext context = main.getCamelContext();
        for (String server : new String[] {"camel.server", "camel.management"}) {
            if ("true".equals(context.resolvePropertyPlaceholders("{{" + server + ".enabled:false}}"))) {
                check(server + ".port", context.resolvePropertyPlaceholders("{{" + server + ".host:0.0.0.0}}"),
                        context.resolvePropertyPlaceholders("{{" + server + ".port}}"));
            }
        }
    }

    private static void check(String property, String host, String port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, Integer.parseInt(port.trim())));
        } catch (IOException e) {
            throw new IllegalStateException(property + ' ' + port + " cannot be used on " + host + " (" + e.getMessage()
                    + "). Stop the process that has it, or give another port.", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(property + " is not a port: give a number from 0 to 65535.", e);
        }
    }
}
