package io.github.waroutes.setting;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** What is on this machine. No name server is ever asked: only {@code localhost} and address literals can be. */
public final class Loopback {

    private static final Pattern HOST = Pattern.compile("localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1]");
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private Loopback() {
    }

    /** Whether a URL's host, in small letters, is this machine in one of the usual forms. */
    public static boolean isHost(String host) {
        return host != null && HOST.matcher(host).matches();
    }

    /** Whether an address is this machine's: {@code localhost} or a literal in any form, with brackets or a zone or without. */
    public static boolean isAddress(String address) {
        if (address.equalsIgnoreCase("localhost")) {
            return true;
        }
        String bare = address.startsWith("[") && address.endsWith("]") ? address.substring(1, address.length() - 1) : address;
        int zone = bare.indexOf('%');
        bare = zone < 0 ? bare : bare.substring(0, zone);
        try {
            return LITERAL.matcher(bare).matches() && InetAddress.getByName(bare).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
