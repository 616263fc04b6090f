package com.example.two;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;

/** Two contexts in one JVM that share nothing but the classes. */
public final class TwoShops {

    private TwoShops() {
    }

    public static void main(String... args) throws Exception {
        for (String name : List.of("north", "south")) {
            Shop shop = new Shop(name, properties(name));
            shop.open();
            Runtime.getRuntime().addShutdownHook(new Thread(shop::close));
        }
    }

    static Properties properties(String name) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = TwoShops.class.getResourceAsStream('/' + name + ".properties")) {
            properties.load(in);
        }
        return properties;
    }
}
