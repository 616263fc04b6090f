package io.github.waroutes.operate;

import java.util.Map;

/** What an operator does about a message that was given up, by what its error says. */
final class Advice {

    private Advice() {
    }

    /** @param error the dead letter's exception as a map, {@code WhatsAppException.toMap()} */
    static String of(Map<String, Object> error) {
        String scope = String.valueOf(error.get("scope"));
        String retry = String.valueOf(error.get("retry_class"));
        if (Boolean.TRUE.equals(error.get("outcome_unknown"))) {
            return "Ask whether the user has it. Replay it only if not: Meta may have it.";
        }
        if ("ALARM".equals(retry)) {
            return switch (scope) {
                case "TOKEN" -> "Renew the access token of the number, or give it the permission; then replay.";
                case "ACCOUNT" -> "See the account in the Business Manager: payment, review or restriction; then replay.";
                case "APP" -> "See the app in Meta's App Dashboard: its permissions and limits; then replay.";
                default -> "See the number in the WhatsApp Manager: its status, quality and registration; then replay.";
            };
        }
        if ("TRANSIENT".equals(retry) || "THROTTLE".equals(retry)) {
            return "It was tried for as long as the settings say. Replay it when what it needs works again.";
        }
        if ("WhatsAppRouteException".equals(error.get("type"))) {
            return "Look at the route and the step that failed, mend them, and replay.";
        }
        return switch (scope) {
            case "TEMPLATE" -> "Mend the template, or its parameters, and send anew; replay only if the template was changed.";
            case "PAIR" -> "The user cannot get it: the window is closed, or they do not want it. Drop it, or send a template.";
            case "MESSAGE" -> "The message itself is refused, and would be again. Mend its sender, and drop it.";
            case "SERVICE" -> "Look at the server that refused it; replay when it takes such requests.";
            default -> "Look at the route and the step that failed, mend them, and replay.";
        };
    }
}
