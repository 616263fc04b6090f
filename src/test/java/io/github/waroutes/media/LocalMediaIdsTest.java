package io.github.waroutes.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.github.waroutes.state.RedisConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalMediaIdsTest extends MediaIdsContract {

    private AtomicLong now;

    @Override
    MediaIds ids() {
        now = new AtomicLong();
        return new LocalMediaIds(TIME_TO_LIVE, 100, now::get);
    }

    @Override
    void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void noMoreThanItsSizeIsRemembered() {
        MediaIds three = new LocalMediaIds(TIME_TO_LIVE, 3, System::nanoTime);
        IntStream.range(0, 50).forEach(i -> three.remember("content-" + i, "id-" + i));
        assertThat(IntStream.range(0, 50).filter(i -> three.find("content-" + i) != null).count()).isLessThanOrEqualTo(3);
    }

    @Test
    void aSizeOfZeroRemembersNothing() throws Exception {
        UploadedMedia none = UploadedMedia.create(new RedisConnection(), 0, 29);
        assertThat(none.claim(upload("h"))).isNull();
        none.keep(upload("h"), "1");
        assertThat(none.claim(upload("h"))).isNull();
    }

    @Test
    void aMemoryThatDoesNotAnswerCostsAnUploadAndNothingElse() throws Exception {
        UploadedMedia uploaded = new UploadedMedia(new MediaIds() {
            @Override
            public String find(String content) {
                throw new IllegalStateException("made up");
            }

            @Override
            public void remember(String content, String mediaId) {
                throw new IllegalStateException("made up");
            }

            @Override
            public void forget(String mediaId) {
                throw new IllegalStateException("made up");
            }
        }, Duration.ofSeconds(1));
        assertThat(uploaded.claim(upload("h"))).isNull();
        uploaded.keep(upload("h"), "1");
        uploaded.forget("1");
        assertThat(uploaded.claim(upload("h"))).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, -1})
    void daysThatMetaDoesNotKeepAFileAreRefused(int days) {
        assertThatIllegalArgumentException().isThrownBy(() -> UploadedMedia.create(new RedisConnection(), 10, days))
                .withMessageContaining("whatsapp.upload.remember-days").withMessageContaining("give 1 to 30");
    }

    @Test
    void aNegativeSizeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> UploadedMedia.create(new RedisConnection(), -1, 29))
                .withMessageContaining("whatsapp.upload.remember");
    }
}
