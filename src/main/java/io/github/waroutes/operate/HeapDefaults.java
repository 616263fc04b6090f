package io.github.waroutes.operate;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;

/**
 * Has the JVM give back heap that it no longer uses, where nothing was said about it on the command line: G1 lets the heap grow under load to a
 * quarter of the machine's memory, and by itself keeps it for good.
 * <p>
 * Sources: JEP 346, "Promptly Return Unused Committed Memory from G1"; the options are those that {@code java -XX:+PrintFlagsFinal} calls
 * manageable.
 */
public class HeapDefaults extends MainListenerSupport {

    private static final Map<String, String> OPTIONS = new LinkedHashMap<>();

    static {
        // a collection beside the work, if there was none for this long, in milliseconds
        OPTIONS.put("G1PeriodicGCInterval", "60000");
        // of the heap after a collection, percent; the lesser bound first, as it may not be above the greater one
        OPTIONS.put("MinHeapFreeRatio", "20");
        OPTIONS.put("MaxHeapFreeRatio", "40");
    }

    @Override
    public void beforeInitialize(BaseMainSupport main) {
        set();
    }

    static void set() {
        HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (jvm != null) {
            OPTIONS.forEach((name, value) -> set(jvm, name, value));
        }
    }

    private static void set(HotSpotDiagnosticMXBean jvm, String name, String value) {
        try {
            VMOption option = jvm.getVMOption(name);
            if (option.isWriteable() && option.getOrigin() == VMOption.Origin.DEFAULT) {
                jvm.setVMOption(name, value);
            }
        } catch (IllegalArgumentException e) {
            // another JVM, or other bounds on the command line: it stays as it is
        }
    }
}
