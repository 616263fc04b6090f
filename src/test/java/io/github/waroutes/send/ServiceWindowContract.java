package io.github.waroutes.send;

import io.github.waroutes.state.StateStore;

import static io.github.waroutes.delivery.Statuses.PHONE;
import static io.github.waroutes.delivery.Statuses.USER;
import static io.github.waroutes.TestClock.START;
import static io.github.waroutes.send.WindowState.CLOSED;
import static io.github.waroutes.send.WindowState.OPEN;
import static io.github.waroutes.send.WindowState.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.github.waroutes.TestClock;
import io.github.waroutes.error.RetryClass;
import io.github.waroutes.error.WhatsAppMessageException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a service window does wherever its state is kept. */
abstract class ServiceWindowContract {

    private static final String NUMBER = "106540352242922";
    private static final String OTHER_NUMBER = "106540352242923";

    private final TestClock clock = new TestClock();
    private ServiceWindow window;

    abstract StateStore emptyStore();

    @BeforeEach
    void start() {
        window = new ServiceWindow(emptyStore(), clock);
    }

    private static Instant after(double hours) {
        return START.plusSeconds((long) (hours * 3600));
    }

    @Test
    void aUserWeNeverSawIsUnknownAndNothingIsRefused() {
        assertThat(window.isOpen(NUMBER, USER, START)).isEqualTo(UNKNOWN);
        assertThat(window.isOpen(NUMBER, null, START)).isEqualTo(UNKNOWN);
        assertThatCode(() -> window.requireOpen(NUMBER, USER, "text", START)).doesNotThrowAnyException();
    }

    @Test
    void aUsersCallOpensItAndACallOfOursDoesNot() {
        String seconds = String.valueOf(after(0).getEpochSecond());
        window.userCalled(NUMBER, List.of(Map.of("direction", "USER_INITIATED", "from", PHONE, "from_user_id", USER, "timestamp", seconds)));
        assertThat(window.isOpen(NUMBER, USER, after(23))).isEqualTo(OPEN);
        assertThat(window.isOpen(NUMBER, PHONE, after(25))).isEqualTo(CLOSED);

        window.userCalled(OTHER_NUMBER, List.of(Map.of("direction", "BUSINESS_INITIATED", "from", PHONE, "timestamp", seconds),
                Map.of("from", PHONE), Map.of("direction", "USER_INITIATED")));
        assertThat(window.isOpen(OTHER_NUMBER, PHONE, after(1))).isEqualTo(UNKNOWN);
    }

    @Test
    void itIsOpenForTwentyFourHoursAfterTheLastMessage() {
        window.userWrote(NUMBER, USER, START);
        assertThat(window.isOpen(NUMBER, USER, START)).isEqualTo(OPEN);
        assertThat(window.isOpen(NUMBER, USER, after(24).minusSeconds(1))).isEqualTo(OPEN);
        assertThat(window.isOpen(NUMBER, USER, after(24))).isEqualTo(CLOSED);
        window.userWrote(NUMBER, USER, after(30));
        assertThat(window.isOpen(NUMBER, USER, after(53))).isEqualTo(OPEN);
    }

    @Test
    void anOlderMessageThatComesLaterDoesNotCloseIt() {
        window.userWrote(NUMBER, USER, after(10));
        window.userWrote(NUMBER, USER, START);
        assertThat(window.isOpen(NUMBER, USER, after(33))).isEqualTo(OPEN);
    }

    @Test
    void eachNumberHasItsOwnWindow() {
        window.userWrote(NUMBER, USER, START);
        assertThat(window.isOpen(OTHER_NUMBER, USER, START)).isEqualTo(UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {PHONE, "+" + PHONE, "+1 (650) 555-0123", " " + PHONE})
    void aPhoneNumberIsTheSameHoweverItIsWritten(String written) {
        window.userWrote(NUMBER, PHONE, START);
        assertThat(window.isOpen(NUMBER, written, START)).isEqualTo(OPEN);
    }

    @Test
    void userIdAndPhoneNumberAreTwoUntilAMessageCarriesBoth() {
        window.userWrote(NUMBER, USER, START);
        assertThat(window.isOpen(NUMBER, PHONE, START)).isEqualTo(UNKNOWN);
        window.userWrote(NUMBER, USER, PHONE, after(1));
        assertThat(window.isOpen(NUMBER, PHONE, after(2))).isEqualTo(OPEN);
        window.userWrote(NUMBER, USER, after(20));
        assertThat(window.isOpen(NUMBER, PHONE, after(43))).as("a message under the id opens it for the phone number").isEqualTo(OPEN);
        window.userWrote(NUMBER, PHONE, after(40));
        assertThat(window.isOpen(NUMBER, USER, after(63))).as("and the other way round").isEqualTo(OPEN);
        assertThat(window.isOpen(NUMBER, USER, after(64))).isEqualTo(CLOSED);
    }

    @Test
    void aMessageObjectOpensItForBothOfItsNames() {
        window.userWroteMessage(NUMBER, START.getEpochSecond(), Map.of("type", "text", "from", PHONE, "from_user_id", USER));
        assertThat(window.isOpen(NUMBER, USER, after(1))).isEqualTo(OPEN);
        assertThat(window.isOpen(NUMBER, PHONE, after(1))).isEqualTo(OPEN);
    }

    @Test
    void aMessageObjectMayNameTheUserInOneWayOrNone() {
        window.userWroteMessage(NUMBER, null, Map.of("type", "text", "from_user_id", USER));
        window.userWroteMessage(NUMBER, null, Map.of("type", "text"));
        assertThat(window.isOpen(NUMBER, USER, after(1))).isEqualTo(OPEN);
        assertThat(window.isOpen(NUMBER, PHONE, after(1))).isEqualTo(UNKNOWN);
    }

    @Test
    void whatIsWrittenInAGroupOrByWhatsAppOpensNothing() {
        window.userWroteMessage(NUMBER, START.getEpochSecond(), Map.of("type", "text", "from", PHONE, "group_id", "g"));
        window.userWroteMessage(NUMBER, START.getEpochSecond(), Map.of("type", "system", "from", PHONE));
        assertThat(window.isOpen(NUMBER, PHONE, START)).isEqualTo(UNKNOWN);
    }

    @Test
    void aFreeFormMessageOutsideIsRefusedWithMetasCodeAndNobodysNumber() {
        window.userWrote(NUMBER, PHONE, START);
        clock.move(Duration.ofHours(25));
        assertThatExceptionOfType(WhatsAppMessageException.class)
                .isThrownBy(() -> window.requireOpenNow(NUMBER, "+" + PHONE, "text"))
                .satisfies(refusal -> {
                    assertThat(refusal.getErrorCode()).isEqualTo(131047);
                    assertThat(refusal.getRetryClass()).isEqualTo(RetryClass.NEVER);
                    assertThat(refusal.getContext()).containsEntry("refused_by", "service_window");
                    assertThat(refusal.toJson()).doesNotContain(PHONE);
                });
    }

    @Test
    void templatesAndMarkingAsReadNeedNoWindow() {
        window.userWrote(NUMBER, PHONE, START);
        assertThatCode(() -> window.requireOpen(NUMBER, PHONE, "template", after(25))).doesNotThrowAnyException();
        assertThatCode(() -> window.requireOpen(NUMBER, PHONE, "read", after(25))).doesNotThrowAnyException();
        assertThatCode(() -> window.requireOpen(NUMBER, PHONE, "text", after(23))).doesNotThrowAnyException();
    }
}
