package io.github.waroutes.operate;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.Test;

class OurRoutesTest {

    private static RouteDefinition at(String location) {
        RouteDefinition route = new RouteDefinition();
        route.setLocation(location);
        return route;
    }

    @Test
    void aRouteIsOursByTheFileItStandsIn() {
        assertThat(OurRoutes.contain(at("classpath:routes/whatsapp/text.camel.yaml"))).isTrue();
        assertThat(OurRoutes.contain(at(OurRoutes.class.getResource("/routes/whatsapp/text.camel.yaml").toString()))).isTrue();
        assertThat(OurRoutes.contain(at(OurRoutes.class.getResource("/routes/whatsapp/text.camel.yaml").getPath()))).isTrue();
    }

    @Test
    void aUsersFileInPlaceOfOursIsTheUsers() {
        assertThat(OurRoutes.contain(at("file:my-routes/text.camel.yaml"))).isFalse();
        assertThat(OurRoutes.contain(at("file:routes/whatsapp/text.camel.yaml"))).isFalse();
        assertThat(OurRoutes.contain(at("classpath:routes/whatsapp/mine.camel.yaml"))).isFalse();
        assertThat(OurRoutes.contain(at("com.example.MyRoutes:12"))).isFalse();
        assertThat(OurRoutes.contain(at(null))).isFalse();
    }
}
