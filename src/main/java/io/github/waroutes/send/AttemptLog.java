package io.github.waroutes.send;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.IOCompletion;
import org.apache.activemq.artemis.core.journal.LoaderCallback;
import org.apache.activemq.artemis.core.journal.EncodingSupport;
import org.apache.activemq.artemis.core.journal.PreparedTransactionInfo;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.journal.impl.dataformat.ByteArrayEncoding;

/**
 * Records of an id and a text on disk, in a directory that one process uses: Artemis' own journal, which groups writes into one sync, discards
 * torn records and compacts its files. Safe for concurrent use; records are written in the order of the calls. After a failed write no other
 * is accepted, and the log must be opened and read again.
 * <p>
 * Source: Artemis user manual, "Persistence".
 */
final class AttemptLog implements AutoCloseable {

    private static final byte TYPE = 1;
    private static final int FILE_BYTES = 2 << 20;
    private static final int BUFFER_BYTES = 128 << 10;
    /** How long a sync may wait for more writes. */
    private static final int BUFFER_NANOS = 1_000_000;
    private static final int MIN_FILES = 2;
    private static final int POOLED_FILES = 10;
    private static final int COMPACT_FILES = 10;
    private static final int COMPACT_PERCENT = 30;

    private final FileChannel lockFile;
    private final FileLock lock;
    private final JournalImpl journal;
    private volatile String failure;

    /** Receives the records on disk, in the order in which they were written. */
    interface Reader {
        void put(long id, String text);

        void delete(long id);
    }

    /** @throws IOException if the directory cannot be used, or another process uses it */
    AttemptLog(Path directory, Reader reader) throws IOException {
        Files.createDirectories(directory);
        lockFile = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock = lock(lockFile);
        journal = new JournalImpl(FILE_BYTES, MIN_FILES, POOLED_FILES, COMPACT_FILES, COMPACT_PERCENT,
                new NIOSequentialFileFactory(directory.toFile(), true, BUFFER_BYTES, BUFFER_NANOS, 1, false,
                        (why, message, file) -> failed(why.getClass().getSimpleName()), null),
                "attempts", "log", 1);
        try {
            journal.start();
            journal.load(new Loader(reader));
        } catch (Exception e) {
            close();
            throw e instanceof IOException io ? io : new IOException(e);
        }
    }

    private static FileLock lock(FileChannel file) throws IOException {
        FileLock lock = null;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            // held by another instance in this process
        }
        if (lock == null) {
            file.close();
            throw new IOException("another process uses it");
        }
        return lock;
    }

    private static EncodingSupport bytes(String text) {
        return new ByteArrayEncoding(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a record under an id that was never used. */
    Write add(long id, String text) throws IOException {
        return append(write -> journal.appendAddRecord(id, TYPE, bytes(text), true, write));
    }

    /** Replaces the text of a record. */
    Write update(long id, String text) throws IOException {
        return append(write -> journal.tryAppendUpdateRecord(id, TYPE, bytes(text), true, false, null, write));
    }

    /** @param sync whether to ask for a sync; otherwise it is written with the next one */
    Write delete(long id, boolean sync) throws IOException {
        return append(write -> journal.tryAppendDeleteRecord(id, sync, null, write));
    }

    private interface Append {
        void to(Write write) throws Exception;
    }

    private Write append(Append append) throws IOException {
        if (failure != null) {
            throw new IOException(failure);
        }
        Write write = new Write();
        try {
            append.to(write);
        } catch (Exception e) {
            failed(e.getClass().getSimpleName());
            throw new IOException(failure, e);
        }
        return write;
    }

    private void failed(String why) {
        failure = why;
    }

    /** Whether a write has failed, so that the log must be opened and read again. */
    boolean isBroken() {
        return failure != null;
    }

    @Override
    public void close() throws IOException {
        failed("closed");
        try {
            journal.stop();
        } finally {
            lock.close();
            lockFile.close();
        }
    }

    /** A write that is under way. */
    final class Write implements IOCompletion {

        private final CountDownLatch written = new CountDownLatch(1);
        private volatile boolean isWritten;

        /** Waits until it is on disk. */
        void await() throws IOException {
            try {
                // when the write of a whole group fails only the journal's listener is called, not the completions
                while (!written.await(100, TimeUnit.MILLISECONDS)) {
                    if (failure != null && !written.await(1, TimeUnit.SECONDS)) {
                        throw new IOException(failure);
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            if (!isWritten) {
                throw new IOException(failure);
            }
        }

        @Override
        public void done() {
            isWritten = true;
            written.countDown();
        }

        @Override
        public void onError(int code, String message) {
            failed("error " + code);
            written.countDown();
        }

        @Override
        public void storeLineUp() {
            // not needed
        }
    }

    private record Loader(Reader reader) implements LoaderCallback {

        @Override
        public void addRecord(RecordInfo record) {
            reader.put(record.id, new String(record.data, StandardCharsets.UTF_8));
        }

        @Override
        public void updateRecord(RecordInfo record) {
            addRecord(record);
        }

        @Override
        public void deleteRecord(long id) {
            reader.delete(id);
        }

        @Override
        public void addPreparedTransaction(PreparedTransactionInfo transaction) {
            // there are none
        }

        @Override
        public void failedTransaction(long id, List<RecordInfo> records, List<RecordInfo> deleted) {
            // there are none
        }
    }
}
