package io.github.waroutes.simulator.cloud;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.waroutes.simulator.cloud.Quota.Use;
import io.github.waroutes.simulator.common.SimulatedNumber;
import io.github.waroutes.simulator.common.SimulatedNumbers;
import org.apache.camel.ExchangeProperty;

/**
 * The budget of management calls and the headers that report it: {@code X-App-Usage} and {@code X-Business-Use-Case-Usage}, in
 * percent and minutes. Source: Graph API, "Rate limits".
 */
public class Usage {

    private static final int CODE = 80007;
    private static final String APP = "app ";

    private final GraphErrors errors = new GraphErrors();
    private final Quota quota;
    private boolean limits;
    private int callsPerHour = 5000;

    public Usage(Quota quota) {
        this.quota = quota;
    }

    /** Whether Meta's limits are enforced. */
    public void setLimits(boolean limits) {
        this.limits = limits;
    }

    /** How many calls are allowed in an hour. */
    public void setCallsPerHour(int callsPerHour) {
        if (callsPerHour < 1) {
            throw new IllegalArgumentException("whatsapp.simulator.calls-per-hour is " + callsPerHour + ". Set 1 or more.");
        }
        this.callsPerHour = callsPerHour;
    }

    /** Counts a management call. */
    public void count(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        Use use = quota.of(number.accountKey()).count(limits ? callsPerHour : Integer.MAX_VALUE);
        if (use.regain() > 0) {
            throw errors.refusal(CODE).withUsage(account(number, use));
        }
        quota.of(APP + number.app()).count(Integer.MAX_VALUE);
    }

    /** The value of {@code X-App-Usage}: {@code {"call_count","total_time","total_cputime"}}. */
    public String app(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return percents(quota.of(APP + number.app()).use(callsPerHour)).toString();
    }

    /**
     * The value of {@code X-Business-Use-Case-Usage}:
     * {@code {"<account>":[{"type","call_count","total_cputime","total_time","estimated_time_to_regain_access"}]}}.
     */
    public String account(@ExchangeProperty(SimulatedNumbers.NUMBER) SimulatedNumber number) {
        return account(number, quota.of(number.accountKey()).use(callsPerHour));
    }

    private String account(SimulatedNumber number, Use use) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray(number.accountId()).add(percents(use).put("type", "whatsapp_business_management")
                .put("estimated_time_to_regain_access", limits ? use.regain() : 0));
        return json.toString();
    }

    private ObjectNode percents(Use use) {
        // without limits the budget must not look used up, as clients that respect these headers would wait
        int percent = (int) Math.min(limits ? 100 : 50, use.calls() * 100L / callsPerHour);
        return JsonNodeFactory.instance.objectNode().put("call_count", percent).put("total_time", percent)
                .put("total_cputime", percent);
    }
}
