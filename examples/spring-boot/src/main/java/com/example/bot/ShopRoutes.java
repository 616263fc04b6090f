package com.example.bot;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;

/** Answers texts: {@code whatsapp.on.text} names this route. */
@Component
public class ShopRoutes extends RouteBuilder {

    private final OpeningHours hours;

    public ShopRoutes(OpeningHours hours) {
        this.hours = hours;
    }

    @Override
    public void configure() {
        from("direct:shop-answer").routeId("shop-answer")
                .transform(simple("${body[text][body]}"))
                .bean(hours, "answer")
                .to("direct:whatsapp-reply");
    }
}
