package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.waroutes.Generated;
import io.github.waroutes.Javadoc;
import io.github.waroutes.api.Problem;
import io.github.waroutes.error.ErrorKind;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.GraphErrorCatalogue;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppAccountException;
import io.github.waroutes.error.WhatsAppAuthException;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.error.WhatsAppHopException;
import io.github.waroutes.error.WhatsAppMediaException;
import io.github.waroutes.error.WhatsAppMessageException;
import io.github.waroutes.error.WhatsAppNetworkException;
import io.github.waroutes.error.WhatsAppRateLimitException;
import io.github.waroutes.error.WhatsAppRouteException;
import io.github.waroutes.error.WhatsAppServiceException;
import io.github.waroutes.error.WhatsAppTemplateException;
import io.github.waroutes.error.WhatsAppWebhookException;
import org.junit.jupiter.api.Test;

/** The page of errors is made from the catalogue of Meta's codes, the advice that the console gives, and the comments of the exceptions. */
class ErrorsGuideTest {

    private static final Map<ErrorKind.Type, Class<? extends WhatsAppException>> CLASSES = Map.of(
            ErrorKind.Type.RATE_LIMIT, WhatsAppRateLimitException.class, ErrorKind.Type.AUTH, WhatsAppAuthException.class,
            ErrorKind.Type.MEDIA, WhatsAppMediaException.class, ErrorKind.Type.TEMPLATE, WhatsAppTemplateException.class,
            ErrorKind.Type.ACCOUNT, WhatsAppAccountException.class, ErrorKind.Type.MESSAGE, WhatsAppMessageException.class,
            ErrorKind.Type.SERVICE, WhatsAppServiceException.class, ErrorKind.Type.WEBHOOK, WhatsAppWebhookException.class);
    private static final List<Class<? extends WhatsAppException>> WITHOUT_CODES = List.of(WhatsAppWebhookException.class, WhatsAppNetworkException.class,
            WhatsAppHopException.class, WhatsAppRouteException.class);

    @Test
    void thePageOfErrors() throws IOException {
        Map<Class<?>, List<ErrorKind>> byClass = new LinkedHashMap<>();
        GraphErrorCatalogue.load().kinds().forEach(kind -> byClass.computeIfAbsent(CLASSES.get(kind.type()), type -> new ArrayList<>()).add(kind));
        StringBuilder page = new StringBuilder("## Retry classes\n\n" + values(RetryClass.class) + "\n## Scopes\n\n" + values(ErrorScope.class));
        for (Map.Entry<Class<?>, List<ErrorKind>> one : byClass.entrySet()) {
            page.append("\n## ").append(one.getKey().getSimpleName()).append("\n\n").append(Javadoc.of(one.getKey()))
                    .append("\n\n| code | what happened | retry class | scope | once it is given up |\n|---|---|---|---|---|\n")
                    .append(one.getValue().stream().map(kind -> row(one.getKey(), kind)).collect(Collectors.joining()));
        }
        page.append("\n## Without a code of Meta's\n\n| exception | |\n|---|---|\n");
        for (Class<?> type : WITHOUT_CODES) {
            assertThat(byClass).doesNotContainKey(type);
            page.append("| `").append(type.getSimpleName()).append("` | ").append(Javadoc.of(type)).append(" |\n");
        }
        page.append("\n## Problems of the send API\n\n| `type` ends in | `title` |\n|---|---|\n");
        String titles = Pattern.compile("Map\\.entry\\(\"([a-z-]+)\", \"([^\"]+)\"\\)").matcher(Javadoc.source(Problem.class)).results()
                .map(found -> "| `" + found.group(1) + "` | " + found.group(2) + " |\n").collect(Collectors.joining());
        assertThat(titles).contains("`rate-limit`");
        Generated.part("docs/errors.md", "graph-errors.json and the exceptions", ErrorsGuideTest.class, page + titles);
    }

    private static String row(Class<?> type, ErrorKind kind) {
        String code = kind.from() == kind.to() ? Integer.toString(kind.from()) : kind.from() + " to " + kind.to();
        List<String> told = new ArrayList<>(List.of(kind.title()));
        if (kind.note() != null) {
            told.add(kind.note().replaceFirst("\\.$", ""));
        }
        String retry = "`" + kind.retryClass() + "`" + (kind.minimumWait() == null ? "" : ", after " + kind.minimumWait().toSeconds() + " s at the earliest")
                + (kind.maximumRetries() == null ? "" : ", " + kind.maximumRetries() + " times at the most");
        String advice = Advice.of(Map.of("type", type.getSimpleName(), "retry_class", kind.retryClass().name(), "scope", kind.scope().name()));
        return "| " + code + (kind.subcode() == null ? "" : ", subcode " + kind.subcode()) + " | " + String.join(". ", told) + " | " + retry + " | `" + kind.scope()
                + "` | " + advice + " |\n";
    }

    private static String values(Class<? extends Enum<?>> type) throws IOException {
        String source = Javadoc.source(type);
        StringBuilder table = new StringBuilder("| | |\n|---|---|\n");
        for (Enum<?> value : type.getEnumConstants()) {
            String comment = Pattern.compile(Javadoc.COMMENT + value.name() + "\\b", Pattern.DOTALL).matcher(source).results()
                    .map(found -> Javadoc.markdown(found.group(1))).findFirst().orElseThrow();
            table.append("| `").append(value.name()).append("` | ").append(comment).append(" |\n");
        }
        return table.toString();
    }
}
