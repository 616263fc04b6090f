package io.github.waroutes.flow;

import static com.github.tomakehurst.wiremock.client.WireMock.matchingJsonPath;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static io.github.waroutes.TestGateway.MESSAGES;

import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;

/** What Meta was sent, in its order. */
final class Sends {

    private Sends() {
    }

    static void acceptAll(WireMockServer meta) {
        meta.stubFor(post(urlEqualTo(MESSAGES)).willReturn(Flows.accepted()));
    }

    /** Messages of the type text. */
    static List<JsonNode> messages(WireMockServer meta) {
        return meta.findAll(postRequestedFor(urlEqualTo(MESSAGES)).withRequestBody(matchingJsonPath("$.text.body"))).stream()
                .map(request -> Flows.json(request.getBody())).toList();
    }

    static List<String> texts(WireMockServer meta) {
        return messages(meta).stream().map(message -> message.at("/text/body").asText()).toList();
    }

    /** The texts sent to one number, given without plus. */
    static List<String> textsTo(WireMockServer meta, String user) {
        return messages(meta).stream().filter(message -> ("+" + user).equals(message.path("to").asText()))
                .map(message -> message.at("/text/body").asText()).toList();
    }
}
