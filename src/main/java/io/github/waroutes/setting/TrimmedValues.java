package io.github.waroutes.setting;

import org.apache.camel.component.properties.DefaultPropertiesParser;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.component.properties.PropertiesLookup;

/**
 * Takes the white space around the values of our settings away, wherever they come from: a secret that is mounted as a file ends with a line
 * break, and so may a variable.
 */
public final class TrimmedValues extends DefaultPropertiesParser {

    public TrimmedValues(PropertiesComponent component) {
        super(component);
    }

    @Override
    public String parseProperty(String key, String value, PropertiesLookup properties) {
        return value != null && key.startsWith("whatsapp.") ? value.strip() : value;
    }
}
