package io.github.waroutes.error;

import java.util.Map;

/** A template cannot be sent, or not with these parameters. */
public class WhatsAppTemplateException extends WhatsAppException {

    private final String templateName;

    public WhatsAppTemplateException(ErrorDetails details, String templateName) {
        super(details);
        this.templateName = templateName;
    }

    /** The template's name, null if it is not known here, as in an error that came by webhook. */
    public String getTemplateName() {
        return templateName;
    }

    @Override
    protected void addTo(Map<String, Object> map) {
        map.put("template_name", templateName);
    }
}
