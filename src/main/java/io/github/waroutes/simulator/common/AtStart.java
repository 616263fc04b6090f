package io.github.waroutes.simulator.common;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.StartupListener;

/** A bean with something to do once Camel has started. Camel's loader may build a bean twice; it may then be done twice. */
public abstract class AtStart implements CamelContextAware, StartupListener {

    private CamelContext context;

    @Override
    public final void setCamelContext(CamelContext context) {
        this.context = context;
        try {
            context.addStartupListener(this);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public final CamelContext getCamelContext() {
        return context;
    }
}
