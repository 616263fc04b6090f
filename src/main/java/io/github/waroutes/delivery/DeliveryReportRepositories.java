package io.github.waroutes.delivery;

import io.github.waroutes.state.HeapShare;
import io.github.waroutes.state.RedisConnection;
import org.apache.camel.processor.aggregate.AggregateController;
import org.apache.camel.spi.AggregationRepository;

/** Makes the repository of delivery reports that are not complete: in this process, or in Redis. */
public final class DeliveryReportRepositories {

    private DeliveryReportRepositories() {
    }

    /**
     * @param url    the address of Redis; empty: in this process
     * @param prefix before the names of the maps in Redis; nodes that share a number share it
     * @param size   how many reports this process collects when there is no Redis; 0: by the heap
     * @param control of the aggregator that is given the repository
     */
    public static AggregationRepository create(String url, String prefix, int size, AggregateController control) {
        RedisConnection.requireLibraries(url);
        return url == null || url.isBlank()
                ? new LocalDeliveryReports(Math.toIntExact(HeapShare.entries(size, 20_000, "whatsapp.delivery-report.size")), control)
                : new RedisDeliveryReports(prefix);
    }
}
