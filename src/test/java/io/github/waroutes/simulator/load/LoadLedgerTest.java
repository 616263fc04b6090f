package io.github.waroutes.simulator.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class LoadLedgerTest {

    private static final long MILLI = 1_000_000;

    /** Two users; the first says 1, 3, 5 and the second 2, 4, 6. */
    private final LoadLedger ledger = new LoadLedger(2, 6, true, 0);

    private static LoadMarks.Reference to(int... numbers) {
        return new LoadMarks.Marked(numbers);
    }

    private static LoadMarks.Reference unmarked(int... numbers) {
        return new LoadMarks.Numbered(numbers);
    }

    private static JsonNode report(LoadLedger ledger) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ledger.writeTo(json);
        return json;
    }

    private static JsonNode verdict(LoadLedger ledger) {
        ledger.close();
        return report(ledger);
    }

    private static void say(LoadLedger ledger, int... numbers) {
        for (int number : numbers) {
            ledger.posted(number, number * MILLI);
            ledger.acknowledged(number, number * MILLI + MILLI);
        }
    }

    private void answerEach(int... numbers) {
        for (int number : numbers) {
            ledger.answered((number - 1) % 2, to(number), 100 * MILLI);
        }
    }

    @Test
    void everythingAnsweredOnceAndInOrderIsClean() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(2, 1, 3, 5, 4, 6);

        JsonNode verdict = verdict(ledger);

        assertThat(verdict.path("clean").asBoolean()).isTrue();
        assertThat(verdict.path("problems").asText()).isEmpty();
        assertThat(verdict.path("answered").asInt()).isEqualTo(6);
    }

    @Test
    void acknowledgedAndNotAnsweredIsOpenAndInTheEndLost() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(1, 2, 3, 5);
        assertThat(report(ledger).path("open").asInt()).isEqualTo(2);
        assertThat(report(ledger).has("lost")).isFalse();

        JsonNode verdict = verdict(ledger);

        assertThat(verdict.path("lost").asInt()).isEqualTo(2);
        assertThat(verdict.path("problems").asText()).isEqualTo("2 lost");
    }

    @Test
    void anAnswerAfterTheVerdictIsLateAndDoesNotChangeIt() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(1, 2, 3, 4, 5);
        ledger.close();

        answerEach(6);

        assertThat(report(ledger).path("late").asInt()).isEqualTo(1);
        assertThat(report(ledger).path("lost").asInt()).isEqualTo(1);
    }

    @Test
    void aMessageAnsweredThreeTimesIsDoubledOnce() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(1, 2, 3, 3, 3, 4, 5, 6);

        assertThat(verdict(ledger).path("doubled").asInt()).isEqualTo(1);
        assertThat(report(ledger).path("answered").asInt()).isEqualTo(6);
        assertThat(report(ledger).path("out_of_order").asInt()).isZero();
    }

    @Test
    void everyMessageAnsweredBeforeAnEarlierOneIsOutOfOrder() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(3, 5, 1, 2, 4, 6);

        assertThat(verdict(ledger).path("out_of_order").asInt()).isEqualTo(2);
    }

    @Test
    void aMessageOvertakesOnlyOnce() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(5, 1, 3, 2, 4, 6);

        assertThat(verdict(ledger).path("out_of_order").asInt()).isEqualTo(1);
    }

    @Test
    void theOrderOfDifferentUsersIsNotCompared() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(2, 4, 6, 1, 3, 5);

        assertThat(verdict(ledger).path("out_of_order").asInt()).isZero();
    }

    @Test
    void messagesUnderWayTogetherHaveNoOrder() {
        ledger.posted(1, 0);
        ledger.posted(3, 0);
        ledger.acknowledged(3, MILLI);
        ledger.acknowledged(1, MILLI);
        answerEach(3, 1);

        assertThat(verdict(ledger).path("out_of_order").asInt()).isZero();
    }

    @Test
    void aLostMessageDoesNotPutTheLaterOnesOutOfOrder() {
        say(ledger, 1, 2, 3, 4, 5, 6);
        answerEach(2, 3, 4, 5, 6);

        assertThat(verdict(ledger).path("problems").asText()).isEqualTo("1 lost");
    }

    @Test
    void anAnswerMayComeBeforeTheAcknowledgement() {
        ledger.posted(1, 0);
        answerEach(1);
        assertThat(ledger.open()).isZero();

        ledger.acknowledged(1, MILLI);

        assertThat(ledger.open()).isZero();
        assertThat(report(ledger).path("answered").asInt()).isEqualTo(1);
    }

    @Test
    void aMessageThatWasNotTakenIsCountedApartAndIsNotLost() {
        say(ledger, 1, 2, 3, 4, 5);
        ledger.posted(6, 0);
        ledger.refused(6, MILLI);
        answerEach(1, 2, 3, 4, 5);

        assertThat(verdict(ledger).path("problems").asText()).isEqualTo("1 not acknowledged");
    }

    @Test
    void whicheverCopyOfAMessageIsTakenItIsAcknowledgedOnce() {
        say(ledger, 1, 2, 3, 4);
        ledger.posted(5, 0);
        ledger.refused(5, MILLI);
        ledger.acknowledged(5, MILLI);
        ledger.posted(6, 0);
        ledger.acknowledged(6, MILLI);
        ledger.refused(6, MILLI);
        ledger.acknowledged(6, MILLI);
        answerEach(1, 2, 3, 4, 5, 6);

        assertThat(verdict(ledger).path("problems").asText()).isEmpty();
        assertThat(report(ledger).path("acknowledged").asInt()).isEqualTo(6);
    }

    @Test
    void whatWasNeverSentIsTold() {
        say(ledger, 1, 2);
        answerEach(1, 2);

        assertThat(verdict(ledger).path("problems").asText()).isEqualTo("4 not sent");
    }

    @Test
    void aForgedMessageMustNotBeTaken() {
        say(ledger, 1, 2, 3, 4);
        ledger.posted(5, 0);
        ledger.forged(5);
        ledger.refused(5, 0);
        ledger.posted(6, 0);
        ledger.forged(6);
        ledger.acknowledged(6, 0);
        answerEach(1, 2, 3, 4, 6);

        assertThat(verdict(ledger).path("problems").asText()).isEqualTo("1 taken with a wrong signature");
        assertThat(report(ledger).path("forged").asInt()).isEqualTo(2);
    }

    @Test
    void theAnswerToAnotherUsersMessageIsMisdirectedAndAnswersNothing() {
        say(ledger, 1, 2);
        ledger.answered(1, to(1), MILLI);

        assertThat(report(ledger).path("misdirected").asInt()).isEqualTo(1);
        assertThat(ledger.open()).isEqualTo(2);
    }

    @Test
    void oneAnswerMayAnswerSeveralMessages() {
        say(ledger, 1, 3);
        ledger.answered(0, to(1, 3), MILLI);

        assertThat(ledger.open()).isZero();
    }

    @Test
    void aBareNumberCountsOnlyWhenItIsOneOfThisUser() {
        say(ledger, 1, 2);
        ledger.answered(0, unmarked(1), MILLI);
        ledger.answered(0, unmarked(2, 4000), MILLI);
        ledger.answered(1, new LoadMarks.Foreign(), MILLI);

        assertThat(report(ledger).path("answered").asInt()).isEqualTo(1);
        assertThat(report(ledger).path("unrelated").asInt()).isEqualTo(2);
        assertThat(report(ledger).path("misdirected").asInt()).isZero();
    }

    @Test
    void latenciesCountFromWhenTheMessageWasDueAndLeaveOutTheRamp() {
        LoadLedger ramped = new LoadLedger(1, 2, true, 1000 * MILLI);
        ramped.posted(1, 0);
        ramped.acknowledged(1, 700 * MILLI);
        ramped.answered(0, to(1), 900 * MILLI);
        ramped.posted(2, 1000 * MILLI);
        ramped.acknowledged(2, 1040 * MILLI);
        ramped.answered(0, to(2), 1200 * MILLI);

        assertThat(report(ramped).at("/acknowledgement_ms/max").asDouble()).isEqualTo(40);
        assertThat(report(ramped).at("/acknowledgement_ms/p50").asDouble()).isBetween(39.0, 40.0);
        assertThat(report(ramped).at("/answer_ms/max").asDouble()).isEqualTo(200);
    }

    @Test
    void withoutReferencesTheKthAnswerIsToTheKthMessageAndOrderIsNotJudged() {
        LoadLedger any = new LoadLedger(2, 6, false, 0);
        say(any, 1, 2, 3, 4, 5, 6);
        for (int user : new int[] {0, 0, 0, 0, 1, 1}) {
            any.answered(user, unmarked(), 50 * MILLI);
        }
        assertThat(any.open()).isEqualTo(1);

        JsonNode verdict = verdict(any);

        assertThat(verdict.path("answered").asInt()).isEqualTo(5);
        assertThat(verdict.path("lost").asInt()).isEqualTo(1);
        assertThat(verdict.path("doubled").asInt()).isEqualTo(1);
        assertThat(verdict.path("out_of_order").isNull()).isTrue();
        assertThat(verdict.at("/answer_ms/max").asDouble()).isEqualTo(49);
    }

    @Test
    void withoutReferencesAnAnswerTooManyIsTheNextMessagesOnceThatIsSaid() {
        LoadLedger any = new LoadLedger(1, 2, false, 0);
        say(any, 1);
        any.answered(0, unmarked(), MILLI);
        any.answered(0, unmarked(), MILLI);
        assertThat(report(any).path("doubled").asInt()).isEqualTo(1);

        say(any, 2);

        assertThat(verdict(any).path("doubled").asInt()).isZero();
        assertThat(report(any).path("answered").asInt()).isEqualTo(2);
        assertThat(report(any).path("lost").asInt()).isZero();
    }
}
