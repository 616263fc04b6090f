package io.github.waroutes.operate;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.waroutes.error.Masking;
import io.github.waroutes.flows.FlowKeys;
import io.github.waroutes.number.AppSecretProof;
import io.github.waroutes.number.BusinessNumber;
import io.github.waroutes.operate.Doctor.State;

/**
 * What Meta says of each number, its token, its account and its app. Source: Graph API, "Debug token", "/{app-id}/subscriptions"; WhatsApp Business
 * Management API, "Phone numbers", "Subscribed apps", "Message templates", "Messaging health status". It reads only.
 */
final class MetaCheck {

    private static final Duration READ = Duration.ofSeconds(10);
    private static final Duration EXPIRES_SOON = Duration.ofDays(7);
    private static final int EXPIRED = 190;
    private static final String PROOF = "Set whatsapp.graph.appsecret-proof = true, and the first app-secret to the one that App settings > Basic shows.";
    private static final int NO_PAYMENT = 141006;
    /** What stands in the way of calls, from 138000 on, does not concern messages. */
    private static final int CALLS = 138;
    private static final String MANAGEMENT = "whatsapp_business_management";
    private static final List<String> SCOPES = List.of("whatsapp_business_messaging", MANAGEMENT);
    private static final String FIELDS = "status,quality_rating,throughput,whatsapp_business_manager_messaging_limit,health_status,webhook_configuration";
    private static final String TEMPLATE_FIELDS = "name,language,status,category,components,parameter_format,rejected_reason";
    private static final int MOST_PAGES = 20;
    private static final String REGISTER = "Connect it in the WhatsApp Manager, or register it (POST /{phone_number_id}/register).";
    private static final String AT_LIMIT = "It may start no conversation until its limit of 24 hours has room; replies go out. See the WhatsApp Manager.";

    private final HttpClient http;
    private final UnaryOperator<String> setting;
    private final Report report;
    private final CallbackProbe probe;
    private final ObjectMapper json = new ObjectMapper();
    /** Many numbers may have one token, account or app: each is asked for once. */
    private final Map<String, Answer> answers = new HashMap<>();
    private final Set<String> seen = new HashSet<>();

    /** Takes a finding. */
    interface Report {

        void add(State state, String about, String text);
    }

    /** @param status the HTTP status; 0: there was no answer */
    private record Answer(int status, JsonNode body) {

        private int code() {
            return body.at("/error/code").asInt();
        }
    }

    /** @param setting the value of a setting, by its key */
    MetaCheck(HttpClient http, UnaryOperator<String> setting, Report report, CallbackProbe probe) {
        this.http = http;
        this.setting = setting;
        this.report = report;
        this.probe = probe;
    }

    void look(BusinessNumber number) {
        String about = "number " + number.name();
        JsonNode token = token(about + ", token", number);
        if (token == null) {
            return;
        }
        String app = token.path("app_id").asText();
        JsonNode described = null;
        if (has(token, MANAGEMENT)) {
            described = describe(about, number);
            flows(about + ", Flows", number);
            String account = number.accountId().isBlank() ? onlyAccount(token) : number.accountId();
            if (account.isEmpty()) {
                report.add(State.WARN, about + ", webhooks", "Whether its account is subscribed to the app cannot be told. Set its account-id.");
            } else if (covers(token, MANAGEMENT, account)) {
                subscription(about + ", webhooks", number, account, app);
                template(about + ", template", number, account);
            }
        }
        if (!app.isEmpty()) {
            app("app " + number.app(), number, app);
        }
        if (described != null) {
            override(about + ", callback", number, described.path("webhook_configuration"));
        }
    }

    /** What {@code debug_token} says of the token; null if it cannot be used. */
    private JsonNode token(String about, BusinessNumber number) {
        JsonNode answer = graph(about, number, "debug_token?input_token=" + URLEncoder.encode(number.accessToken(), StandardCharsets.UTF_8),
                "Make a token of a system user of the app.");
        if (answer == null) {
            return null;
        }
        JsonNode data = answer.path("data");
        if (!data.path("is_valid").asBoolean()) {
            report.add(State.FAIL, about, "It is not valid. Renew it.");
            return null;
        }
        List<String> missing = SCOPES.stream().filter(scope -> !has(data, scope)).toList();
        List<String> elsewhere = SCOPES.stream().filter(scope -> has(data, scope) && !covers(data, scope, number.accountId())).toList();
        long expires = data.path("expires_at").asLong();
        Duration left = Duration.between(Instant.now(), Instant.ofEpochSecond(expires));
        if (!missing.isEmpty()) {
            report.add(State.FAIL, about, "It has not " + String.join(", ", missing) + ". Make one that has (Business settings, System users).");
        } else if (!elsewhere.isEmpty()) {
            report.add(State.FAIL, about, "It has " + String.join(", ", elsewhere) + " for other accounts only. Assign the account to its system user (Business settings),"
                    + " or correct the account-id.");
        } else if (expires > 0 && left.compareTo(EXPIRES_SOON) < 0) {
            report.add(State.WARN, about, "It expires in " + Math.max(0, left.toHours()) + " hours. Make a system user's token that does not.");
        } else {
            report.add(State.OK, about, expires > 0 ? "Valid until " + Instant.ofEpochSecond(expires) : "Valid, and does not expire");
        }
        return data;
    }

    private static boolean has(JsonNode token, String scope) {
        return stream(token.path("scopes")).anyMatch(one -> one.asText().equals(scope));
    }

    /** A permission without target ids is one for everything that the user may see. */
    private static boolean covers(JsonNode token, String scope, String account) {
        return account.isBlank() || stream(token.path("granular_scopes")).filter(one -> one.path("scope").asText().equals(scope)).map(one -> one.path("target_ids"))
                .allMatch(targets -> targets.isEmpty() || stream(targets).anyMatch(target -> target.asText().equals(account)));
    }

    private static String onlyAccount(JsonNode token) {
        List<String> accounts = stream(token.path("granular_scopes")).filter(one -> one.path("scope").asText().equals(MANAGEMENT))
                .flatMap(one -> stream(one.path("target_ids"))).map(JsonNode::asText).distinct().toList();
        return accounts.size() == 1 ? accounts.get(0) : "";
    }

    /** What Graph says of the number, or null. */
    private JsonNode describe(String about, BusinessNumber number) {
        JsonNode answer = graph(about, number, number.phoneNumberId() + "?fields=" + FIELDS,
                "Give the token access to the number (Business settings, System users), or correct the phone-number-id.");
        if (answer == null) {
            return null;
        }
        String status = answer.path("status").asText("CONNECTED");
        String how = answer.path("status").asText("status unknown") + ", quality " + answer.path("quality_rating").asText("unknown") + ", throughput "
                + answer.at("/throughput/level").asText("unknown") + ", limit " + answer.path("whatsapp_business_manager_messaging_limit").asText("unknown");
        JsonNode health = answer.path("health_status");
        String reasons = reasons(health.path("entities"));
        switch (status) {
            case "CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED" -> {
                if (isHindered(health, "BLOCKED")) {
                    report.add(State.FAIL, about, how + ", but it cannot send: " + reasons + " See the WhatsApp Manager: review or restriction.");
                } else if (!status.equals("CONNECTED")) {
                    report.add(State.WARN, about, how + ". " + (status.equals("FLAGGED") ? "Its quality is low: if it stays so, Meta lowers its limit. Write to fewer people who did"
                            + " not ask for it." : AT_LIMIT));
                } else if ("RED".equals(answer.path("quality_rating").asText()) || isHindered(health, "LIMITED")) {
                    report.add(State.WARN, about, (how + ". " + reasons).strip() + " See it in the WhatsApp Manager.");
                } else {
                    report.add(State.OK, about, how);
                }
            }
            case "BANNED" -> report.add(State.FAIL, about, how + ". Meta has banned it. Ask for a review in the Business Support Home.");
            case "MIGRATED", "DELETED" -> report.add(State.FAIL, about, how + ". It is no longer in this account. Correct the phone-number-id.");
            default -> report.add(State.FAIL, about, how + ". " + REGISTER);
        }
        payment(about + ", payment", health.path("entities"));
        return answer;
    }

    private void payment(String about, JsonNode entities) {
        if (stream(entities).flatMap(entity -> stream(entity.path("errors"))).anyMatch(error -> error.path("error_code").asInt() == NO_PAYMENT)) {
            report.add(State.FAIL, about, "The account has no payment method that works: templates fail, and replies beyond the free ones (131042)."
                    + " Add one in the WhatsApp Manager (account tools, payment).");
        } else if (!entities.isEmpty()) {
            report.add(State.OK, about, "Meta reports no problem with it");
        }
    }

    /** Whether one of those that a message needs is so, for another reason than the payment method, which has its own finding, or calls. */
    private static boolean isHindered(JsonNode health, String how) {
        JsonNode entities = health.path("entities");
        return entities.isEmpty() ? how.equals(health.path("can_send_message").asText())
                : stream(entities).anyMatch(entity -> how.equals(entity.path("can_send_message").asText())
                        && (entity.path("errors").isEmpty() || !entity.path("additional_info").isEmpty() || errors(entity).findAny().isPresent()));
    }

    private static Stream<JsonNode> errors(JsonNode entity) {
        return stream(entity.path("errors")).filter(error -> error.path("error_code").asInt() != NO_PAYMENT && error.path("error_code").asInt() / 1000 != CALLS);
    }

    /** Meta's own words. */
    private static String reasons(JsonNode entities) {
        Stream<String> errors = stream(entities).flatMap(MetaCheck::errors)
                .map(error -> error.path("error_description").asText() + ' ' + error.path("possible_solution").asText());
        Stream<String> more = stream(entities).flatMap(entity -> stream(entity.path("additional_info"))).map(JsonNode::asText);
        return Masking.text(Stream.concat(errors, more).map(String::strip).distinct().collect(Collectors.joining(" ")));
    }

    private void subscription(String about, BusinessNumber number, String account, String app) {
        JsonNode answer = graph(about, number, account + "/subscribed_apps", "Correct the account-id, or give the token access to the account.");
        if (answer == null) {
            return;
        }
        if (stream(answer.path("data")).anyMatch(one -> app.isEmpty() || one.at("/whatsapp_business_api_data/id").asText().equals(app))) {
            report.add(State.OK, about, "The account is subscribed to the app");
        } else {
            report.add(State.FAIL, about, "The account is not subscribed to the app, so no webhook comes. POST /" + account + "/subscribed_apps with the token.");
        }
    }

    /** Whether Meta encrypts the requests of Flows for the key that decrypts them. */
    private void flows(String about, BusinessNumber number) {
        String privateKey = setting.apply("whatsapp.flows.private-key");
        if (privateKey.isBlank()) {
            return;
        }
        FlowKeys keys = new FlowKeys();
        keys.setPrivateKey(privateKey);
        keys.setPassphrase(setting.apply("whatsapp.flows.private-key-passphrase"));
        keys.setHandler(setting.apply("whatsapp.flows.on-request"));
        try {
            keys.read();
        } catch (IllegalArgumentException e) {
            report.add(State.FAIL, about, e.getMessage());
            return;
        }
        JsonNode answer = graph(about, number, number.phoneNumberId() + "/whatsapp_business_encryption", "Give the token whatsapp_business_messaging.");
        if (answer == null) {
            return;
        }
        Map<String, Object> told = keys.compared(json.convertValue(answer, new TypeReference<Map<String, Object>>() { }));
        boolean signed = !"MISMATCH".equals(told.get("business_public_key_signature_status"));
        if (Boolean.TRUE.equals(told.get("current")) && signed) {
            report.add(State.OK, about, "Meta has the public key");
        } else {
            report.add(State.WARN, about, (!told.containsKey("business_public_key") ? "Meta has no public key" : signed ? "Meta has another public key than that of the first"
                    + " key in whatsapp.flows.private-key" : "Meta's signature of the public key does not match") + ": Flows with an endpoint fail. Upload it, PUT /api/flows/public-key.");
        }
    }

    /** The template that a text becomes whose user wrote more than 24 hours ago, once for each account. */
    private void template(String about, BusinessNumber number, String account) {
        String[] template = setting.apply("whatsapp.window.template").split(":", 2);
        if (!"template".equals(setting.apply("whatsapp.window.closed")) || template.length < 2 || !seen.add("template " + account)) {
            return;
        }
        String name = template[0] + ", " + template[1];
        JsonNode found = MissingNode.getInstance();
        String after = "";
        for (int page = 0; page < MOST_PAGES && after != null && found.isMissingNode(); page++) {
            // the name is searched for as a part of names
            JsonNode answer = graph(about, number, account + "/message_templates?limit=100&name=" + template[0] + "&fields=" + TEMPLATE_FIELDS
                    + (after.isEmpty() ? "" : "&after=" + URLEncoder.encode(after, StandardCharsets.UTF_8)), "Give the token access to the account.");
            if (answer == null) {
                return;
            }
            found = stream(answer.path("data")).filter(one -> one.path("name").asText().equals(template[0]) && one.path("language").asText().equals(template[1]))
                    .findFirst().orElse(found);
            after = answer.at("/paging/next").isMissingNode() ? null : answer.at("/paging/cursors/after").asText(null);
        }
        if (found.isMissingNode()) {
            report.add(State.FAIL, about, name + ": the account has none of this name and language. Make it in the WhatsApp Manager, or correct whatsapp.window.template.");
            return;
        }
        judge(about, name, found);
    }

    private void judge(String about, String name, JsonNode template) {
        String status = template.path("status").asText();
        String toDo = switch (status) {
            case "APPROVED", "FLAGGED" -> null;
            case "PENDING", "IN_APPEAL" -> "Meta has not decided about it. Wait, or name another in whatsapp.window.template.";
            case "REJECTED" -> "Meta has rejected it (" + template.path("rejected_reason").asText("no reason given") + "). Change it and submit it again.";
            case "PAUSED" -> "Meta has paused it, as people complained. Wait until it is active again, or name another in whatsapp.window.template.";
            default -> "It cannot be sent (" + status + "). Name another in whatsapp.window.template.";
        };
        if (toDo != null) {
            report.add(State.FAIL, about, name + ": " + toDo);
            return;
        }
        String problem = WindowTemplate.problem(template).orElse(null);
        if (problem != null) {
            report.add(State.FAIL, about, name + " does not fit, " + problem + ". It needs one parameter, {{1}} in its body, for the text.");
        } else if (status.equals("FLAGGED")) {
            report.add(State.WARN, about, name + ": Meta has flagged it, as people complained. It may be paused soon: have another ready.");
        } else {
            report.add(State.OK, about, name + ": approved, and fits");
        }
    }

    /** The app's secret, its fields and its callback, once for each app. */
    private void app(String about, BusinessNumber number, String id) {
        if (!seen.add("app " + number.app() + ' ' + id)) {
            return;
        }
        Answer answer = number.appSecrets().stream().map(secret -> ask(id + "/subscriptions", id + '|' + secret, secret)).filter(one -> one.status() == 200).findFirst()
                .orElseGet(() -> number.appSecrets().isEmpty() ? null : ask(id + "/subscriptions", id + '|' + number.appSecrets().get(0), number.appSecrets().get(0)));
        if (answer == null) {
            return;
        }
        if (answer.status() != 200) {
            if (answer.code() == EXPIRED || answer.code() == 1 || answer.code() == 101) {
                report.add(State.FAIL, about + ", secret", "It is not the secret of the token's app, so no webhook passes the signature check. Copy it from App settings, Basic;"
                        + " or the token is another app's.");
            } else {
                refused(about + ", secret", answer, "Look at the app at developers.facebook.com.");
            }
            return;
        }
        report.add(State.OK, about + ", secret", "Meta takes it");
        JsonNode subscription = stream(answer.body().path("data")).filter(one -> "whatsapp_business_account".equals(one.path("object").asText())).findFirst()
                .orElse(MissingNode.getInstance());
        String callback = subscription.path("callback_url").asText();
        Set<String> fields = stream(subscription.path("fields")).map(field -> field.path("name").asText(field.asText())).collect(Collectors.toCollection(TreeSet::new));
        if (callback.isEmpty()) {
            report.add(State.FAIL, about + ", webhooks", "The app has no callback. Give it one, with the verify token: WhatsApp, Configuration, Webhook.");
            return;
        }
        if (!subscription.path("active").asBoolean(true)) {
            report.add(State.FAIL, about + ", webhooks", "The app's webhooks are switched off. Verify and save the callback anew: WhatsApp, Configuration, Webhook.");
        } else if (!fields.contains("messages")) {
            report.add(State.FAIL, about + ", webhooks", "The app is not subscribed to messages, so no message comes"
                    + (fields.isEmpty() ? "" : ", only " + String.join(", ", fields)) + ". Subscribe to it: WhatsApp, Configuration, Webhook fields.");
        } else {
            report.add(State.OK, about + ", webhooks", String.join(", ", fields));
        }
        callback(about + ", callback", "", callback, number.verifyToken());
    }

    /** A callback of the number or of its account takes the app's place. */
    private void override(String about, BusinessNumber number, JsonNode configured) {
        for (String level : List.of("phone_number", "whatsapp_business_account")) {
            String url = configured.path(level).asText();
            if (!url.isEmpty()) {
                callback(about, (level.equals("phone_number") ? "Its own" : "Its account's own") + ", in place of the app's: ", url, number.verifyToken());
                return;
            }
        }
    }

    /** Does the handshake there. */
    void callback(String about, String which, String url, String verifyToken) {
        CallbackProbe.Result result = probe.ask(url, verifyToken);
        report.add(result.state(), about, which + result.text());
    }

    /** Null if it is not answered as it should be, which is a finding. */
    private JsonNode graph(String about, BusinessNumber number, String path, String toDo) {
        Answer answer = ask(path, number.accessToken(), number.appSecrets().stream().findFirst().orElse(null));
        if (answer.status() == 200) {
            return answer.body();
        }
        refused(about, answer, toDo);
        return null;
    }

    private void refused(String about, Answer answer, String toDo) {
        JsonNode error = answer.body().path("error");
        if (answer.status() == 0) {
            report.add(State.FAIL, about, "Meta does not answer (whatsapp.graph.url).");
            return;
        }
        String what = error.isMissingNode() ? "HTTP " + answer.status() : "Error " + answer.code() + ", "
                + Masking.text(error.path("message").asText()).replaceFirst("\\.$", "");
        report.add(State.FAIL, about, what + ". " + (answer.code() == EXPIRED ? "Renew its access token."
                : error.path("message").asText().contains("appsecret_proof") ? PROOF : toDo));
    }

    /** @param secret the app's; null: it is not known */
    private Answer ask(String path, String token, String secret) {
        String query = secret == null || !"true".equalsIgnoreCase(setting.apply("whatsapp.graph.appsecret-proof")) ? ""
                : (path.indexOf('?') < 0 ? '?' : '&') + AppSecretProof.query(token, secret);
        return answers.computeIfAbsent(path + query + ' ' + token, first -> askNow(path + query, token));
    }

    private Answer askNow(String path, String token) {
        try {
            URI uri = URI.create(setting.apply("whatsapp.graph.url").replaceFirst("/$", "") + '/' + setting.apply("whatsapp.graph.version") + '/' + path);
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(uri).timeout(READ).header("Authorization", "Bearer " + token).build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), read(answer.body()));
        } catch (IOException | IllegalArgumentException e) {
            return new Answer(0, MissingNode.getInstance());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(0, MissingNode.getInstance());
        }
    }

    private JsonNode read(String text) {
        try {
            return json.readTree(text);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
