package org.finitentk.internal.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.finitentk.internal.util.NativeFolder;
import org.jspecify.annotations.Nullable;

/**
 * The process's one ONNX Runtime environment.
 *
 * <p>It is created on a thread with a large stack: ONNX Runtime's start-up has been seen to copy the command line onto
 * the stack of the calling thread and to kill the JVM when a class path was longer than about 4 kB (release 1.29.0 on
 * Linux). Telemetry is switched off before any session exists.
 */
final class OrtRuntime {
    private static final Logger LOG = Logger.getLogger(OrtRuntime.class.getName());
    private static final long STACK_BYTES = 64L << 20;
    /** ONNX Runtime and its interface for Java, unpacked. */
    private static final long LIBRARY_BYTES = 32L << 20;

    private static @Nullable OrtEnvironment environment;

    private OrtRuntime() {}

    /** The environment, created on the first call. It lives as long as the process. */
    static synchronized OrtEnvironment environment() {
        OrtEnvironment existing = environment;
        if (existing == null) {
            existing = create();
            environment = existing;
        }
        return existing;
    }

    /** Its own warning, with a stack trace, would come before our sentence. */
    private static OrtEnvironment create() {
        Logger loader = Logger.getLogger("ai.onnxruntime.OnnxRuntime");
        Level level = loader.getLevel();
        loader.setLevel(Level.OFF);
        try {
            return createOnLargeStack();
        } finally {
            loader.setLevel(level);
        }
    }

    private static OrtEnvironment createOnLargeStack() {
        AtomicReference<@Nullable OrtEnvironment> created = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        created.set(OrtEnvironment.getEnvironment());
                    } catch (Exception | LinkageError e) {
                        failure.set(e);
                    }
                },
                "onnxruntime-start",
                STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        joinUninterruptibly(thread);
        OrtEnvironment result = created.get();
        if (result == null) {
            throw refused(failure.get());
        }
        switchTelemetryOff(result);
        return result;
    }

    private static IllegalStateException refused(@Nullable Throwable failure) {
        NativeFolder unpacking =
                new NativeFolder(Path.of(System.getProperty("java.io.tmpdir")), "-Djava.io.tmpdir", LIBRARY_BYTES);
        Throwable known = failure == null ? new IllegalStateException("no reason was given") : failure;
        return new IllegalStateException(unpacking.explain("ONNX Runtime's native library", known), known);
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void switchTelemetryOff(OrtEnvironment created) {
        try {
            created.setTelemetry(false);
        } catch (OrtException e) {
            LOG.log(
                    Level.WARNING,
                    "ONNX Runtime's telemetry could not be switched off; set ORT_DISABLE_TELEMETRY=1",
                    e);
        }
    }
}
