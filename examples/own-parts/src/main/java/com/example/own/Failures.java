package com.example.own;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.camel.Exchange;

/** What the application's error handler was given; a real one would tell somebody. */
public class Failures {

    private final List<String> routes = new CopyOnWriteArrayList<>();

    public void add(Exchange exchange) {
        routes.add(exchange.getProperty(Exchange.FAILURE_ROUTE_ID, String.class));
    }

    List<String> routes() {
        return routes;
    }
}
