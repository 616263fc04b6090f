package io.github.waroutes.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.waroutes.error.ErrorDetails;
import io.github.waroutes.error.ErrorScope;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppException;
import io.github.waroutes.queue.QueueConstants;
import io.github.waroutes.send.FailedSend.Way;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailedSendTest {

    private static final Pattern WORD = Pattern.compile("`([A-Z_]+)`");

    private static Stream<Arguments> all() {
        return Arrays.stream(RetryClass.values()).flatMap(retryClass -> Arrays.stream(ErrorScope.values())
                .map(scope -> Arguments.of(retryClass, scope)));
    }

    private static WhatsAppException failure(RetryClass retryClass, ErrorScope scope, int status, Integer code, boolean unknown) {
        return new WhatsAppException(ErrorDetails.builder("x").retryClass(retryClass).scope(scope).statusCode(status).errorCode(code)
                .outcomeUnknown(unknown).build());
    }

    @ParameterizedTest
    @MethodSource("all")
    void theClassAndTheScopeDecideWithACodeAndWithout(RetryClass retryClass, ErrorScope scope) {
        boolean alone = List.of(ErrorScope.MESSAGE, ErrorScope.PAIR, ErrorScope.TEMPLATE).contains(scope);
        boolean service = scope == ErrorScope.SERVICE;
        Way expected = switch (retryClass) {
            case NEVER -> Way.GIVE_UP;
            case ALARM -> alone || service ? Way.GIVE_UP : Way.REST_QUEUE;
            case WAIT_LONG -> alone ? Way.POSTPONE : Way.REST_QUEUE;
            case THROTTLE -> alone ? Way.WAIT_HERE : Way.REST_QUEUE;
            case TRANSIENT -> alone ? Way.WAIT_HERE : service ? Way.HOLD_SERVICE : Way.REST_QUEUE;
        };
        for (boolean bulk : new boolean[] {true, false}) {
            for (Integer code : new Integer[] {1, null}) {
                WhatsAppException failure = failure(retryClass, scope, 400, code, false);
                assertThat(FailedSend.way(failure, bulk)).isEqualTo(expected);
                assertThat(FailedSend.way(new RuntimeException(failure), bulk)).as("behind a wrapper").isEqualTo(expected);
                assertThat(FailedSend.way(failure(retryClass, scope, 502, code, true), bulk)).isEqualTo(Way.UNKNOWN);
            }
        }
    }

    @Test
    void anOpenBreakerIsAnOutageAndWhatIsNotOfOursIsGivenUp() {
        assertThat(FailedSend.way(CallNotPermittedException.createCallNotPermittedException(CircuitBreaker.ofDefaults("test")), false))
                .isEqualTo(Way.HOLD_SERVICE);
        assertThat(FailedSend.way(new IllegalStateException(), false)).isEqualTo(Way.GIVE_UP);
        assertThat(FailedSend.way(null, false)).isEqualTo(Way.GIVE_UP);
    }

    @Test
    void ourOwnMessagingLimitLetsBulkRestAndAnythingElseComeLater() {
        WhatsAppException full = failure(RetryClass.WAIT_LONG, ErrorScope.ACCOUNT, 0, null, false);
        FailedSend table = new FailedSend();
        table.setBulkQueue("many");
        Map<String, String> ways = new HashMap<>();
        for (String queue : List.of("many", "replies")) {
            Exchange exchange = new DefaultExchange(new DefaultCamelContext());
            exchange.setProperty(Exchange.EXCEPTION_CAUGHT, full);
            exchange.setProperty(QueueConstants.QUEUE, queue);
            table.decide(exchange);
            ways.put(queue, exchange.getVariable(FailedSend.WAY, String.class));
        }
        assertThat(ways).containsEntry("many", "REST_QUEUE").containsEntry("replies", "POSTPONE");
    }

    /** The head of the table names scopes, each row a class and then the ways. */
    @Test
    void theDocumentedTableIsThisOne() throws IOException {
        List<List<ErrorScope>> columns = new ArrayList<>();
        int compared = 0;
        for (String line : Files.readAllLines(Path.of("docs/operate.md"))) {
            String[] cells = line.split("\\|");
            if (columns.isEmpty() && line.startsWith("| class |") && line.contains("`TEMPLATE`")) {
                for (int i = 2; i < cells.length; i++) {
                    columns.add(words(cells[i]).map(ErrorScope::valueOf).toList());
                }
            } else if (!columns.isEmpty() && cells.length == columns.size() + 2 && words(cells[1]).findAny().isPresent()) {
                RetryClass retryClass = RetryClass.valueOf(words(cells[1]).findFirst().orElseThrow());
                for (int i = 0; i < columns.size(); i++) {
                    Way way = Way.valueOf(words(cells[i + 2]).findFirst().orElseThrow());
                    for (ErrorScope scope : columns.get(i)) {
                        assertThat(FailedSend.way(retryClass, scope)).as(retryClass + " " + scope).isEqualTo(way);
                        compared++;
                    }
                }
            } else if (!columns.isEmpty() && !line.startsWith("|")) {
                break;
            }
        }
        assertThat(compared).isEqualTo(RetryClass.values().length * ErrorScope.values().length);
    }

    private static Stream<String> words(String cell) {
        return WORD.matcher(cell).results().map(match -> match.group(1));
    }
}
