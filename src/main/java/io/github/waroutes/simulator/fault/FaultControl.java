package io.github.waroutes.simulator.fault;

import io.github.waroutes.simulator.common.ControlRequest;
import org.apache.camel.Body;
import org.apache.camel.Header;

/** The control API of the faults. */
public class FaultControl {

    private final FaultPlan faults;

    public FaultControl(FaultPlan faults) {
        this.faults = faults;
    }

    /** {@code POST /simulator/faults}; the answer is the fault. */
    public String add(@Header("Content-Type") String contentType, @Body byte[] body) {
        return faults.add(ControlRequest.object(contentType, body, "{\"fault\":\"graph-error\",\"code\":131056}")).toString();
    }

    /** {@code GET /simulator/faults}. */
    public String list() {
        return faults.list().toString();
    }

    /** {@code DELETE /simulator/faults}. */
    public String clear() {
        faults.clear();
        return "{\"success\":true}";
    }
}
