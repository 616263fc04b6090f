package io.github.waroutes.media;

import java.time.Duration;
import java.util.Set;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;

/** In this process; a restart forgets them. */
class LocalMediaIds implements MediaIds {

    private final Cache<String, String> ids;

    /** @param size beyond it those used least are forgotten */
    LocalMediaIds(Duration timeToLive, int size, Ticker ticker) {
        if (size < 0) {
            throw new IllegalArgumentException("whatsapp.upload.remember is " + size + ". Give 0 or more.");
        }
        ids = Caffeine.newBuilder().expireAfterWrite(timeToLive).maximumSize(size).ticker(ticker).executor(Runnable::run).build();
    }

    @Override
    public String find(String content) {
        return ids.getIfPresent(content);
    }

    @Override
    public void remember(String content, String mediaId) {
        ids.put(content, mediaId);
    }

    @Override
    public void forget(String mediaId) {
        ids.asMap().values().removeAll(Set.of(mediaId));
    }
}
