package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@WhatsAppSimulator(phoneNumberId = "200000000000001", accountId = "200000000000002", accessToken = "t", appSecret = "s", verifyToken = "v",
        webhookPath = "/hooks/whatsapp", templates = {"one:de", "two:en_US"}, limits = true, tier = 1)
class WhatsAppSimulatorTest {

    private static final Set<String> IDS = new HashSet<>();
    private static Application application;
    private static SimulatedWhatsApp shared;

    @WhatsAppUser
    private static SimulatedUser everybody;

    private final SimulatedWhatsApp ofConstructor;
    private SimulatedWhatsApp ofField;

    @WhatsAppUser(name = "Kim Example", phone = "15555550177")
    private SimulatedUser kim;

    private SimulatedUser nobody;

    WhatsAppSimulatorTest(SimulatedWhatsApp whatsapp) {
        ofConstructor = whatsapp;
    }

    @BeforeAll
    static void start(SimulatedWhatsApp whatsapp) {
        assertThat(shared).isSameAs(whatsapp);
        application = new Application(whatsapp);
    }

    @AfterAll
    static void stop(SimulatedWhatsApp whatsapp) {
        assertThat(shared).isSameAs(whatsapp);
        application.close();
    }

    @Test
    void theSimulatorIsWhatTheAnnotationSays() throws Exception {
        assertThat(ofConstructor).isSameAs(shared).isSameAs(ofField);
        assertThat(shared.settings()).containsEntry("whatsapp.phone-number-id", "200000000000001")
                .containsEntry("whatsapp.access-token", "t").containsEntry("whatsapp.app-secret", "s")
                .containsEntry("whatsapp.verify-token", "v").containsEntry("whatsapp.graph.url", shared.graphUrl())
                .containsEntry("whatsapp.transcription.url", shared.transcriptionUrl())
                .containsEntry("whatsapp.media.allowed-hosts", "127.0.0.1");
        assertThat(application.get(shared.graphUrl() + "/v26.0/200000000000002/message_templates").body()).contains("\"one\"", "\"two\"")
                .doesNotContain("hello_world");
        kim.sends("hello");
        assertThat(application.webhooks).last().satisfies(value -> assertThat(value.path("path").asText()).isEqualTo("/hooks/whatsapp"));
    }

    @Test
    void fieldsAndParametersArePeople(SimulatedUser sam, @WhatsAppUser(phone = "15555550177") SimulatedUser again) {
        assertThat(kim).hasToString("Kim Example (15555550177)").isSameAs(again);
        assertThat(sam.name()).isEqualTo("Sam");
        assertThat(sam.id()).matches("1555[0-9]{7}").isNotEqualTo(everybody.id());
        assertThat(everybody.name()).isEqualTo("Everybody");
        assertThat(nobody).as("a field without the annotation is left alone").isNull();
    }

    /** Each time the daily limit is free, and nothing is left of the time before. */
    @RepeatedTest(3)
    void everythingIsForgottenBeforeEachMethod(SimulatedGraph graph, SimulatedUser sam) throws Exception {
        assertThat(graph.calls()).isEmpty();
        assertThat(kim.inbox()).isEmpty();
        assertThat(IDS.add(sam.id())).as("somebody new").isTrue();

        assertThat(application.text(kim, "hello").statusCode()).isEqualTo(200);
        kim.receives("hello");
        HttpResponse<String> second = application.text(sam, "over the limit of one user a day");
        assertThat(second.body()).contains("131048");
        graph.fails(131000).always();
    }

    @Nested
    class Inside {

        private SimulatedGraph graph;

        @Test
        void aNestedClassSharesTheSimulator(SimulatedWhatsApp whatsapp) {
            assertThat(whatsapp).isSameAs(shared);
            assertThat(graph).isSameAs(shared.graph());
        }
    }

    @Nested
    class ByHand {

        @RegisterExtension
        static final WhatsAppSimulatorExtension OTHER = WhatsAppSimulatorExtension.create(settings -> {
            settings.simulator().accessToken("by-hand");
            return settings;
        });

        @Test
        void anExtensionThatWasRegisteredByHandHasItsOwnFromTheFirstCall() {
            assertThat(OTHER.whatsapp().accessToken()).isEqualTo("by-hand");
            assertThat(OTHER.whatsapp()).isSameAs(OTHER.whatsapp()).isNotSameAs(shared);
        }
    }

    @Nested
    @WhatsAppSimulator(accessToken = "nested")
    class WithItsOwn {

        @Test
        void aNestedClassThatSaysSoHasItsOwn(SimulatedWhatsApp whatsapp) {
            assertThat(whatsapp.accessToken()).isEqualTo("nested");
            assertThat(shared.accessToken()).isEqualTo("t");
        }
    }

    @Test
    void severalSimulatorsRunAtOnceWithoutKnowingOfEachOther() throws Exception {
        List<CompletableFuture<SimulatedWhatsApp>> starts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            starts.add(CompletableFuture.supplyAsync(SimulatedWhatsApp::start));
        }
        List<SimulatedWhatsApp> all = starts.stream().map(CompletableFuture::join).toList();
        try {
            assertThat(all.stream().map(SimulatedWhatsApp::url).distinct()).hasSize(3);
            all.get(0).graph().fails(131000).always();
            for (int i = 0; i < 3; i++) {
                try (Application own = new Application(all.get(i))) {
                    SimulatedUser same = all.get(i).user("Kim", "15555550188");
                    same.sends("to " + i);
                    assertThat(own.messages()).singleElement()
                            .satisfies(message -> assertThat(message.at("/text/body").asText()).startsWith("to "));
                    assertThat(own.text(same, "from " + i).statusCode()).isEqualTo(i == 0 ? 500 : 200);
                    assertThat(same.inbox()).hasSize(i == 0 ? 0 : 1);
                }
            }
        } finally {
            all.forEach(SimulatedWhatsApp::close);
        }
    }
}
