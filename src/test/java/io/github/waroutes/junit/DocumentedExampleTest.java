package io.github.waroutes.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DocumentedExampleTest {

    @Test
    void theGuideHoldsTheExampleAsItRuns() throws IOException {
        String guide = Files.readString(Path.of("docs", "simulator-junit.md"));
        String example = Files.readString(Path.of("src", "test", "java", "com", "example", "shop", "ShopBotTest.java"));

        assertThat(guide).contains("```java\n" + example + "```\n");
    }

    @Test
    void theGuideNamesEveryMethodOfThePeopleAndOfGraph() throws IOException {
        String guide = Files.readString(Path.of("docs", "simulator-junit.md"));

        for (Class<?> type : new Class<?>[] {SimulatedUser.class, SimulatedGraph.class, GraphFault.class}) {
            assertThat(Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers())).map(Method::getName)
                    .filter(name -> !Set.of("toString", "name", "id", "inbox", "transcript", "hits", "reset").contains(name)))
                    .isNotEmpty().allSatisfy(name -> assertThat(guide).contains(name + "("));
        }
    }
}
