package io.github.waroutes.operate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.setting.Setting;
import io.github.waroutes.setting.Settings;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;

/** The gateway's settings as they are in force, without secrets. What a number has of its own is not among them. */
public class Configuration {

    private static final String HIDDEN = "***";

    /** One object a setting: {@code name}, {@code value}, and {@code default}: true if it is not set. Of a secret only whether it is set. */
    public List<Map<String, Object>> settings(Exchange exchange) {
        CamelContext context = exchange.getContext();
        List<Map<String, Object>> all = new ArrayList<>();
        Settings.load().all().forEach(setting -> all.add(view(setting, context.resolvePropertyPlaceholders("{{?" + setting.name() + "}}"))));
        return all;
    }

    private static Map<String, Object> view(Setting setting, String given) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", setting.name());
        String value = given != null ? given.strip() : setting.defaultValue() == null ? "" : setting.defaultValue();
        view.put("value", setting.secret() && !value.isEmpty() ? HIDDEN : withoutPassword(value));
        if (given == null) {
            view.put("default", true);
        }
        return view;
    }

    /** Addresses of brokers, Redis and the like may hold a user and a password. */
    private static String withoutPassword(String value) {
        return value.replaceAll("//[^/@\\s]*@", "//" + HIDDEN + '@').replaceAll("(?i)(password|secret|token|key)=[^&;\\s]*", "$1=" + HIDDEN);
    }
}
