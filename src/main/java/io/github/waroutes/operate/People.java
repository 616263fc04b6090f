package io.github.waroutes.operate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.waroutes.error.Masking;
import io.github.waroutes.handover.HandOvers;
import io.github.waroutes.number.NumberSettings;
import io.github.waroutes.optout.OptOuts;
import org.apache.camel.Exchange;

/** Whom the bot treats in another way than everybody: as lists, people masked unless the caller may see them. */
public class People {

    /** {@code total}, and {@code hand_overs}: {@code number}, {@code user}, {@code since}, {@code until}, {@code by}, {@code reason}. */
    public Map<String, Object> handOvers(Exchange exchange) {
        HandOvers handOvers = exchange.getContext().getRegistry().lookupByNameAndType("whatsappHandOvers", HandOvers.class);
        return page("hand_overs", handOvers.list(), exchange);
    }

    /** {@code total}, and {@code opt_outs}: {@code number}, {@code user}, {@code since}, {@code by}. */
    public Map<String, Object> optOuts(Exchange exchange) {
        OptOuts optOuts = exchange.getContext().getRegistry().lookupByNameAndType("whatsappOptOuts", OptOuts.class);
        return page("opt_outs", optOuts.list(), exchange);
    }

    private static Map<String, Object> page(String name, List<Map<String, Object>> all, Exchange exchange) {
        Map<String, String> query = ManagementRequest.query(exchange);
        int skip = ManagementRequest.number(query.get("skip"), "skip", 0, Integer.MAX_VALUE);
        int limit = ManagementRequest.number(query.get("limit"), "limit", 100, ManagementRequest.MOST);
        boolean unmasked = StoredMessages.isUnmasked(exchange);
        NumberSettings numbers = NumberSettings.in(exchange.getContext());
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("total", all.size());
        page.put(name, all.stream().skip(skip).limit(limit).map(one -> {
            Map<String, Object> shown = new LinkedHashMap<>(one);
            String number = numbers.registry().nameOf(String.valueOf(one.get("number")));
            shown.put("number", number == null ? NumberSettings.OTHER : number);
            shown.computeIfPresent("user", (key, user) -> unmasked ? user : Masking.user(user.toString()));
            return shown;
        }).toList());
        return page;
    }
}
