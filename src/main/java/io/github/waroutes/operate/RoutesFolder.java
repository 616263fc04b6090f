package io.github.waroutes.operate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.waroutes.setting.SettingsException;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.PropertiesComponent;

/**
 * {@code --routes DIR}: the routes in {@code DIR/*.camel.yaml} run beside ours and are taken up again when they are saved; settings come from
 * {@code DIR/application.properties} too.
 */
public final class RoutesFolder extends MainListenerSupport {

    private static final String OPTION = "--routes";
    private static final String PATTERN = "*.camel.yaml";
    /** For settings that name a file of the folder: {@code file:{{routes.directory}}/intents.yaml}. */
    private static final String DIRECTORY = "routes.directory";

    private final Path folder;

    private RoutesFolder(Path folder) {
        this.folder = folder;
    }

    /** Null: the arguments name none. */
    public static RoutesFolder of(String... args) {
        String named = null;
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals(OPTION)) {
                named = i + 1 < args.length ? args[i + 1] : "";
            } else if (args[i].startsWith(OPTION + '=')) {
                named = args[i].substring(OPTION.length() + 1);
            }
        }
        return named == null || named.isBlank() ? null : new RoutesFolder(Path.of(named.trim()));
    }

    /** The arguments without this one, which Camel Main has of the same name for something else. */
    public static String[] others(String... args) {
        List<String> others = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals(OPTION)) {
                i++;
            } else if (!args[i].startsWith(OPTION + '=')) {
                others.add(args[i]);
            }
        }
        return others.toArray(String[]::new);
    }

    /** @param others locations of property files, as Camel Main takes them: {@code false} for none; the folder's follows them */
    public String properties(String others) {
        return (others.equals("false") ? "" : others + ',') + "file:" + folder.resolve("application.properties") + ";optional=true";
    }

    /** @throws SettingsException if the folder is not there */
    @Override
    public void beforeConfigure(BaseMainSupport main) {
        if (!Files.isDirectory(folder)) {
            throw new SettingsException(List.of(OPTION + ' ' + folder + " is no folder: make it, or give the one that your routes are in."));
        }
        PropertiesComponent properties = main.getCamelContext().getPropertiesComponent();
        String before = main.getCamelContext().resolvePropertyPlaceholders("{{camel.main.routesIncludePattern}}");
        properties.addOverrideProperty("camel.main.routesIncludePattern", before + ",file:" + folder + '/' + PATTERN);
        properties.addOverrideProperty(DIRECTORY, folder.toString());
        properties.addOverrideProperty("camel.main.routesReloadEnabled", "true");
        properties.addOverrideProperty("camel.main.routesReloadDirectory", folder.toString());
        properties.addOverrideProperty("camel.main.routesReloadPattern", PATTERN);
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
