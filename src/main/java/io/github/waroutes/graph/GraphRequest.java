package io.github.waroutes.graph;

import java.util.Map;
import java.util.regex.Pattern;

import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.message.OutboundHeaders;
import io.github.waroutes.number.AppSecretProof;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.number.NumberLookup;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.setting.SecretUrl;
import io.github.waroutes.update.UpdateHeaders;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.Variable;

/**
 * What a call to the Graph API needs beside its body: the path and the authorization. Ids become part of a URL, so each
 * is checked against its form first.
 */
public class GraphRequest {

    /** An exchange variable: the path of a call. */
    static final String PATH = "whatsappPath";
    /** An exchange variable: the phone number id of the number that a call is for. */
    static final String NUMBER = "whatsappCallNumber";

    private static final Pattern VERSION = Pattern.compile("v\\d{1,3}\\.\\d{1,2}");
    private static final Pattern NUMBER_ID = Pattern.compile("[0-9A-Za-z_-]{1,64}");
    private static final Pattern MEDIA_ID = Pattern.compile("[0-9A-Za-z_-]{1,128}");

    private String url;
    private String version;
    private String phoneNumberId;
    private String accessToken;
    /** Null: the calls have none. */
    private AppSecretProof proof;
    private final NumberLookup numbers = new NumberLookup();

    /** @param url where the Graph API is; the token goes there, so only https will do, or http to loopback */
    public void setUrl(String url) {
        this.url = url;
    }

    /** @param version as in {@code v26.0} */
    public void setVersion(String version) {
        this.version = version;
    }

    /** @param phoneNumberId the business number that sends unless a message names another */
    public void setPhoneNumberId(String phoneNumberId) {
        this.phoneNumberId = phoneNumberId;
    }

    /** @param accessToken a token with the permission {@code whatsapp_business_messaging} */
    public void setAccessToken(String accessToken) {
        this.accessToken = accessToken;
    }

    /** @param on whether each call has an {@link AppSecretProof}, which an app with "Require App Secret" wants */
    public void setAppSecretProof(boolean on) {
        proof = on ? new AppSecretProof() : null;
    }

    /** @throws IllegalArgumentException naming the property that is missing or wrong */
    public void check() {
        if (phoneNumberId == null || phoneNumberId.isBlank()) {
            throw new IllegalArgumentException("whatsapp.phone-number-id is not set. Copy it from the app's dashboard"
                    + " (WhatsApp, API Setup); it is an id, not the phone number.");
        }
        if (!NUMBER_ID.matcher(phoneNumberId.trim()).matches()) {
            throw new IllegalArgumentException("whatsapp.phone-number-id is not an id. Copy it from the app's dashboard"
                    + " (WhatsApp, API Setup); it is an id of digits, not the phone number.");
        }
        if (accessToken == null || accessToken.isBlank()) {
            throw new IllegalArgumentException("whatsapp.access-token is not set. Make a system user's token with the"
                    + " permission whatsapp_business_messaging (Business settings, System users).");
        }
        if (accessToken.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException("whatsapp.access-token has a character that no token has, a space or a line"
                    + " break perhaps. Copy it again.");
        }
        if (version == null || !VERSION.matcher(version.trim()).matches()) {
            throw new IllegalArgumentException("whatsapp.graph.version " + version + " is not a version. Give one such as v26.0.");
        }
        SecretUrl.require("whatsapp.graph.url", url);
        version = version.trim();
        phoneNumberId = phoneNumberId.trim();
    }

    public String authorization() {
        return "Bearer " + accessToken;
    }

    /** With the token of the number that the variable {@value #NUMBER} has the id of; without one, of ours. */
    public String authorizationOf(Exchange exchange) {
        BusinessNumber number = numberOf(exchange);
        return number == null ? authorization() : "Bearer " + number.accessToken();
    }

    /**
     * Sets the header {@code Authorization} to {@link #authorizationOf}, and the query to what follows the {@code ?} of the path, and to the
     * number's {@link AppSecretProof} if that is on.
     */
    public void authorize(Exchange exchange) {
        Message request = exchange.getMessage();
        BusinessNumber number = numberOf(exchange);
        request.setHeader("Authorization", number == null ? authorization() : "Bearer " + number.accessToken());
        String query = proof != null && number != null ? proof.query(number) : null;
        String path = request.getHeader(Exchange.HTTP_PATH, String.class);
        int mark = path == null ? -1 : path.indexOf('?');
        if (mark >= 0) {
            request.setHeader(Exchange.HTTP_PATH, path.substring(0, mark));
            query = path.substring(mark + 1) + (query == null ? "" : '&' + query);
        }
        if (query != null) {
            request.setHeader(Exchange.HTTP_QUERY, query);
        }
    }

    private BusinessNumber numberOf(Exchange exchange) {
        NumberSettings known = numbers.in(exchange.getContext());
        return known == null ? null : known.require(exchange.getVariable(NUMBER, String.class));
    }

    /** Sets the variables {@value #NUMBER} and {@value #PATH}, {@link #messagesPath(String, String)}, for the current message. */
    public void toMessages(Exchange exchange) {
        Message message = exchange.getMessage();
        String number = message.getHeader(UpdateHeaders.PHONE_NUMBER_ID, String.class);
        exchange.setVariable(NUMBER, number);
        exchange.setVariable(PATH, messagesPath(number,
                message.getHeader(OutboundHeaders.MARKETING, String.class)));
    }

    /**
     * {@code /v26.0/{number}/messages}, for the number given or, without one, for ours; with {@code marketing} the word
     * {@code true}, {@code /marketing_messages} (Meta: "Marketing Messages API").
     */
    public String messagesPath(@Header(UpdateHeaders.PHONE_NUMBER_ID) String number,
            @Header(OutboundHeaders.MARKETING) String marketing) {
        return numberPath(number) + ("true".equals(marketing) ? "/marketing_messages" : "/messages");
    }

    /** {@code /v26.0/{number}/media}, for the number given or, without one, for ours. */
    public String uploadPath(@Header(UpdateHeaders.PHONE_NUMBER_ID) String number) {
        return numberPath(number) + "/media";
    }

    /** {@code /v26.0/{number}}, for the number given or, without one, for ours. */
    String numberPath(String number) {
        return objectPath(number == null || number.isBlank() ? phoneNumberId : number, "The message's phone number id is not an id");
    }

    /**
     * {@code /v26.0/{id}}.
     *
     * @throws WhatsAppMessageException with these words, if it is no id
     */
    String objectPath(String id, String wrong) {
        if (id == null || !NUMBER_ID.matcher(id).matches()) {
            throw new WhatsAppMessageException(ErrorDetails.builder(wrong).build());
        }
        return '/' + version + '/' + id;
    }

    /** {@code /v26.0/{media}}. */
    public String mediaPath(@Variable("whatsappMediaId") String mediaId) {
        if (mediaId == null || !MEDIA_ID.matcher(mediaId).matches()) {
            throw new WhatsAppMediaException(
                    ErrorDetails.builder("The message's media id is missing, or not an id").context(Map.of()).build(),
                    null, false, false);
        }
        return '/' + version + '/' + mediaId;
    }
}
