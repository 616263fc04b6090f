package io.github.waroutes.message;

/**
 * One thing that is wrong with an outgoing message.
 *
 * @param check the id of the check that found it, as in {@code text-length}
 * @param field the path of the field, as in {@code interactive.action.buttons[0].reply.title}; it holds names of the API only
 * @param rule  what the field must be, to be read after the field's name; without any value of the message
 */
public record MessageProblem(String check, String field, String rule) {

    @Override
    public String toString() {
        return field + ' ' + rule;
    }
}
