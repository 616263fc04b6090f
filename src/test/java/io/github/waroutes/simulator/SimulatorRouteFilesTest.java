package io.github.waroutes.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.waroutes.RouteFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SimulatorRouteFilesTest {

    static List<Path> files() {
        return RouteFiles.of("simulator");
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileKeepsToCamelsSchemaAndDescribesItsRoutes(Path file) {
        assertThat(RouteFiles.problems(file)).isEmpty();
    }

    @Test
    void everyRouteIsNamedAfterTheSimulatorAndOnlyOnce() {
        List<String> ids = files().stream().flatMap(file -> RouteFiles.routeIds(file).stream()).toList();

        assertThat(ids).hasSizeGreaterThan(5).doesNotHaveDuplicates().allMatch(id -> id.startsWith("simulator-"));
    }

    @Test
    void allFilesLieFlatInOneFolderBecauseCamelFindsNoOthersInsideAJar() {
        assertThat(files()).allMatch(file -> file.getParent().endsWith("simulator"));
    }

    @Test
    void aFileThatBreaksTheSchemaIsToldFrom(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("broken.camel.yaml"), """
                - route:
                    id: broken
                    routePolicy: broken
                    from:
                      uri: direct:broken
                      steps:
                        - setBoddy:
                            constant: x
                """);

        assertThat(RouteFiles.problems(file)).anyMatch(problem -> problem.contains("setBoddy"))
                .anyMatch(problem -> problem.contains("no description")).anyMatch(problem -> problem.contains("policy"));
    }
}
