package io.github.waroutes.operate;

import java.net.URL;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.model.RouteDefinition;

/** Tells the routes of this bundle from those of its users. */
final class OurRoutes {

    private static final String DIRECTORY = "routes/whatsapp/";
    private static final String KAMELETS = "kamelets/";
    /** The address of a file of ours by its name: each step of each route asks, and a look through all jars takes its time. */
    private static final Map<String, Optional<URL>> FILES = new ConcurrentHashMap<>();

    private OurRoutes() {
    }

    /** Whether the route stands in one of our files: a user's file of the same name is not ours. */
    static boolean contain(RouteDefinition route) {
        return isIn(DIRECTORY, route);
    }

    /** Whether the route was made of one of our Kamelets. */
    static boolean haveKamelet(RouteDefinition route) {
        return Boolean.TRUE.equals(route.isKamelet()) && isIn(KAMELETS, route);
    }

    private static boolean isIn(String directory, RouteDefinition route) {
        String place = route.getResource() != null ? route.getResource().getLocation() : route.getLocation();
        if (place == null) {
            return false;
        }
        String name = directory + place.substring(place.lastIndexOf('/') + 1);
        // what a pattern found has the address of the file or of the jar's entry
        return FILES.computeIfAbsent(name, file -> Optional.ofNullable(OurRoutes.class.getClassLoader().getResource(file)))
                .filter(ours -> place.equals("classpath:" + name) || path(place).equals(path(ours.toString()))).isPresent();
    }

    private static String path(String location) {
        return location.replaceFirst("^(?:jar:)?(?:file:)?/*", "");
    }
}
