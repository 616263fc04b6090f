package io.github.waroutes.graph;

import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.SecretUrl;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * The address of a hop's server, and the key it may want (RFC 6750): of the current message's number, or the gateway's. The gateway's key goes
 * to the gateway's address only.
 */
public class HopServer {

    private static final String ADDRESS = "whatsappHopAddress";
    private static final String KEY = "whatsappHopKey";

    private String urlSetting;
    private String keySetting;
    private String path = "";

    /** @param urlSetting which setting has the address */
    public void setUrlSetting(String urlSetting) {
        this.urlSetting = urlSetting;
    }

    /** @param keySetting which setting has the key; null: the server wants none */
    public void setKeySetting(String keySetting) {
        this.keySetting = keySetting;
    }

    /** @param path what comes after the address */
    public void setPath(String path) {
        this.path = path;
    }

    /** Finds the server of the current message's number, as long as its headers say whose it is. */
    public void choose(Exchange exchange) {
        NumberSettings numbers = NumberSettings.in(exchange.getContext());
        exchange.setVariable(ADDRESS, numbers.text(urlSetting, exchange));
        if (keySetting != null) {
            exchange.setVariable(KEY, numbers.secret(urlSetting, keySetting, exchange));
        }
    }

    /**
     * Sets the headers {@code CamelHttpUri} and, if there is a key, {@code Authorization} to what was chosen.
     *
     * @throws IllegalArgumentException if the key would travel in the clear
     */
    public void address(Exchange exchange) {
        Message message = exchange.getMessage();
        String address = exchange.getVariable(ADDRESS, "", String.class);
        String key = exchange.getVariable(KEY, "", String.class);
        exchange.removeVariable(KEY);
        message.setHeader(Exchange.HTTP_URI, address + path);
        if (!key.isBlank()) {
            SecretUrl.require(urlSetting, address);
            message.setHeader("Authorization", "Bearer " + key);
        }
    }
}
