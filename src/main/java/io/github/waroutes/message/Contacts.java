package io.github.waroutes.message;

import java.util.function.Consumer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Entries for the user's address book. Each method but {@link #and} speaks of the entry that was added last. */
public final class Contacts extends OutboundMessage<Contacts> {

    private Contacts(ObjectNode json) {
        super(json);
    }

    /** The first entry: the name as it is shown, and its first name, of which Meta wants one part at least. */
    public static Contacts of(String formattedName, String firstName) {
        ObjectNode json = ofType("contacts");
        json.putArray("contacts");
        return new Contacts(json).and(formattedName, firstName);
    }

    /** One more entry. */
    public Contacts and(String formattedName, String firstName) {
        return with(message -> message.withArrayProperty("contacts").addObject().putObject("name")
                .put("formatted_name", formattedName).put("first_name", firstName));
    }

    public Contacts lastName(String lastName) {
        return last(contact -> contact.withObjectProperty("name").put("last_name", lastName));
    }

    /** @param type as in {@code CELL}, {@code MAIN}, {@code HOME}, {@code WORK} */
    public Contacts phone(String phone, String type) {
        return last(contact -> contact.withArrayProperty("phones").addObject().put("phone", phone).put("type", type));
    }

    /** @param whatsAppId the number's {@code wa_id}, with which the user can begin to write to it */
    public Contacts phone(String phone, String type, String whatsAppId) {
        return last(contact -> contact.withArrayProperty("phones").addObject().put("phone", phone).put("type", type)
                .put("wa_id", whatsAppId));
    }

    public Contacts email(String email, String type) {
        return last(contact -> contact.withArrayProperty("emails").addObject().put("email", email).put("type", type));
    }

    public Contacts url(String url, String type) {
        return last(contact -> contact.withArrayProperty("urls").addObject().put("url", url).put("type", type));
    }

    public Contacts organization(String company, String department, String title) {
        return last(contact -> contact.putObject("org").put("company", company).put("department", department).put("title", title));
    }

    private Contacts last(Consumer<ObjectNode> change) {
        return with(message -> {
            ArrayNode contacts = message.withArrayProperty("contacts");
            change.accept((ObjectNode) contacts.get(contacts.size() - 1));
        });
    }

    @Override
    Contacts copy(ObjectNode changed) {
        return new Contacts(changed);
    }
}
