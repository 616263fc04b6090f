package io.github.waroutes.simulator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadPlanTest {

    private static LoadPlan read(String json) {
        try {
            return LoadPlan.read(new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsNotSaidHasADefault() {
        LoadPlan plan = read("{'users':100,'per_second':0.5,'seconds':60}");

        assertThat(plan.perSecond()).isEqualTo(0.5);
        assertThat(plan.rampSeconds()).isZero();
        assertThat(plan.voiceShare()).isZero();
        assertThat(plan.exact()).isTrue();
        assertThat(plan.drainSeconds()).isEqualTo(30);
        assertThat(plan.settleSeconds()).isEqualTo(3);
        assertThat(plan.faults()).isEmpty();
    }

    @Test
    void everythingElseIsTakenAsItIsSaid() {
        LoadPlan plan = read("{'users':1,'per_second':20,'seconds':2,'ramp_seconds':3,'seed':-4,'voice_share':0.5,'answer':'any',"
                + "'drain_seconds':5,'settle_seconds':0,'faults':[{'fault':'cut'}]}");

        assertThat(plan.rampSeconds()).isEqualTo(3);
        assertThat(plan.seed()).isEqualTo(-4);
        assertThat(plan.voiceShare()).isEqualTo(0.5);
        assertThat(plan.exact()).isFalse();
        assertThat(plan.drainSeconds()).isEqualTo(5);
        assertThat(plan.settleSeconds()).isZero();
        assertThat(plan.faults()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'users':1,'per_second':1}|seconds must be a whole number from 1",
        "{'users':0,'per_second':1,'seconds':1}|users must be a whole number from 1 to 100000",
        "{'users':'9','per_second':1,'seconds':1}|users",
        "{'users':1,'per_second':0,'seconds':1}|per_second must be a number above 0",
        "{'users':1,'per_second':'50','seconds':1}|per_second",
        "{'users':1,'per_second':1,'seconds':1.5}|seconds",
        "{'users':1,'per_second':0.1,'seconds':1}|messages",
        "{'users':1,'per_second':10000,'seconds':600000}|messages",
        "{'users':1,'per_second':1,'seconds':1,'voice_share':1.1}|voice_share must be a number from 0 to 1",
        "{'users':1,'per_second':1,'seconds':1,'answer':'some'}|answer must be",
        "{'users':1,'per_second':1,'seconds':1,'seed':1.5}|seed must be a whole number",
        "{'users':1,'per_second':1,'seconds':1,'drain_seconds':0}|drain_seconds",
        "{'users':1,'per_second':1,'seconds':1,'faults':{'fault':'cut'}}|faults must be a list",
        "{'users':1,'per_second':1,'seconds':1,'faults':['cut']}|faults must be a list",
        "{'users':1,'per_second':1,'seconds':1,'rate':1}|nothing else",
    })
    void whatIsWrongIsNamed(String json, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(json)).withMessageContaining(message);
    }
}
