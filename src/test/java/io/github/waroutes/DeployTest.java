package io.github.waroutes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.github.waroutes.setting.Setting;
import io.github.waroutes.setting.Settings;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.deployers.impl.FileConfigurationParser;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What {@code deploy/} holds, as far as it can be checked with neither a container engine nor a cluster: against the schema of compose files
 * (github.com/compose-spec/compose-spec, Apache License 2.0), against the models of Kubernetes' own Java client, by Artemis' own parser, by
 * {@code systemd-analyze} where there is one, and against the program's settings, ports and times.
 */
class DeployTest {

    private static final Path DEPLOY = Path.of("deploy");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SECRET_NAME = Pattern.compile("(?i).*(secret|token|password|api_?key).*");
    private static final String COMPOSE = "compose.yaml";
    private static final String KUBERNETES = "kubernetes/gateway.yaml";
    private static final String UNIT = "systemd/whatsapp-cloud-routes.service";

    private final Settings settings = Settings.load();
    private final Map<String, String> defaults = WhatsAppApplication.load("whatsapp/application-defaults.properties").entrySet().stream()
            .collect(Collectors.toMap(entry -> entry.getKey().toString(), entry -> entry.getValue().toString()));

    private static String read(String file) throws IOException {
        return Files.readString(DEPLOY.resolve(file));
    }

    private static List<JsonNode> yaml(String file) throws IOException {
        return StreamSupport.stream(new Load(LoadSettings.builder().build()).loadAllFromString(read(file)).spliterator(), false)
                .map(document -> (JsonNode) JSON.valueToTree(document)).toList();
    }

    private static Stream<JsonNode> elements(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }

    /** As the environment names it. */
    private Setting setting(String variable) {
        return settings.all().filter(one -> one.name().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_").equals(variable)).findFirst().orElse(null);
    }

    private void everyVariableIsASetting(Stream<String> variables) {
        assertThat(variables.filter(name -> name.startsWith("WHATSAPP_")).filter(name -> setting(name) == null)).isEmpty();
    }

    private static void isPinned(String image) {
        assertThat(image).as("an image has a version, or a digest").matches(".+:[^/]+|.+@sha256:[0-9a-f]{64}").doesNotEndWith(":latest");
    }

    // ---- the image

    /** {@code {"FROM", "image AS build"}}, with continued lines joined, without comments. */
    private static List<String[]> instructions() throws IOException {
        String joined = read("Containerfile").lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n")).replaceAll("\\\\\\n\\s*", " ");
        return joined.lines().filter(line -> !line.isBlank()).map(line -> line.split("\\s+", 2)).toList();
    }

    private static List<String> all(List<String[]> instructions, String name) {
        return instructions.stream().filter(one -> one[0].equals(name)).map(one -> one[1].strip()).toList();
    }

    private static String only(List<String[]> instructions, String name) {
        assertThat(all(instructions, name)).as(name).hasSize(1);
        return all(instructions, name).get(0);
    }

    private static List<String> execForm(String argument) throws IOException {
        assertThat(argument).as("the exec form: no shell keeps signals from Java").startsWith("[");
        return elements(JSON.readTree(argument)).map(JsonNode::asText).toList();
    }

    @Test
    void theImageIsPinnedRunsJavaAloneAndNotAsRootAndHoldsNoSecret() throws IOException {
        List<String[]> file = instructions();
        Map<String, String> arguments = all(file, "ARG").stream().map(argument -> argument.split("=", 2)).collect(Collectors.toMap(one -> one[0], one -> one[1]));
        List<String> images = all(file, "FROM").stream().map(from -> from.split(" ")[0]).map(name -> arguments.get(name.replaceAll("[${}]", ""))).toList();
        images.forEach(DeployTest::isPinned);
        assertThat(images.get(images.size() - 1)).as("what runs has no compiler").contains("17-jre").doesNotContain("jdk");
        assertThat(all(file, "ADD")).as("COPY copies, and fetches nothing").isEmpty();
        assertThat(only(file, "USER")).as("a number, so that runAsNonRoot can be checked").matches("[1-9]\\d*:[1-9]\\d*");
        assertThat(file.indexOf(file.stream().filter(one -> one[0].equals("USER")).findFirst().orElseThrow())).as("nothing is run as root after it")
                .isGreaterThan(file.lastIndexOf(file.stream().filter(one -> one[0].equals("RUN")).reduce((first, last) -> last).orElseThrow()));
        assertThat(all(file, "HEALTHCHECK")).as("who runs it asks, on the management port").isEmpty();
        assertThat(only(file, "STOPSIGNAL")).isEqualTo("SIGTERM");
        assertThat(execForm(only(file, "ENTRYPOINT"))).startsWith("java").contains("-jar", "/opt/whatsapp/whatsapp-cloud-routes.jar")
                .anyMatch(option -> option.matches("-XX:MaxRAMPercentage=[3-7]\\d")).contains("-XX:SharedArchiveFile=/opt/whatsapp/app.jsa");
        assertThat(file.stream().filter(one -> Set.of("ENV", "ARG").contains(one[0])).flatMap(one -> Arrays.stream(one[1].split("\\s+")))
                .map(one -> one.split("=")[0])).noneMatch(name -> SECRET_NAME.matcher(name).matches());
    }

    @Test
    void whatTheImageCopiesIsThereAndItsFoldersAndPortsAreTheProgramsOwn() throws IOException {
        List<String[]> file = instructions();
        List<String> ignore = Files.readAllLines(Path.of(".dockerignore"));
        List<String> copied = all(file, "COPY").stream().filter(copy -> !copy.startsWith("--from"))
                .flatMap(copy -> Arrays.stream(copy.split(" ")).limit(copy.split(" ").length - 1L)).toList();
        assertThat(copied).contains("pom.xml", "src").allSatisfy(source -> {
            assertThat(Path.of(source)).exists();
            assertThat(ignore).as("the context has it").contains("!" + source);
        });
        assertThat(all(file, "RUN")).as("the archive of classes is made where it is used").contains("/opt/whatsapp/class-data.sh /opt/whatsapp");
        assertThat(Files.isExecutable(DEPLOY.resolve("class-data.sh"))).isTrue();
        Map<String, String> environment = Arrays.stream(only(file, "ENV").split("\\s+")).map(one -> one.split("=")).collect(Collectors.toMap(one -> one[0], one -> one[1]));
        everyVariableIsASetting(environment.keySet().stream());
        assertThat(execForm(only(file, "VOLUME"))).as("all that must outlive a container").containsExactlyInAnyOrder(
                environment.get("WHATSAPP_BROKER_DIRECTORY"), environment.get("WHATSAPP_OUTCOME_DIRECTORY"));
        assertThat(only(file, "EXPOSE").split(" ")).containsExactly(defaults.get("camel.server.port"), defaults.get("camel.management.port"));
    }

    // ---- compose

    @Test
    void theComposeFileIsOne() throws IOException {
        ObjectNode schema = (ObjectNode) JSON.readTree(Path.of("src/test/resources/compose/compose-spec.json").toFile());
        // the library wants an absolute one
        schema.remove("$id");
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema).validate(yaml(COMPOSE).get(0))).isEmpty();
    }

    @Test
    void itsImagesArePinnedItsFilesAreThereAndOnlyTheWebhookIsOpen() throws IOException {
        JsonNode services = yaml(COMPOSE).get(0).path("services");
        services.forEach(service -> isPinned(service.path("image").asText()));
        assertThat(services.at("/gateway/image").asText()).endsWith(":" + pom("version"));
        assertThat(services.at("/artemis/image").asText()).as("the broker is of the client's version").endsWith(":" + pom("artemis.version"));
        assertThat(Path.of("deploy", services.at("/gateway/build/context").asText(), services.at("/gateway/build/dockerfile").asText())).exists();
        assertThat(elements(services).flatMap(service -> elements(service.path("volumes"))).map(volume -> volume.asText().split(":")[0])
                .filter(volume -> volume.startsWith("."))).isNotEmpty().allSatisfy(file -> assertThat(DEPLOY.resolve(file)).exists());
        assertThat(elements(services).flatMap(service -> elements(service.path("ports"))).map(JsonNode::asText))
                .allMatch(port -> port.equals("8080:8080") || port.startsWith("127.0.0.1:"));
        assertThat(elements(services.at("/redis/command")).map(JsonNode::asText).collect(Collectors.joining(" ")))
                .as("Redis keeps what it took (docs/operate.md)").contains("--appendonly yes --appendfsync always");
    }

    @Test
    void itsGatewayHasKnownSettingsNoSecretInTheFileAndTimeToStop() throws IOException {
        JsonNode gateway = yaml(COMPOSE).get(0).at("/services/gateway");
        everyVariableIsASetting(gateway.path("environment").properties().stream().map(Map.Entry::getKey));
        yaml(COMPOSE).get(0).path("services").forEach(service -> service.path("environment").properties().stream()
                .filter(variable -> SECRET_NAME.matcher(variable.getKey()).matches())
                .forEach(variable -> assertThat(variable.getValue().asText()).as(variable.getKey()).startsWith("${")));
        assertThat(gateway.path("env_file").asText()).isEqualTo(".env");
        assertThat(Files.readString(Path.of(".gitignore")).lines()).contains("deploy/.env");
        assertThat(seconds(gateway.path("stop_grace_period").asText())).isGreaterThan(shutdownSeconds());
        assertThat(gateway.path("read_only").asBoolean()).isTrue();
    }

    @Test
    void theExampleOfTheEnvironmentHasAllThatIsRequiredAndNoValue() throws IOException {
        Map<String, String> example = read("env.example").lines().filter(line -> !line.startsWith("#")).map(line -> line.split("=", -1))
                .collect(Collectors.toMap(one -> one[0], one -> one[1]));
        everyVariableIsASetting(example.keySet().stream());
        assertThat(example.values()).containsOnly("");
        assertThat(example.keySet()).containsAll(settings.all().filter(Setting::required).map(one -> one.name().toUpperCase(Locale.ROOT).replaceAll("[.-]", "_")).toList());
        Pattern.compile("\\$\\{(\\w+)").matcher(read(COMPOSE)).results().map(found -> found.group(1)).forEach(variable -> assertThat(example).containsKey(variable));
    }

    private static int seconds(String duration) {
        return Integer.parseInt(duration.replace("s", ""));
    }

    private int shutdownSeconds() {
        return Integer.parseInt(defaults.get("camel.main.shutdownTimeout"));
    }

    private static String pom(String element) throws IOException {
        return Pattern.compile("<" + Pattern.quote(element) + ">([^<$]+)<").matcher(Files.readString(Path.of("pom.xml"))).results().findFirst()
                .map(found -> found.group(1)).orElseThrow();
    }

    // ---- the broker

    @Test
    void theBrokerHasTheAddressSettingsThatTheGuideAsksFor() throws Exception {
        String broker = read("artemis/broker.xml");
        Configuration configuration = new FileConfigurationParser().parseMainConfig(new ByteArrayInputStream(broker.getBytes(StandardCharsets.UTF_8)));

        AddressSettings ours = configuration.getAddressSettings().get("whatsapp.#");
        assertThat(ours.getMaxDeliveryAttempts()).isEqualTo(-1);
        assertThat(ours.getAddressFullMessagePolicy()).isEqualTo(AddressFullMessagePolicy.PAGE);
        String guide = Files.readString(Path.of("docs/operate.md"));
        guide = guide.substring(guide.indexOf("<address-setting match=\"whatsapp.#\">"), guide.indexOf("</address-setting>"));
        assertThat(values(broker.substring(broker.indexOf("<address-setting match"), broker.indexOf("</address-setting>")))).hasSizeGreaterThan(5).isEqualTo(values(guide));
        assertThat(configuration.isPersistenceEnabled() && configuration.isJournalDatasync()).as("what is accepted is on disk").isTrue();
        assertThat(configuration.getSecurityRoles().get("#")).isNotEmpty().allMatch(role -> role.getName().equals("amq"));
    }

    private static Map<String, String> values(String xml) {
        return Pattern.compile("<([a-z-]+)>([^<]+)<").matcher(xml).results().collect(Collectors.toMap((MatchResult found) -> found.group(1), found -> found.group(2)));
    }

    // ---- Kubernetes

    @Test
    void everyManifestHasFieldsThatKubernetesKnowsAndThoseItRequires() throws Exception {
        for (JsonNode object : yaml(KUBERNETES)) {
            Class<?> model = Class.forName("io.kubernetes.client.openapi.models.V1" + object.path("kind").asText());
            try {
                model.getMethod("validateJsonElement", JsonElement.class).invoke(null, new Gson().fromJson(object.toString(), JsonElement.class));
            } catch (InvocationTargetException e) {
                throw new AssertionError(object.path("kind").asText() + ": " + e.getCause().getMessage(), e);
            }
        }
    }

    private static JsonNode manifest(String kind) throws IOException {
        return yaml(KUBERNETES).stream().filter(object -> object.path("kind").asText().equals(kind)).findFirst().orElseThrow();
    }

    @Test
    void thePodIsAskedOnItsManagementPortStopsInTimeAndMayDoLittle() throws IOException {
        JsonNode pod = manifest("StatefulSet").at("/spec/template/spec");
        JsonNode container = pod.at("/containers/0");
        Map<String, Integer> ports = elements(container.path("ports")).collect(Collectors.toMap(port -> port.path("name").asText(), port -> port.path("containerPort").asInt()));
        assertThat(ports).isEqualTo(Map.of("http", Integer.valueOf(defaults.get("camel.server.port")), "management", Integer.valueOf(defaults.get("camel.management.port"))));
        Map.of("startupProbe", "started", "livenessProbe", "live", "readinessProbe", "ready").forEach((probe, path) -> {
            assertThat(container.at("/" + probe + "/httpGet/path").asText()).isEqualTo(defaults.get("camel.management.healthPath") + '/' + path);
            assertThat(container.at("/" + probe + "/httpGet/port").asText()).isEqualTo("management");
        });
        assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isGreaterThan(shutdownSeconds());
        assertThat(pod.path("enableServiceLinks").asBoolean(true)).as("no variables of services between ours").isFalse();
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean() && container.at("/securityContext/readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(container.at("/securityContext/capabilities/drop/0").asText()).isEqualTo("ALL");
        assertThat(pod.at("/securityContext/runAsUser").asText() + ':' + pod.at("/securityContext/runAsGroup").asText()).isEqualTo(only(instructions(), "USER"));
        assertThat(container.at("/resources/limits/memory").asText()).isEqualTo(container.at("/resources/requests/memory").asText()).isNotEmpty();
        isPinned(container.path("image").asText());
    }

    @Test
    void itsFoldersAreOnADiskThatStaysAndItsSecretsInNoFile() throws IOException {
        JsonNode set = manifest("StatefulSet");
        JsonNode container = set.at("/spec/template/spec/containers/0");
        Map<String, String> mounts = elements(container.path("volumeMounts")).collect(Collectors.toMap(mount -> mount.path("mountPath").asText(), mount -> mount.path("name").asText()));
        execForm(only(instructions(), "VOLUME")).forEach(folder -> assertThat(mounts).containsEntry(folder, set.at("/spec/volumeClaimTemplates/0/metadata/name").asText()));
        assertThat(set.at("/spec/persistentVolumeClaimRetentionPolicy/whenDeleted").asText()).isEqualTo("Retain");
        assertThat(yaml(KUBERNETES)).noneMatch(object -> object.path("kind").asText().equals("Secret"));
        assertThat(elements(container.path("envFrom"))).anyMatch(source -> source.has("secretRef"));
        JsonNode data = manifest("ConfigMap").path("data");
        everyVariableIsASetting(data.properties().stream().map(Map.Entry::getKey));
        assertThat(data.properties().stream().map(variable -> setting(variable.getKey()))).noneMatch(Setting::secret);
    }

    @Test
    void everySelectorFindsThePodAndManagementIsNotForEverybody() throws IOException {
        JsonNode labels = manifest("StatefulSet").at("/spec/template/metadata/labels");
        assertThat(yaml(KUBERNETES).stream().flatMap(object -> Stream.of("/spec/selector/matchLabels", "/spec/podSelector/matchLabels", "/spec/selector").map(object::at))
                .filter(selector -> selector.properties().stream().anyMatch(entry -> entry.getValue().isTextual()))).hasSize(5).containsOnly(labels);
        JsonNode rules = manifest("NetworkPolicy").at("/spec/ingress");
        assertThat(elements(rules).filter(rule -> elements(rule.path("ports")).anyMatch(port -> port.path("port").asText().equals("management"))))
                .singleElement().satisfies(rule -> assertThat(rule.path("from")).isNotEmpty());
        assertThat(manifest("PodDisruptionBudget").at("/spec/maxUnavailable").asInt()).isEqualTo(1);
    }

    // ---- systemd

    private static Map<String, List<String>> unit() throws IOException {
        return read(UNIT).lines().filter(line -> line.matches("[A-Z]\\w+=.*")).map(line -> line.split("=", 2))
                .collect(Collectors.groupingBy(one -> one[0], Collectors.mapping(one -> one[1], Collectors.toList())));
    }

    @Test
    void theUnitStopsInTimeRestartsWhatARestartHelpsAndKeepsItsFolders() throws IOException {
        Map<String, List<String>> unit = unit();
        everyVariableIsASetting(unit.get("Environment").stream().map(variable -> variable.split("=")[0]));
        assertThat(unit.get("Environment")).allMatch(variable -> variable.contains("=/var/lib/" + unit.get("StateDirectory").get(0) + '/'));
        assertThat(Integer.parseInt(unit.get("TimeoutStopSec").get(0))).isGreaterThan(shutdownSeconds());
        assertThat(unit.get("Restart")).containsExactly("on-failure");
        assertThat(unit.get("RestartPreventExitStatus")).as("a wrong configuration (StartFailure.code)").containsExactly("1");
        assertThat(unit.get("EnvironmentFile")).singleElement().asString().startsWith("/etc/");
        assertThat(unit.get("DynamicUser")).containsExactly("yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify --man=no", "security --offline=true --threshold=25"})
    void systemdFindsNothingWrong(String command, @TempDir Path directory) throws Exception {
        assumeTrue(Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, "systemd-analyze"))), "no systemd-analyze here");
        // verify wants the program to be there, and Java is not in one place everywhere
        Path file = Files.writeString(directory.resolve("whatsapp-cloud-routes.service"),
                read(UNIT).replace("ExecStart=/usr/bin/java", "ExecStart=" + System.getProperty("java.home") + "/bin/java"));
        Process process = new ProcessBuilder(Stream.concat(Stream.concat(Stream.of("systemd-analyze"), Arrays.stream(command.split(" "))), Stream.of(file.toString())).toList())
                .redirectErrorStream(true).redirectOutput(directory.resolve("out").toFile()).start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(directory.resolve("out"))).isZero();
    }

    // ---- the rest

    @Test
    void componentsAreFetchedForTheGatewaysCamel() throws IOException {
        Pattern version = Pattern.compile("<camel.version>([^<]+)</camel.version>");
        Matcher gateways = version.matcher(Files.readString(Path.of("pom.xml")));
        assertThat(gateways.find()).isTrue();
        assertThat(read("ext/pom.xml")).contains("<camel.version>" + gateways.group(1) + "</camel.version>");
    }

    @Test
    void whatTheGatewayHasItselfIsNotFetchedASecondTime() throws IOException {
        String artifacts = excluded("excludeArtifactIds", read("ext/pom.xml"));
        String classPath = System.getProperty("java.class.path");
        assertThat(artifacts.split(",")).contains("camel-api").allSatisfy(artifact ->
                // commons-logging has the same classes as Spring's
                assertThat(classPath).contains('/' + (artifact.equals("spring-jcl") ? "commons-logging" : artifact) + '-'));
        assertThat(excluded("excludeGroupIds", read("ext/pom.xml")).split(",")).contains("com.fasterxml.jackson.core", "org.slf4j");
        String recipes = Files.readString(Path.of("examples/recipes/pom.xml"));
        for (String list : List.of("excludeArtifactIds", "excludeGroupIds")) {
            assertThat(excluded(list, recipes)).as(list).isEqualTo(excluded(list, read("ext/pom.xml")));
        }
    }

    private static String excluded(String list, String pom) {
        return Pattern.compile("<" + list + ">([^<]+)</" + list + ">").matcher(pom).results().findFirst().map(found -> found.group(1)).orElseThrow();
    }

    @Test
    void theOtherFilesAreYamlAndTheGuideNamesAllOfThem() throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(DEPLOY)) {
            files = walk.filter(Files::isRegularFile).filter(file -> !file.endsWith(".env")).toList();
        }
        assertThat(files).isNotEmpty().filteredOn(file -> file.toString().matches(".*\\.ya?ml"))
                .allSatisfy(file -> assertThatCode(() -> yaml(DEPLOY.relativize(file).toString())).doesNotThrowAnyException());
        String guide = Files.readString(Path.of("docs/deploy.md"));
        // a folder's files by the folder
        assertThat(files).allMatch(file -> Stream.iterate(file, parent -> parent != null && !parent.equals(DEPLOY), Path::getParent).anyMatch(part -> guide.contains("../" + part + ")")
                || guide.contains("../" + part + "/)")));
    }
}
