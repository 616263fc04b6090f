package io.github.waroutes.simulator.common;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.StartupListener;

/** A bean that runs something once Camel has started; as Camel's loader may build a bean twice, it may run twice. */
public abstract class AtStart implements CamelContextAware, StartupListener {

    private CamelContext context;
    private boolean ran;

    protected abstract void atStart(CamelContext started);

    @Override
    public final void onCamelContextStarted(CamelContext started, boolean alreadyStarted) {
        // Camel calls again when a route is added
        if (!ran || !alreadyStarted) {
            ran = true;
            atStart(started);
        }
    }

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
